"""One figure of a result's maps: key slices in rows, the image and each map in columns, with a scale for each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..core.geometry import Geometry
from ..core.inspection import CHANGE, LABEL_COLORS, PROBABILITY, UNCERTAINTY, DoubtfulSlice, Map
from ..core.labels import LABELS
from ..core.segmentation import Segmentation
from ..core.volume import Volume
from ..images.itk import orient, resample
from .figures import draw_labels, new_figure, write_figure
from .slices import Picture
from .views import bounds, position, slice_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BACKGROUND, _INK, _FAINT = "black", "white", "0.7"
_TILE, _GAP, _LEFT, _TOP, _SCALE, _BOTTOM = 1.7, 0.05, 0.5, 0.85, 0.42, 0.3
"""Inches: of a tile's width, between tiles, and around them."""
_DPI = 100
_ROWS = 4
_APART_MM = 8.0
_OVER_THE_IMAGE = {PROBABILITY, UNCERTAINTY, CHANGE}
"""Maps that are clear where they have nothing to say, so that the image shows below them."""
_NOTE = "R on the left. Row 1: the slice with most tumor; below it the most doubtful. Research use only."


def write_maps_figure(
    image: Volume,
    segmentation: Segmentation,
    maps: Sequence[Map],
    doubtful: Sequence[DoubtfulSlice],
    path: Path,
    title: str = "",
) -> None:
    """Write the figure in the format of the path's ending; see `draw_maps`. Raises OutputError."""
    write_figure(draw_maps(image, segmentation, maps, doubtful, title), path)


def draw_maps(
    image: Volume, segmentation: Segmentation, maps: Sequence[Map], doubtful: Sequence[DoubtfulSlice], title: str = ""
) -> Figure:
    """Return axial slices (rows) of an image with the mask's outline and of maps on the mask's grid (columns).

    The first slice is that with most tumor, the others are the most doubtful ones, at least 8 mm apart. Raises
    DependencyError without matplotlib.
    """
    grids = _key_grids(segmentation, image, doubtful)
    wide, tall = grids[0].size[:2]
    tile = (_TILE, _TILE * tall / wide)
    columns = 1 + len(maps)
    width = _LEFT + columns * (tile[0] + _GAP)
    height = _TOP + len(grids) * (tile[1] + _GAP) + _SCALE + _BOTTOM
    figure = new_figure((max(width, 6.5), height), _DPI, _BACKGROUND)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    picture = Picture.of(image)
    for row, grid in enumerate(grids):
        top = _TOP + row * (tile[1] + _GAP)
        _draw_row(axes, grid, picture, segmentation, maps, top, tile)
    foot = _TOP + len(grids) * (tile[1] + _GAP)
    for column, each in enumerate(maps, start=1):
        left = _LEFT + column * (tile[0] + _GAP)
        _write_name(axes, each.kind.name, left + tile[0] / 2)
        _draw_scale(axes, each, left, foot, tile[0])
    _write_name(axes, "Image and mask", _LEFT + tile[0] / 2)
    axes.text(_LEFT, 0.2, title, color=_INK, fontsize=12, va="center")
    axes.text(_LEFT, height - 0.14, _NOTE, color=_FAINT, fontsize=8.5, va="center")
    axes.set_xlim(0, max(width, 6.5))
    axes.set_ylim(height, 0)
    return figure


def _key_grids(segmentation: Segmentation, image: Volume, doubtful: Sequence[DoubtfulSlice]) -> list[Geometry]:
    """Return the grids of the pictures: of the slice with most tumor (or the brain's middle), then doubtful ones."""
    labels, geometry = orient(segmentation.labels, segmentation.geometry)
    brain = resample((image.array != 0).astype(np.uint8), image.geometry, geometry, nearest=True) > 0
    low, high = bounds(brain | (labels > 0))
    areas = np.count_nonzero(labels, axis=(1, 2))
    chosen = [int(areas.argmax()) if areas.any() else (low[2] + high[2]) // 2]
    matrix = np.linalg.inv(geometry.index_to_physical)
    least = max(1, round(_APART_MM / geometry.spacing[2]))
    for each in doubtful:
        index = round(float((matrix @ np.array([*each.point, 1.0]))[2]))
        if len(chosen) < _ROWS and all(abs(index - other) >= least for other in chosen):
            chosen.append(index)
    pixel = float(np.clip(min(geometry.spacing), 0.5, 1.0))
    return [slice_grid(geometry, "axial", index, low, high, pixel) for index in chosen]


def _draw_row(
    axes: Axes, grid: Geometry, picture: Picture, segmentation: Segmentation, maps: Sequence[Map], top: float,
    tile: tuple[float, float],
) -> None:  # fmt: skip
    shade = picture.shade(grid)
    gray = np.repeat(shade[..., None], 3, axis=2)
    labels = resample(segmentation.labels, segmentation.geometry, grid, nearest=True)[0]
    box = (_LEFT, _LEFT + tile[0], top + tile[1], top)
    axes.imshow(gray, interpolation="bilinear", aspect="auto", extent=box)
    draw_labels(axes, labels, 0.12, box)
    axes.text(0.26, top + tile[1] / 2, position("axial", grid), color=_FAINT, fontsize=8.5, rotation=90,
              ha="center", va="center")  # fmt: skip
    for column, each in enumerate(maps, start=1):
        left = _LEFT + column * (tile[0] + _GAP)
        nearest = each.kind.colors == LABEL_COLORS
        values = resample(each.volume.array, each.volume.geometry, grid, nearest=nearest)[0]
        pixels = _colored(each, values, gray)
        axes.imshow(pixels, interpolation="nearest", aspect="auto", extent=(left, left + tile[0], top + tile[1], top))


def _colored(each: Map, values: np.ndarray, gray: np.ndarray) -> np.ndarray:
    """Return a map's slice in its colors (rows, columns, RGB)."""
    if each.kind.colors == LABEL_COLORS:
        pixels = gray.copy()
        for label in LABELS:
            here = np.rint(values) == label.value
            pixels[here] = 0.4 * pixels[here] + 0.6 * np.asarray(label.color)
        return pixels
    colors = _map_colors(each, (values - each.low) / (each.high - each.low))
    if each.kind.group in _OVER_THE_IMAGE:
        opacity = np.clip(np.abs(values) * 4, 0, 0.8)[..., None]
        return np.clip(gray * (1 - opacity) + colors * opacity, 0, 1)  # which rounding may exceed
    colors[values == 0] = 0
    return colors


def _map_colors(each: Map, unit: np.ndarray) -> np.ndarray:
    from matplotlib import colormaps

    return np.asarray(colormaps[each.kind.colors](np.clip(unit, 0, 1)))[..., :3]


def _write_name(axes: Axes, name: str, middle: float) -> None:
    from textwrap import fill

    axes.text(middle, _TOP - 0.07, fill(name, 24), color=_INK, fontsize=8.5, ha="center", va="bottom")


def _draw_scale(axes: Axes, each: Map, left: float, top: float, width: float) -> None:
    """Draw a map's colors as a bar with the values at its ends."""
    box = (left + 0.1 * width, left + 0.9 * width, top + 0.16, top + 0.06)
    if each.kind.colors == LABEL_COLORS:
        colors = np.array([[label.color for label in LABELS]])
        ends = ("", " ".join(label.key for label in LABELS), "")
    else:
        colors = _map_colors(each, np.linspace(0, 1, 128)[None])
        ends = (f"{each.low:.2g}", each.kind.unit, f"{each.high:.2g}")
    axes.imshow(colors, aspect="auto", extent=box, interpolation="nearest")
    for place, text, side in zip(
        (box[0], (box[0] + box[1]) / 2, box[1]), ends, ("left", "center", "right"), strict=True
    ):
        axes.text(place, top + 0.21, text, color=_FAINT, fontsize=8, ha=side, va="top")
