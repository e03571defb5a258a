"""Many small pictures of one size in rows and columns, each row and column with its name, as one figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.labels import LABELS
from .figures import draw_labels, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BACKGROUND, _INK, _FAINT = "black", "white", "0.7"
_DPI = 100
_TINT = 0.4
_WIDTH = 11.6
_LARGEST_TILE = 2.3
_LEFT, _RIGHT, _TOP, _ROOM_ABOVE, _BOTTOM, _GAP, _GROUP_GAP = 0.34, 0.1, 0.42, 0.27, 0.12, 0.04, 0.22
_TITLE_LETTER, _LETTER, _LEGEND = 0.095, 0.066, 4.8
"""Widths in inches: of a title's and a note's letter, and of the legend."""


@dataclass(frozen=True)
class Tile:
    """One picture: pixels (rows, columns), gray, or (rows, columns, 3), RGB, in 0 to 1.

    labels: drawn over it, (rows, columns). text: at its foot. letters: the patient's directions at its left and right.
    """

    pixels: np.ndarray
    labels: np.ndarray | None = None
    text: str = ""
    letters: tuple[str, str] | None = None


@dataclass(frozen=True)
class Row:
    """Pictures side by side, under their captions where it has any; name: written beside them."""

    name: str
    tiles: Sequence[Tile]
    captions: Sequence[str] = ()


def draw_tiles(title: str, rows: Sequence[Row], note: str = "", group: int = 0, legend: bool = False) -> Figure:
    """Return rows of equally many, equally large pictures on black.

    note: a line below. group: a wider gap after every so many columns, 0 for none. legend: name the labels' colors.
    """
    layout = _Layout.fit(rows, group, title, note, legend)
    width, height = layout.size
    figure = new_figure(layout.size, _DPI, _BACKGROUND)
    # One pair of axes in inches, from the upper left: a pair for each picture would take ten times as long.
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.text(_LEFT, 0.24, title, color=_INK, fontsize=12, va="center")
    for number, row in enumerate(rows):
        for column, tile in enumerate(row.tiles):
            left, top = layout.place(number, column)
            _draw_tile(axes, tile, left, top, layout.tile)
            if row.captions:
                x = left + layout.tile[0] / 2
                axes.text(x, top - 0.06, row.captions[column], color=_INK, fontsize=9.5, ha="center")
        middle = layout.place(number, 0)[1] + layout.tile[1] / 2
        axes.text(0.17, middle, row.name, color=_FAINT, fontsize=9, rotation=90, ha="center", va="center")
    axes.text(_LEFT, height - 0.2, note, color=_FAINT, fontsize=9, va="center")
    if legend:
        _write_legend(axes, layout)
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    return figure


def _draw_tile(axes: Axes, tile: Tile, left: float, top: float, size: tuple[float, float]) -> None:
    box = (left, left + size[0], top + size[1], top)
    pixels = np.clip(tile.pixels, 0, 1)
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=1, interpolation="bilinear", aspect="auto", extent=box)
    if tile.labels is not None:
        draw_labels(axes, tile.labels, _TINT, box)
    for letter, side, x in zip(tile.letters or (), ("left", "right"), (0.04, size[0] - 0.04), strict=False):
        axes.text(left + x, top + size[1] / 2, letter, color=_FAINT, fontsize=8, ha=side, va="center")
    if tile.text:
        behind = {"facecolor": _BACKGROUND, "alpha": 0.5, "linewidth": 0, "pad": 1.5}
        x, y = left + size[0] / 2, top + size[1] - 0.05
        axes.text(x, y, tile.text, color=_INK, fontsize=8, ha="center", va="bottom", bbox=behind)


@dataclass(frozen=True)
class _Layout:
    """Where the pictures stand, in inches from the figure's upper left.

    tile: their width and height. words: the width that title and note need.
    """

    rows: Sequence[Row]
    columns: int
    tile: tuple[float, float]
    group: int
    bottom: float
    words: float

    @classmethod
    def fit(cls, rows: Sequence[Row], group: int, title: str, note: str, legend: bool) -> _Layout:
        columns = len(rows[0].tiles)
        tall, wide = rows[0].tiles[0].pixels.shape[:2]
        gaps = (columns - 1) * _GAP + (_GROUP_GAP * ((columns - 1) // group) if group else 0)
        width = min((_WIDTH - _LEFT - _RIGHT - gaps) / columns, _LARGEST_TILE)
        tile = (width, width * tall / wide)
        whole = _LEFT + columns * width + gaps + _RIGHT
        beside = len(note) * _LETTER + _LEGEND <= whole
        lines = (1 if beside else 2) if note and legend else int(bool(note or legend))
        words = _LEFT + max(len(title) * _TITLE_LETTER, len(note) * _LETTER) + _RIGHT
        return cls(rows, columns, tile, group, 0.16 + 0.24 * lines if lines else _BOTTOM, words)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the figure."""
        left, top = self.place(len(self.rows) - 1, self.columns - 1)
        return max(left + self.tile[0] + _RIGHT, self.words), top + self.tile[1] + self.bottom

    def place(self, row: int, column: int) -> tuple[float, float]:
        """Return the left and upper edge of a picture."""
        groups = column // self.group if self.group else 0
        captions = sum(_ROOM_ABOVE for each in self.rows[: row + 1] if each.captions)
        return (
            _LEFT + column * (self.tile[0] + _GAP) + groups * _GROUP_GAP,
            _TOP + captions + row * (self.tile[1] + _GAP),
        )


def _write_legend(axes: Axes, layout: _Layout) -> None:
    """Name the labels' colors at the lower right, above a note that leaves no room for them."""
    from matplotlib.patches import Patch

    width, height = layout.size
    legend = axes.legend(
        handles=[Patch(color=label.color, label=label.name) for label in LABELS], loc="center right",
        bbox_to_anchor=(1 - (_RIGHT - 0.08) / width, (layout.bottom - 0.2) / height), ncols=len(LABELS), frameon=False,
        fontsize=9, handlelength=1.0, columnspacing=1.4, borderpad=0,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_color(_FAINT)
