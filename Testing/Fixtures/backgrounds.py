"""What lies around a brain in images that are met: functions of an image (z, y, x) that is 0 outside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

RNG = np.random.default_rng(0)


def z_scored(array: np.ndarray) -> np.ndarray:
    return ((array - array.mean()) / array.std()).astype(np.float32)


def with_outside(array: np.ndarray, values: np.ndarray | float, kind: type = np.float32) -> np.ndarray:
    return np.where(array != 0, array, values).astype(kind)


BACKGROUNDS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "zero": lambda a: a,
    "least of int16": lambda a: with_outside(a, -32768, np.int16),
    "largest of uint16": lambda a: with_outside(a, 65535, np.uint16),
    "minus 1024": lambda a: with_outside(a, -1024, np.int16),
    "a constant in float64": lambda a: with_outside(a, 0.1, np.float64),
    "z-scored as a whole": z_scored,
    "noise of 1e-4": lambda a: with_outside(a / 1000, 1e-4 * RNG.standard_normal(a.shape)),
    "noise above 0": lambda a: with_outside(a / 1000, 1e-4 * RNG.random(a.shape)),
    "noise around -5": lambda a: with_outside(a / 1000, -5 + 1e-4 * RNG.standard_normal(a.shape)),
    "NaN": lambda a: with_outside(a, np.nan),
    "infinite": lambda a: with_outside(a, np.inf),
    "a constant within padding": lambda a: np.pad(z_scored(a[4:-4, 4:-4, 4:-4]), 4),
    "noise within padding": lambda a: np.pad(BACKGROUNDS["noise of 1e-4"](a)[4:-4, 4:-4, 4:-4], 4),
}
"""Backgrounds that are recognized."""
NO_BACKGROUNDS: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "air of integers": lambda a: np.where(a == 0, RNG.integers(1, 30, a.shape), a).astype(np.int16),
    "air": lambda a: np.where(a == 0, 40 * RNG.random(a.shape), a).astype(np.float32),
    "a brain below 0": lambda a: np.where(a != 0, a - 3000, 0).astype(np.int16),
    "many voxels of the least value": lambda a: np.clip(a, 700, None) * (a != 0),
}
"""Images that are left as they are."""
