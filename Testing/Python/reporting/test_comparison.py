"""A case's segmentation beside its truth, as a picture."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="the extra [report] is not installed")

from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.phantom.phantom import Phantom, PhantomSettings, make_phantom
from BrainTumorVAESegLib.reporting import comparison
from BrainTumorVAESegLib.reporting.comparison import draw_comparison, write_comparison
from BrainTumorVAESegLib.reporting.tiles import Row

MISSED, FALSE, OTHER = ((0.25, 0.55, 1.0), (1.0, 0.25, 0.8), (1.0, 0.65, 0.2))


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(PhantomSettings(size=(64, 64, 48), spacing=3.0))


@pytest.fixture
def drawn(phantom, monkeypatch):
    """Draw a label map against the phantom's truth; give back the rows of tiles."""
    noted: list[list[Row]] = []

    def note(title, rows, note, legend):
        noted.append(rows)

    monkeypatch.setattr(comparison, "draw_tiles", note)

    def draw(labels: np.ndarray, truth: np.ndarray | None = None, anatomy: bool = True) -> list[Row]:
        segmentation = Segmentation(labels, phantom.study.reference_volume.geometry)
        draw_comparison(phantom.study, segmentation, phantom.labels if truth is None else truth, "a title", anatomy)
        return noted[-1]

    return draw


def colored(rows: list[Row], color: tuple[float, float, float]) -> int:
    """Count the pixels of the last column that bear a color, whatever shines through."""
    count = 0
    for row in rows:
        pixels = row.tiles[-1].pixels
        shade = (pixels - 0.65 * np.asarray(color)) / 0.35
        count += int(np.count_nonzero((np.ptp(shade, axis=-1) < 1e-6) & (np.ptp(pixels, axis=-1) > 0.1)))
    return count


def test_there_is_a_row_for_each_plane_with_images_truth_segmentation_and_difference(drawn, phantom):
    rows = drawn(phantom.labels)
    assert [row.name.split(",")[0] for row in rows] == ["axial", "coronal", "sagittal"]
    assert all(re.fullmatch(r"\w+, [LRAPSI] \d+ mm", row.name) for row in rows)
    assert [{tile.letters for tile in row.tiles} for row in rows] == [{("R", "L")}, {("R", "L")}, {("A", "P")}]
    assert rows[0].captions == ["T1ce", "FLAIR", "ground truth", "segmentation", "difference"]
    assert len({tile.pixels.shape[:2] for row in rows for tile in row.tiles}) == 1
    for row in rows:
        truth, mine = row.tiles[2].labels, row.tiles[3].labels
        assert truth.any(), "the slice goes through the tumor"
        np.testing.assert_array_equal(truth, mine)


def test_a_perfect_answer_differs_nowhere(drawn, phantom):
    rows = drawn(phantom.labels)
    assert not any(colored(rows, color) for color in (MISSED, FALSE, OTHER))


def test_what_is_missed_invented_or_of_another_label_is_told_apart(drawn, phantom):
    nothing = np.zeros_like(phantom.labels)
    rows = drawn(nothing)
    assert colored(rows, MISSED) and not colored(rows, FALSE) and not colored(rows, OTHER)
    rows = drawn(phantom.labels, truth=nothing)
    assert colored(rows, FALSE) and not colored(rows, MISSED) and not colored(rows, OTHER)
    rows = drawn(np.where(phantom.labels > 0, 4 - phantom.labels, 0).astype(np.uint8))
    assert colored(rows, OTHER) and not colored(rows, MISSED) and not colored(rows, FALSE)


def test_without_the_anatomy_no_image_is_shown(drawn, phantom):
    rows = drawn(np.zeros_like(phantom.labels), anatomy=False)
    assert rows[0].captions == ["ground truth", "segmentation", "difference"]
    for row in rows:
        assert len(np.unique(row.tiles[0].pixels)) == 2, "the brain and what lies outside, and no more"


def test_the_picture_is_written(phantom, tmp_path: Path):
    segmentation = Segmentation(phantom.labels, phantom.study.reference_volume.geometry)
    write_comparison(phantom.study, segmentation, phantom.labels, tmp_path / "case.png", "case")
    assert (tmp_path / "case.png").read_bytes()[:4] == b"\x89PNG"
