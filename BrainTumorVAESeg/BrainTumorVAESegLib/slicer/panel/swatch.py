"""Small squares in a segment's color, beside its name in a table."""

from __future__ import annotations

from typing import Any

import qt

_SIDE = 14
"""Pixels."""


def swatch(color: tuple[float, float, float] | None) -> Any:
    """Return an icon of a color, a clear one for None."""
    pixmap = qt.QPixmap(_SIDE, _SIDE)
    pixmap.fill(qt.QColor(0, 0, 0, 0) if color is None else qt.QColor.fromRgbF(*color))
    return qt.QIcon(pixmap)
