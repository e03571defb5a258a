"""The figure of decoded images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="the extra [report] is not installed")

from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.reporting.figures import figure_pixels
from BrainTumorVAESegLib.reporting.latent import (
    Strip,
    draw_strips,
    strips_by_sequence,
    strips_of_axes,
    strips_of_walk,
    write_strips,
)


def slices(*shape: int) -> np.ndarray:
    """Arrays of 6x5 pixels, each with its own number."""
    count = int(np.prod(shape))
    return (np.arange(count, dtype=np.float32).reshape(*shape, 1, 1) + np.zeros((6, 5), np.float32)).astype(np.float32)


def numbers(strips: list[Strip]) -> list[list[float]]:
    return [strip.slices[:, 0, 0].tolist() for strip in strips]


def test_sequences_stand_in_rows_and_the_first_has_the_captions():
    strips = strips_by_sequence(["T1", "FLAIR"], slices(3, 2), ["1", "2", "3"])
    assert numbers(strips) == [[0, 2, 4], [1, 3, 5]]
    assert [strip.name for strip in strips] == ["T1", "FLAIR"] and [len(strip.captions) for strip in strips] == [3, 0]


def test_a_walk_and_its_blend_stand_below_each_other():
    strips = strips_of_walk(["T1", "T2"], slices(2, 2), slices(2, 2) + 10, ["A", "B"])
    assert numbers(strips) == [[0, 2], [10, 12], [1, 3], [11, 13]]
    assert [strip.name for strip in strips] == ["T1, walk", "T1, blend", "T2, walk", "T2, blend"]


def test_an_axis_is_a_row_with_a_group_of_offsets_for_each_sequence():
    strips = strips_of_axes([7, 9], ["T1", "T2"], slices(2, 3, 2), ["-", "0", "+"])
    assert numbers(strips) == [[0, 2, 4, 1, 3, 5], [6, 8, 10, 7, 9, 11]]
    assert strips[0].captions == ["T1, -", "T1, 0", "T1, +", "T2, -", "T2, 0", "T2, +"]
    assert [strip.name for strip in strips] == ["axis 7", "axis 9"]


def tile_of(strip: Strip) -> np.ndarray:
    """The pixels within a strip's only picture, which stands at the left."""
    pixels = figure_pixels(draw_strips("", [strip]))
    return pixels[pixels.shape[0] // 2, 100]


def test_one_picture_cuts_neither_title_nor_note():
    figure = draw_strips("BraTS2021_00005, given back from its code, as fast 0.4.0 does", [Strip("FLAIR", slices(1))])
    figure_pixels(figure)
    shown = [text for text in figure.axes[0].texts if text.get_text()]
    assert len(shown) > 2 and all(text.get_window_extent().x1 < figure.bbox.width for text in shown)


def test_images_of_nothing_stay_gray_and_differences_are_blue_below_and_red_above_0():
    gray = tile_of(Strip("", np.full((1, 6, 5), 0.01, np.float32)))
    assert gray.max() - gray.min() == 0 and 60 < gray[0] < 110
    red = tile_of(Strip("", np.full((1, 6, 5), 2.5, np.float32), signed=True))
    blue = tile_of(Strip("", np.full((1, 6, 5), -2.5, np.float32), signed=True))
    assert red[0] > red[2] + 60 and blue[2] > blue[0] + 60


def test_the_file_is_a_picture_or_nothing(tmp_path: Path):
    strips = strips_by_sequence(["T1"], slices(3, 1), ["1", "2", "3"])
    write_strips(tmp_path / "a.png", "title", strips)
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match=r"choose \.png"):
        write_strips(tmp_path / "a.gif1", "title", strips)
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
