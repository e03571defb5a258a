"""One picture of a segmented study: its modalities side by side, plain and with the labels drawn over them."""

from __future__ import annotations

import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.amounts import format_volume
from ..core.errors import InputError, OutputError
from ..core.labels import LABELS, REGIONS
from ..core.modalities import Modality
from ..core.segmentation import Segmentation
from ..core.volume import Study
from ..images.itk import resample
from .figures import draw_labels, new_figure
from .slices import Picture
from .views import VIEWS, Panel, plan_panels, position

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOTICE = "Research use only, not a medical device"
_INCH_PER_MM = 1 / 54
_DPI = 110
_TINT = 0.22
_BACKGROUND, _INK, _FAINT = "black", "white", "0.62"


def write_montage(
    study: Study,
    segmentation: Segmentation,
    path: Path,
    title: str = "",
    planes: Sequence[str] = ("axial", "coronal", "sagittal"),
) -> None:
    """Write a PNG of the study's modalities (columns) with the first plane plain and each plane with the labels (rows).

    The slices go through the tumor's largest area, or the middle of the brain where there is none. Volumes may lie on
    any grids; they are shown along the axes of the segmentation's, in radiological orientation and true proportions.
    Raises InputError on an unknown plane, DependencyError without matplotlib, and OutputError where the file cannot be
    written; then nothing is left behind.
    """
    unknown = [plane for plane in planes if plane not in VIEWS]
    if unknown or not planes:
        raise InputError(f"The planes {', '.join(planes) or '(none)'} cannot be shown; known are {', '.join(VIEWS)}.")
    figure = draw_montage(study, segmentation, title, planes)
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        figure.savefig(part, format="png", dpi=_DPI, facecolor=_BACKGROUND)
        os.replace(part, path)
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(f"{path}: the montage cannot be written ({reason}); choose another folder.") from error
    finally:
        _remove(part)


def draw_montage(study: Study, segmentation: Segmentation, title: str, planes: Sequence[str]) -> Figure:
    """Return the montage as a figure; see `write_montage`."""
    panels = plan_panels(study.reference_volume, segmentation, planes)
    layout = _Layout.fit(panels, len(study.modalities))
    figure = new_figure(layout.size, _DPI, _BACKGROUND)
    pictures = {modality: Picture.of(study[modality]) for modality in study.modalities}
    for row, panel in enumerate(panels):
        labels = resample(segmentation.labels, segmentation.geometry, panel.grid, nearest=True)[0]
        for column, modality in enumerate(study.modalities):
            axes = figure.add_axes(layout.box(row, column))
            _draw_panel(axes, panel, pictures[modality], labels, first=column == 0)
        _write_row_name(figure, layout, row, panel)
    _write_texts(figure, layout, study.modalities, segmentation, title or study.name)
    return figure


@dataclass(frozen=True)
class _Layout:
    """Where things stand, in inches: all pictures in one scale, each centered in its cell."""

    panels: list[Panel]
    columns: int
    cell: float
    heights: tuple[float, ...]
    left: float = 0.45
    top: float = 0.95
    bottom: float = 0.95
    gap: float = 0.06

    @classmethod
    def fit(cls, panels: list[Panel], columns: int) -> _Layout:
        cell = max(panel.grid.size[0] * panel.grid.spacing[0] for panel in panels) * _INCH_PER_MM
        heights = tuple(panel.grid.size[1] * panel.grid.spacing[1] * _INCH_PER_MM for panel in panels)
        return cls(panels, columns, max(cell, 7.2 / columns), heights)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the figure."""
        width = self.left + self.columns * (self.cell + self.gap) + 0.15
        return width, self.top + sum(self.heights) + self.gap * len(self.heights) + self.bottom

    def box(self, row: int, column: int) -> tuple[float, float, float, float]:
        """Left, bottom, width and height of a picture, as shares of the figure."""
        width, height = self.size
        own = self.panels[row].grid.size[0] * self.panels[row].grid.spacing[0] * _INCH_PER_MM
        x = self.left + column * (self.cell + self.gap) + (self.cell - own) / 2
        y = height - self.top - sum(self.heights[: row + 1]) - self.gap * row
        return x / width, y / height, own / width, self.heights[row] / height


def _draw_panel(axes: Axes, panel: Panel, picture: Picture, labels: np.ndarray, first: bool) -> None:
    """Draw one slice, its labels and the letters of the patient's directions; the first of a row bears a scale bar."""
    axes.set_axis_off()
    gray = picture.cut(panel.grid)
    axes.imshow(gray, cmap="gray", vmin=picture.dark, vmax=picture.bright, interpolation="bilinear", aspect="auto")
    if panel.overlay:
        draw_labels(axes, labels, _TINT)
    left, right, top, bottom = VIEWS[panel.plane].letters
    places: tuple[tuple[float, float, str, Any, Any], ...] = (
        (0.015, 0.5, left, "left", "center"),
        (0.985, 0.5, right, "right", "center"),
        (0.5, 0.99, top, "center", "top"),
        (0.5, 0.01, bottom, "center", "bottom"),
    )
    for x, y, text, ha, va in places:
        axes.text(x, y, text, transform=axes.transAxes, color=_FAINT, fontsize=8, ha=ha, va=va)
    if first:
        pixel, height = panel.grid.spacing[0], panel.grid.size[1]
        axes.plot([4 / pixel, 54 / pixel], [height - 5 / pixel] * 2, color=_FAINT, linewidth=1.5)
        axes.text(4 / pixel, height - 8 / pixel, "5 cm", color=_FAINT, fontsize=7, va="bottom")
    axes.set_xlim(-0.5, gray.shape[1] - 0.5)
    axes.set_ylim(gray.shape[0] - 0.5, -0.5)


def _write_row_name(figure: Figure, layout: _Layout, row: int, panel: Panel) -> None:
    """Write the plane and where it lies in the patient beside its row."""
    _, y, _, height = layout.box(row, 0)
    name = f"{panel.plane.capitalize()}{' with labels' if panel.overlay else ''}, {position(panel.plane, panel.grid)}"
    figure.text(
        0.2 / layout.size[0], y + height / 2, name, color=_FAINT, fontsize=9, rotation=90, ha="center", va="center"
    )


def _write_texts(
    figure: Figure, layout: _Layout, modalities: Sequence[Modality], segmentation: Segmentation, title: str
) -> None:
    """Write the title, the columns' names, the legend with volumes, and the notice."""
    width, height = layout.size
    figure.text(layout.left / width, 1 - 0.32 / height, title, color=_INK, fontsize=14, va="center")
    for column, modality in enumerate(modalities):
        x = layout.left + column * (layout.cell + layout.gap) + layout.cell / 2
        figure.text(x / width, 1 - 0.75 / height, modality.value, color=_INK, fontsize=12, ha="center", va="center")
    figure.text(layout.left / width, 0.22 / height, NOTICE, color=_FAINT, fontsize=9, va="center")
    if segmentation.is_empty:
        figure.text(layout.left / width, 0.6 / height, "No tumor found", color=_INK, fontsize=12, va="center")
        return
    _write_legend(figure, layout, segmentation)


def _write_legend(figure: Figure, layout: _Layout, segmentation: Segmentation) -> None:
    """Write each label's color, name and volume, and the volumes of the regions that join them."""
    from matplotlib.patches import Patch

    volumes = {key: format_volume(milliliters) for key, milliliters in segmentation.volumes_ml().items()}
    entries = [Patch(color=label.color, label=f"{label.name}: {volumes[label.key]} ml") for label in LABELS]
    joined = [region for region in REGIONS if len(region.labels) > 1]
    entries += [Patch(alpha=0, label=f"{region.name}: {volumes[region.key]} ml") for region in joined]
    width, height = layout.size
    legend = figure.legend(
        handles=entries, loc="center left", bbox_to_anchor=((layout.left - 0.08) / width, 0.6 / height),
        ncols=len(entries), frameon=False, fontsize=10, handlelength=1.2, columnspacing=1.6, borderpad=0,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_color(_INK)


def _remove(path: Path) -> None:
    """Remove a file if it is there and can be removed."""
    try:
        path.unlink()
    except OSError:
        return
