"""The slices of a report: gray pictures, the regions' outlines over them, and a lesion's two diameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import SimpleITK as sitk

from ...core.boxes import bounding_box
from ...core.geometry import Geometry
from ...core.labels import REGIONS, channels_from_labels
from ...core.modalities import Modality
from ...core.segmentation import Segmentation
from ...core.volume import Study
from ...images.itk import orient, resample
from ..slices import Picture
from ..views import VIEWS, Panel, plan_panels, slice_grid
from .png import png_uri

_FINER = 3
"""Pixels of an outline to one of the image."""
_LINE_MM = 0.7
_AROUND_MM = 16.0
"""Of the image around a lesion that is shown by itself, in a square."""
_SECOND = (Modality.T1CE, Modality.FLAIR)
"""Sequences of the coronal and the sagittal plane, where they are there."""


@dataclass(frozen=True)
class Line:
    """A line on a picture, in its pixels."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True)
class Tile:
    """A picture of one slice as a page shows it.

    image, outline: `data:` addresses; outline is "" for the plain image. width, height: in pixels. letters: the
    patient's directions at its left, right, top and bottom. bar: 5 cm in pixels. title, place: what it is, and where:
    `(axis of LPS, millimeters)`. lines: a lesion's diameters, or a square around it.
    """

    title: str
    place: tuple[int, float]
    image: str
    outline: str
    width: int
    height: int
    letters: tuple[str, str, str, str]
    bar: float
    lines: tuple[Line, ...] = ()


class Drawer:
    """Cuts and encodes the pictures of one study with one segmentation."""

    def __init__(self, study: Study, segmentation: Segmentation) -> None:
        self.study, self.segmentation = study, segmentation
        self._tumor = _tumor_alone(segmentation)
        self._picture = cache(lambda modality: Picture.of(study[modality]))
        self._outlines: dict[Geometry, str] = {}

    def rows(self) -> list[list[Tile]]:
        """Return the key slices: axial plain and with outlines, then coronal and sagittal ones with outlines.

        They go through the largest section of the tumor, or the middle of the brain where there is none.
        """
        axial, *others = self._panels()
        modalities = self.study.modalities
        rows = [[self.tile(axial, modality, outlined=False) for modality in modalities]]
        if not self.segmentation.is_empty:
            rows.append([self.tile(axial, modality) for modality in modalities])
        second = [m for m in _SECOND if m in modalities] or modalities[:2]
        rows.append([self.tile(panel, modality) for panel in others for modality in second])
        return rows

    def _panels(self) -> list[Panel]:
        """Return one panel for each plane, the axial one first."""
        found = plan_panels(self.study.reference_volume, self.segmentation, tuple(VIEWS))
        return list({panel.plane: panel for panel in found}.values())

    def lesion(self, lesion: Mapping[str, Any], modality: Modality) -> Tile:
        """Return the axial slice in which a lesion's diameters lie, close up, with both as lines.

        lesion: `measures.results.Lesion` as plain values.
        """
        found = lesion["diameters"]
        ends = np.array([*found["ends"], *found["perpendicular_ends"]], float)
        _, geometry = orient(self.segmentation.labels, self.segmentation.geometry)
        matrix = np.linalg.inv(geometry.index_to_physical)
        index = ends @ matrix[:3, :3].T + matrix[:3, 3]
        half = (np.ptp(index[:, :2] * geometry.spacing[:2], axis=0).max() / 2 + _AROUND_MM) / np.asarray(
            geometry.spacing
        )
        center = (index.min(axis=0) + index.max(axis=0)) / 2
        low, high = center - half, center + half
        pixel = float(np.clip(min(geometry.spacing), 0.4, 0.8))
        middle = round(float(index[:, 2].mean()))
        grid = slice_grid(geometry, "axial", middle, low.tolist(), high.tolist(), pixel)
        tile = self.tile(Panel("axial", grid, True), modality)
        back = np.linalg.inv(grid.index_to_physical)
        points = ends @ back[:3, :3].T + back[:3, 3] + 0.5
        pairs = ((points[0], points[1]), (points[2], points[3]))
        lines = tuple(Line(*(round(float(v), 2) for v in (a[0], a[1], b[0], b[1]))) for a, b in pairs)
        return replace(tile, lines=lines)

    def tile(self, panel: Panel, modality: Modality, outlined: bool = True) -> Tile:
        """Return one slice of a modality."""
        grid = panel.grid
        shade = self._picture(modality).shade(grid)
        image = png_uri(np.rint(255 * shade).astype(np.uint8))
        axis = VIEWS[panel.plane].through
        center = float(np.asarray(grid.corners()).mean(axis=0)[axis])
        outline = self._outline(grid) if outlined and not self.segmentation.is_empty else ""
        letters, bar = VIEWS[panel.plane].letters, 50 / grid.spacing[0]
        return Tile(modality.value, (axis, center), image, outline, grid.size[0], grid.size[1], letters, bar)

    def _outline(self, grid: Geometry) -> str:
        """Return the outlines in a slice as a `data:` address, each made once."""
        if grid not in self._outlines:
            self._outlines[grid] = png_uri(draw_outlines(self._tumor, grid))
        return self._outlines[grid]


def framed(tile: Tile, grid: Geometry, point: np.ndarray, half: float) -> Tile:
    """Return a slice's picture with a square around a point (LPS millimeters) of it. half: of the square's side, mm."""
    back = np.linalg.inv(grid.index_to_physical)
    x, y = (float(value) for value in (back[:3, :3] @ point + back[:3, 3] + 0.5)[:2])
    wide, high = half / grid.spacing[0], half / grid.spacing[1]
    corners = [(x - wide, y - high), (x + wide, y - high), (x + wide, y + high), (x - wide, y + high)]
    sides = zip(corners, [*corners[1:], corners[0]], strict=True)
    return replace(tile, lines=tuple(Line(*(round(value, 2) for value in (*a, *b))) for a, b in sides))


def _tumor_alone(segmentation: Segmentation) -> Segmentation:
    """Return the part of a segmentation that holds all of the tumor, with a margin."""
    box = bounding_box(segmentation.labels > 0, 2, within=True)
    if box is None:
        return segmentation
    return Segmentation(segmentation.labels[box], segmentation.geometry.sub_grid(box))


def draw_outlines(segmentation: Segmentation, grid: Geometry) -> np.ndarray:
    """Return the outlines of the regions on a slice's grid three times as fine; beside an inner one no outer is drawn.

    The pixels are (rows, columns, RGBA), uint8, and clear beside the lines. An outline lies where the mask, as a field
    of 0 and 1 interpolated linearly, is one half; the line runs inside of it.
    """
    whole = _finer(grid)
    pixels = np.zeros((whole.size[1], whole.size[0], 4), np.uint8)
    box = whole.covered_by(segmentation.geometry)
    if 0 in box.size:
        return pixels
    fine, near = whole.sub_grid(box), pixels[box[1:]]
    radius = [max(round(_LINE_MM / fine.spacing[0]), 1)] * 2
    for region in reversed(REGIONS):
        mask = channels_from_labels(segmentation.labels, (region.key,))[0]
        field = resample(mask, segmentation.geometry, fine)[0]
        inside = sitk.GetImageFromArray((field >= 0.5).astype(np.uint8))
        core = sitk.GrayscaleErode(inside, radius, sitk.sitkBox)
        line = sitk.GetArrayViewFromImage(inside) > sitk.GetArrayViewFromImage(core)
        drawn = sitk.GrayscaleDilate(sitk.GetImageFromArray(near[..., 3].copy()), radius, sitk.sitkBox)
        near[line & (sitk.GetArrayViewFromImage(drawn) == 0)] = (*(round(255 * part) for part in region.color), 255)
    return pixels


def _finer(grid: Geometry) -> Geometry:
    """Return the grid of a slice with pixels a third as wide, over the same place."""
    width, height, _ = grid.size
    spacing = (grid.spacing[0] / _FINER, grid.spacing[1] / _FINER, grid.spacing[2])
    columns = np.reshape(grid.direction, (3, 3)).T
    shift = (_FINER - 1) / 2 * (spacing[0] * columns[0] + spacing[1] * columns[1])
    x, y, z = (float(value) for value in np.asarray(grid.origin) - shift)
    return Geometry((width * _FINER, height * _FINER, 1), spacing, (x, y, z), grid.direction)
