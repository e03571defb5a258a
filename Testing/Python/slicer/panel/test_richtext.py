"""Colors of the panel's lines: told apart from what lies behind them in Slicer's light style and in its dark one."""

from __future__ import annotations

import pytest

LIGHT, DARK = "#efefef", "#323232"
"""Windows of both styles."""


def luminance(color: str) -> float:
    """Relative luminance (0 to 1) of sRGB, as WCAG 2 defines it."""
    parts = (int(color[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("behind", [LIGHT, DARK])
def test_every_color_stands_out_from_either_style(opened, behind: str) -> None:
    from BrainTumorVAESegLib.slicer.panel.richtext import BUSY, COLORS, GOOD

    found = {color: contrast(color, behind) for color in (*COLORS.values(), GOOD, BUSY)}
    assert min(found.values()) >= 3, found
