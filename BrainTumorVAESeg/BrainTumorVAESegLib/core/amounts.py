"""Amounts as people read them, the same in every table, page and picture."""

from __future__ import annotations


def format_volume(milliliters: float) -> str:
    """Return a volume with one decimal, below 1 ml with two, and with three where two would show nothing."""
    if milliliters >= 0.995 or milliliters == 0:
        return f"{milliliters:.1f}"
    return f"{milliliters:.2f}" if milliliters >= 0.005 else f"{milliliters:.3f}"
