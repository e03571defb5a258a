"""The figure of a result's maps."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="the extra [report] is not installed")

from BrainTumorVAESegLib.core.inspection import MAP_BY_KEY, DoubtfulSlice, Map
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.phantom.phantom import Phantom, PhantomSettings, make_phantom
from BrainTumorVAESegLib.reporting.figures import figure_pixels
from BrainTumorVAESegLib.reporting.maps import draw_maps, write_maps_figure


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(PhantomSettings(size=(64, 64, 48), spacing=3.0))


def a_map(key: str, phantom: Phantom, value: float) -> Map:
    kind, reference = MAP_BY_KEY[key], phantom.study.reference_volume
    array = np.where(reference.array != 0, np.float32(value), np.float32(0))
    return Map(kind, kind.low, kind.high, Volume(array, reference.geometry))


def slice_at(phantom: Phantom, index: int) -> DoubtfulSlice:
    x, y, z = (float(v) for v in (phantom.study.reference_volume.geometry.index_to_physical @ [9, 9, index, 1])[:3])
    return DoubtfulSlice(index, (x, y, z), 5, 0.5)


def test_there_is_a_row_for_each_slice_that_lies_apart_and_a_column_for_each_map(phantom):
    reference = phantom.study.reference_volume
    segmentation = Segmentation(phantom.labels, reference.geometry)
    most = int(np.count_nonzero(phantom.labels, axis=(1, 2)).argmax())
    maps = [a_map("residual-T1", phantom, 1.0)]
    sizes = [
        figure_pixels(draw_maps(reference, segmentation, chosen, doubtful)).shape
        for chosen, doubtful in (
            (maps, ()),
            (maps, [slice_at(phantom, most + 1), slice_at(phantom, most + 5)]),
            (maps * 5, ()),
        )
    ]
    assert sizes[1][0] > 1.4 * sizes[0][0] and sizes[1][1] == sizes[0][1]
    assert sizes[2][1] > sizes[0][1] and sizes[2][0] == sizes[0][0]


def test_a_map_is_shown_in_its_colors(phantom):
    reference = phantom.study.reference_volume
    empty = Segmentation(np.zeros_like(phantom.labels), reference.geometry)
    red, blue = (
        figure_pixels(draw_maps(reference, empty, [a_map("residual-T1", phantom, value)], ())) for value in (3.0, -3.0)
    )

    def reddish(pixels: np.ndarray) -> int:
        return int((pixels[..., 0] > pixels[..., 2].astype(int) + 40).sum())

    assert reddish(red) > 5 * reddish(blue)


def test_next_to_no_probability_over_the_brightest_image_is_drawn_without_a_complaint(phantom, caplog):
    reference = phantom.study.reference_volume
    bright = np.where(np.arange(reference.array.shape[2]) % 2, np.float32(9), np.float32(1)) * (reference.array != 0)
    empty = Segmentation(np.zeros_like(phantom.labels), reference.geometry)
    figure_pixels(draw_maps(Volume(bright, reference.geometry), empty, [a_map("probability-WT", phantom, 1e-9)], ()))
    assert caplog.messages == []


def test_the_figure_is_written_whole(phantom, tmp_path: Path):
    reference = phantom.study.reference_volume
    segmentation = Segmentation(phantom.labels, reference.geometry)
    write_maps_figure(reference, segmentation, [a_map("stage1", phantom, 2.0)], (), tmp_path / "a.png", "a title")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG") and len(list(tmp_path.iterdir())) == 1


def test_a_row_says_where_its_slice_lies_as_the_pictures_of_the_result_do(phantom):
    reference = phantom.study.reference_volume
    empty = Segmentation(np.zeros_like(phantom.labels), reference.geometry)
    figure = draw_maps(reference, empty, [a_map("residual-T1", phantom, 1.0)], ())
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert [text for text in texts if re.fullmatch(r"[SI] \d+ mm", text)]
