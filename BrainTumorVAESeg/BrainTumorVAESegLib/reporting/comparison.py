"""One picture of a case's segmentation against its ground truth: both over the image, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..core.boxes import Box
from ..core.modalities import Modality
from ..core.segmentation import Segmentation
from ..core.volume import Study
from ..images.itk import resample
from .figures import write_figure
from .slices import Picture
from .tiles import Row, Tile, draw_tiles
from .views import VIEWS, Panel, plan_panels, position

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PLANES = ("axial", "coronal", "sagittal")
_SHOWN = (Modality.T1CE, Modality.FLAIR)
_MISSED, _FALSE, _OTHER = (0.25, 0.55, 1.0), (1.0, 0.25, 0.8), (1.0, 0.65, 0.2)
_NOTE = "Difference: blue missed, pink false, orange another label. Research use only"
_BRAIN = 0.22
"""The gray of the brain where its image is not shown."""


def write_comparison(
    study: Study, segmentation: Segmentation, truth: np.ndarray, path: Path, title: str, anatomy: bool = True
) -> None:
    """Write a picture (png, svg or pdf) of a segmentation and its truth (z, y, x), both on the segmentation's grid.

    A row for each plane, through the truth's largest area; columns: the images, the truth, the segmentation, where they
    differ. anatomy: show the images; without, the brain's shape in their place, for where images must not go. Raises
    DependencyError without matplotlib, OutputError where the file cannot be written.
    """
    write_figure(draw_comparison(study, segmentation, truth, title, anatomy), path)


def draw_comparison(
    study: Study, segmentation: Segmentation, truth: np.ndarray, title: str, anatomy: bool = True
) -> Figure:
    """Draw the picture; see `write_comparison`."""
    true = Segmentation(truth, segmentation.geometry)
    panels = _one_frame(plan_panels(study.reference_volume, segmentation if true.is_empty else true, PLANES))
    shown = [modality for modality in _SHOWN if modality in study.volumes] if anatomy else []
    pictures = [Picture.of(study[modality]) for modality in shown] or [Picture.of(study.reference_volume)]
    rows = []
    for panel in panels:
        shades = [picture.shade(panel.grid) if anatomy else _BRAIN * picture.inside(panel.grid) for picture in pictures]
        theirs, mine = (
            resample(array, segmentation.geometry, panel.grid, nearest=True)[0]
            for array in (truth, segmentation.labels)
        )
        tiles = [*(Tile(shade) for shade in shades[: len(shown)]), Tile(shades[0], theirs), Tile(shades[0], mine)]
        tiles.append(Tile(_differences(shades[0], mine, theirs)))
        letters = VIEWS[panel.plane].letters[:2]
        named = [replace(tile, letters=letters) for tile in tiles]
        rows.append(Row(f"{panel.plane}, {position(panel.plane, panel.grid)}", named))
    captions = [*(str(modality) for modality in shown), "ground truth", "segmentation", "difference"]
    rows[0] = Row(rows[0].name, rows[0].tiles, captions)
    return draw_tiles(title, rows, _NOTE, legend=True)


def _one_frame(panels: Sequence[Panel]) -> list[Panel]:
    """Return one panel for each plane, all with frames of the largest one's size, centered."""
    by_plane = {panel.plane: panel for panel in panels}
    width, height = (max(panel.grid.size[axis] for panel in by_plane.values()) for axis in (0, 1))
    framed = []
    for panel in by_plane.values():
        left, top = (width - panel.grid.size[0]) // 2, (height - panel.grid.size[1]) // 2
        box = Box.at((0, -top, -left), (1, height, width))
        framed.append(Panel(panel.plane, panel.grid.sub_grid(box), panel.overlay))
    return framed


def _differences(shade: np.ndarray, mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return the slice in gray (rows, columns, RGB), colored where the labels differ."""
    pixels = np.repeat(shade[..., None], 3, axis=2)
    for here, color in (
        ((mine == 0) & (theirs != 0), _MISSED),
        ((mine != 0) & (theirs == 0), _FALSE),
        ((mine != theirs) & (mine != 0) & (theirs != 0), _OTHER),
    ):
        pixels[here] = 0.35 * pixels[here] + 0.65 * np.asarray(color)
    return pixels
