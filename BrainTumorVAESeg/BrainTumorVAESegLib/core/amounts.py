"""Amounts as people read them, the same in every table, page and picture."""

from __future__ import annotations


def format_volume(milliliters: float) -> str:
    """Return a volume with as many decimals as `volume_digits` says."""
    return f"{milliliters:.{volume_digits(milliliters)}f}"


def volume_digits(milliliters: float) -> int:
    """Return how many decimals tell a volume: one, below 1 ml two, and three where two would show nothing."""
    if milliliters >= 0.995 or milliliters == 0:
        return 1
    return 2 if milliliters >= 0.005 else 3
