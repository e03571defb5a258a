"""A bar of a map's colors for the panel, and what its ends mean."""

from __future__ import annotations

from typing import Any

import qt

from ...core.inspection import LABEL_COLORS, MAP_BY_KEY
from ...core.labels import LABELS
from ..nodes.colors import color_table

WIDTH, HEIGHT = 120, 12


def color_bar(key: str) -> Any:
    """Return a picture of a map's colors, from its low end to its high one, on white."""
    table = color_table(MAP_BY_KEY[key].colors)
    image = qt.QImage(WIDTH, HEIGHT, qt.QImage.Format_RGB32)
    for x in range(WIDTH):
        red, green, blue, opacity = (float(value) for value in table[x * len(table) // WIDTH])
        color = qt.QColor.fromRgbF(*(opacity * value + 1 - opacity for value in (red, green, blue)))
        for y in range(HEIGHT):
            image.setPixelColor(x, y, color)
    return qt.QPixmap.fromImage(image)


def range_text(key: str, low: float, high: float) -> str:
    """Say in plain words what a map's colors stand for, from the low end to the high one."""
    kind = MAP_BY_KEY[key]
    if kind.colors == LABEL_COLORS:
        return ", ".join(label.key for label in LABELS)
    return f"{low:.2g} … {high:.2g} {kind.unit}".strip()
