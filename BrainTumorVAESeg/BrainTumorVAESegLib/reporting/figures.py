"""Figures of matplotlib apart from pyplot's state, and what becomes of them: a PNG, pixels, a file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..core.disk.files import write_bytes
from ..core.errors import DependencyError, InputError
from ..core.labels import LABELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def new_figure(size: Sequence[float], dpi: int, background: str) -> Figure:
    """Return a figure of a size in inches with its own canvas. Raises DependencyError without matplotlib."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise DependencyError(
            "Figures need matplotlib; install it with: pip install 'braintumorvaeseg[report]'."
        ) from error
    width, height = size
    figure = Figure(figsize=(width, height), dpi=dpi, facecolor=background)
    FigureCanvasAgg(figure)
    return figure


def figure_pixels(figure: Figure) -> np.ndarray:
    """Draw a figure and return its pixels (rows, columns, RGB), uint8."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]


def png_bytes(pixels: np.ndarray) -> bytes:
    """Return pixels (rows, columns, RGB), uint8, as a PNG."""
    from matplotlib.image import imsave

    stream = io.BytesIO()
    imsave(stream, np.ascontiguousarray(pixels), format="png")
    return stream.getvalue()


def write_figure(figure: Figure, path: Path) -> None:
    """Write a figure, whole or not at all, in the format that the file's ending names (png, svg, pdf).

    Raises InputError where the ending names none, OutputError where the file cannot be written.
    """
    stream = io.BytesIO()
    try:
        figure.savefig(stream, format=path.suffix.lstrip(".").lower() or "png", facecolor=figure.get_facecolor())
    except ValueError as error:
        raise InputError(f"{path}: figures cannot be written as {path.suffix}; choose .png, .svg or .pdf.") from error
    write_bytes(path, stream.getvalue())


def draw_labels(
    axes: Axes, labels: np.ndarray, opacity: float, box: tuple[float, float, float, float] | None = None
) -> None:
    """Tint each label (rows, columns; the library's values) and draw its outline, the image staying visible.

    box: left, right, bottom and top of the image in the axes' units; None where they are its pixels.
    """
    rows, columns = labels.shape
    left, right, bottom, top = box or (-0.5, columns - 0.5, rows - 0.5, -0.5)
    x = left + (right - left) * (np.arange(columns) + 0.5) / columns
    y = top + (bottom - top) * (np.arange(rows) + 0.5) / rows
    tint = np.zeros((rows, columns, 4), np.float32)
    for label in LABELS:
        here = labels == label.value
        tint[here] = (*label.color, opacity)
        if here.any() and not here.all():
            axes.contour(x, y, here.astype(np.float32), levels=[0.5], colors=[label.color], linewidths=0.9)
    axes.imshow(tint, interpolation="nearest", aspect="auto", extent=(left, right, bottom, top))
