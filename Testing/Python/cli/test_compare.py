"""`braintumorvaeseg compare`: two stored results of one patient, in a table, a page and plain values."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jinja2", reason="the extra [report] is not installed")

from BrainTumorVAESegLib.core.rounding import as_written
from BrainTumorVAESegLib.images.reading import read_volume
from BrainTumorVAESegLib.images.writing import write_volume


@pytest.fixture
def later(command, case: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A later examination's images and its result's folder: its brain a tenth shorter."""
    folder, out = tmp_path / "later", tmp_path / "june"
    folder.mkdir()
    for path in case.glob("*_*.nii.gz"):
        if "_seg" not in path.name:
            volume = read_volume(path)
            array = volume.array.copy()
            array[:5] = 0
            write_volume(type(volume)(array, volume.geometry), folder / path.name)
    assert command("segment", folder, "--out", out, "--name", "PATIENT-1").code == 0
    return folder, out


def test_two_results_are_compared_in_words_page_and_values(command, case: Path, later, tmp_path: Path) -> None:
    folder, june = later
    march = tmp_path / "march"
    assert command("segment", case, "--out", march).code == 0
    images = ("--before-images", case, "--after-images", folder)
    outcome = command("compare", march, june, *images)
    assert outcome.code == 0, outcome.err
    values = json.loads((june / "PATIENT-1_compare.json").read_text())
    volume = values["volumes_ml"]["ED"]
    stored = [json.loads((each / "PATIENT-1.json").read_text())["volumes_ml"]["ED"] for each in (march, june)]
    assert [volume["before"], volume["after"]] == stored and volume["change"] == pytest.approx(stored[1] - stored[0])
    assert volume["percent"] == as_written(100 * (stored[1] / stored[0] - 1)) and -30 < volume["percent"] < 0
    row = ["ED", "Edema", "ml", f"{stored[0]:.1f}", f"{stored[1]:.1f}"]
    assert row in [line.split()[:5] for line in outcome.out.splitlines()]
    assert "The networks know no treated brain." in outcome.out and "treated" in values["use"]
    (doubt,) = values["warnings"]
    assert "Nothing in the images tells whether both examinations are of one patient" in doubt
    assert doubt.split(":")[0] in " ".join(outcome.out.split())
    assert "<svg" in (june / "PATIENT-1_compare.html").read_text("utf-8")
    again = command("compare", march, june, *images)
    assert again.code == 7 and "exists already; give --overwrite" in again.error


def test_what_cannot_be_compared_is_refused_in_a_line(command, case: Path, later, tmp_path: Path) -> None:
    folder, june = later
    outcome = command("compare", june, june)
    assert outcome.code == 3 and "was given twice; give results of two examinations." in outcome.error
    march = tmp_path / "march"
    command("segment", case, "--out", march)
    outcome = command("compare", march, june, "--before-images", folder, "--after-images", folder)
    assert outcome.code == 3 and "is not the image that PATIENT-1.json was made from" in outcome.error
    labels = read_volume(june / "PATIENT-1_seg.nii.gz")
    smaller = type(labels)(np.ascontiguousarray(labels.array[:-2]), labels.geometry.sub_grid(_box(labels.array[:-2])))
    write_volume(smaller, june / "PATIENT-1_seg.nii.gz")
    outcome = command("compare", march, june, "--before-images", case, "--after-images", folder)
    assert outcome.code == 3 and "its label map does not lie on the grid of its reference" in outcome.error


def _box(array: np.ndarray):
    from BrainTumorVAESegLib.core.boxes import Box

    return Box.at((0, 0, 0), array.shape)
