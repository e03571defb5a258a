"""Numbers as a reader would write them, for files that tell what was measured."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

_DIGITS, _LEAST, _MOST = 6, 3, 12
"""Significant digits; decimals of large numbers, and of tiny ones, which are but an error of arithmetic."""


def as_written(values: Any) -> Any:
    """Return plain values with their fractions rounded: six digits, at least three decimals, at most twelve.

    So a volume that is 27.693000000000001 ml is 27.693, and a length is told to the thousandth of a millimeter. Not for
    what is computed with again: codes, transforms of images, settings.
    """
    if isinstance(values, float):
        return _rounded(values)
    if isinstance(values, Mapping):
        return {key: as_written(value) for key, value in values.items()}
    return [as_written(value) for value in values] if isinstance(values, list | tuple) else values


def _rounded(value: float) -> float:
    if not value or not math.isfinite(value):
        return value
    decimals = _DIGITS - 1 - math.floor(math.log10(abs(value)))
    return round(value, min(max(decimals, _LEAST), _MOST)) + 0.0  # no zero below zero
