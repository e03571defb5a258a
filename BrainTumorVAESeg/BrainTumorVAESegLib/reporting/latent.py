"""One figure of decoded images: a slice of each, sequences in rows or in groups of columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .figures import write_figure
from .tiles import Row, Tile, draw_tiles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DARK, _BRIGHT = -0.5, 1.0
"""A row's window is at least as wide, z-scores, so that images of nothing stay gray."""
_LARGEST_RESIDUAL = 3.0
_NOTE = "R on the left. Each row in its own window of z-scores. Research use only."


@dataclass(frozen=True)
class Strip:
    """Pictures side by side: slices (n, y, x) of LPS-oriented images, z-scores, under captions where there are any.

    signed: differences, shown from blue (less) to red (more).
    """

    name: str
    slices: np.ndarray
    captions: Sequence[str] = ()
    signed: bool = False


def draw_strips(title: str, strips: Sequence[Strip], note: str = "", group: int = 0) -> Figure:
    """Return the strips below each other. group: a wider gap after every so many columns, 0 for none.

    Raises DependencyError without matplotlib.
    """
    rows = [Row(strip.name, [Tile(pixels) for pixels in _pixels(strip)], strip.captions) for strip in strips]
    return draw_tiles(title, rows, f"{note} {_NOTE}".strip(), group)


def write_strips(path: Path, title: str, strips: Sequence[Strip], note: str = "", group: int = 0) -> None:
    """Write the figure in the format of the path's ending; see `draw_strips`. Raises OutputError."""
    write_figure(draw_strips(title, strips, note, group), path)


def strips_by_sequence(names: Sequence[str], slices: np.ndarray, captions: Sequence[str]) -> list[Strip]:
    """Return a strip for each sequence of images, slices (n, sequences, y, x)."""
    return [Strip(name, slices[:, place], captions if place == 0 else ()) for place, name in enumerate(names)]


def strips_of_walk(
    names: Sequence[str], walked: np.ndarray, blended: np.ndarray, captions: Sequence[str]
) -> list[Strip]:
    """Return for each sequence a strip of the walk and one of the blend below it, slices (n, sequences, y, x) each."""
    strips = []
    for place, name in enumerate(names):
        strips.append(Strip(f"{name}, walk", walked[:, place], captions if place == 0 else ()))
        strips.append(Strip(f"{name}, blend", blended[:, place]))
    return strips


def strips_of_axes(
    axes: Sequence[int], names: Sequence[str], slices: np.ndarray, captions: Sequence[str]
) -> list[Strip]:
    """Return a strip for each axis, in it a group of offsets for each sequence; slices (axes, n, sequences, y, x)."""
    titles = [f"{name}, {caption}" for name in names for caption in captions]
    strips = []
    for number, (axis, images) in enumerate(zip(axes, slices, strict=True)):
        joined = images.swapaxes(0, 1).reshape(-1, *images.shape[2:])
        strips.append(Strip(f"axis {axis}", joined, titles if number == 0 else ()))
    return strips


def _pixels(strip: Strip) -> np.ndarray:
    """Return pictures in 0 to 1, gray (n, rows, columns) or in colors (n, rows, columns, 3)."""
    if strip.signed:
        from matplotlib import colormaps

        unit = np.clip(0.5 + strip.slices / (2 * _LARGEST_RESIDUAL), 0, 1)
        return np.asarray(colormaps["RdBu_r"](unit))[..., :3]
    low, high = (float(value) for value in np.percentile(strip.slices, (0.5, 99.8)))
    low, high = min(low, _DARK), max(high, _BRIGHT)
    return np.clip((strip.slices - low) / (high - low), 0, 1)
