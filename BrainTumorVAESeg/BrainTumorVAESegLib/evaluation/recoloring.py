"""Changes of the intensities of a study's brain; what lies outside the brain, and the truth, stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..core.boxes import bounding_box
from ..core.modalities import MODALITIES, Modality
from ..core.volume import Study, Volume
from ..preparation.shading import random_polynomial
from .brain import brain_on

Remap = Callable[[np.ndarray, np.ndarray, Modality], np.ndarray]
"""Takes a volume's values in the brain (n, float32), the brain (z, y, x; bool) and the modality; returns n others."""

FACTORS = {Modality.T1: 0.01, Modality.T1CE: 7.0, Modality.T2: 1000.0, Modality.FLAIR: 0.3}
"""What `rescale` multiplies by."""
_BIAS, _NOISE = 0.3, 0.1
_BIAS_SEED, _NOISE_SEED = 1, 2
_LEAST = float(np.finfo(np.float32).tiny)
"""Stands in a brain voxel that a change would make exactly 0, so that it stays brain; nothing can tell it from 0."""


def recolor(study: Study, truth: Volume, remap: Remap) -> tuple[Study, Volume]:
    """Change the values in the brain; one that was not 0 does not become 0 (see `_LEAST`), so the brain stays."""
    volumes = {}
    for modality in study:
        volume = study[modality]
        brain = brain_on(study, volume.geometry)
        values = volume.array[brain].astype(np.float32)
        new = remap(values, brain, modality)
        new[(new == 0) & (values != 0)] = _LEAST
        array = np.zeros(brain.shape, new.dtype)
        array[brain] = new
        volumes[modality] = replace(volume, array=array)
    return replace(study, volumes=volumes), truth


def rescale(values: np.ndarray, brain: np.ndarray, modality: Modality) -> np.ndarray:
    """Multiply by a number of the modality's own."""
    return values * np.float32(FACTORS[modality])


def raise_to(values: np.ndarray, brain: np.ndarray, modality: Modality, exponent: float) -> np.ndarray:
    """Raise the values, scaled to 0 to 1 and back, to a power."""
    unit, low, spread = _stretch(values)
    return unit**exponent * spread + low


def shade(values: np.ndarray, brain: np.ndarray, modality: Modality) -> np.ndarray:
    """Multiply by a polynomial of second order over the brain's box, which goes from 0.7 to 1.3 within the brain."""
    box = bounding_box(brain)
    assert box is not None  # `unchanged` came first, and without a brain it ends in an error
    field, _, _ = _stretch(random_polynomial(box.size, _random(_BIAS_SEED, modality))[brain[box]])
    return (values * (1 + _BIAS * (2 * field - 1))).astype(np.float32)


def round_to_bytes(values: np.ndarray, brain: np.ndarray, modality: Modality) -> np.ndarray:
    """Round to 255 steps from 0, or from the lowest value where that is below 0, to the volume's maximum."""
    low = min(float(values.min()), 0.0)
    spread = float(values.max()) - low or 1.0
    return np.maximum(np.round((values - low) * (255 / spread)), 1).astype(np.uint8)


def add_noise(values: np.ndarray, brain: np.ndarray, modality: Modality) -> np.ndarray:
    """Add Gaussian noise of a tenth of the values' standard deviation."""
    noise = _random(_NOISE_SEED, modality).standard_normal(len(values), np.float32)
    return values + noise * np.float32(_NOISE * values.std())


def _stretch(values: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return the values scaled to 0 to 1, their minimum, and their range (1 where they are all the same)."""
    low = float(values.min())
    spread = float(values.max()) - low or 1.0
    return np.clip((values - low) / spread, 0, 1), low, spread


def _random(seed: int, modality: Modality) -> np.random.Generator:
    return np.random.default_rng((seed, MODALITIES.index(modality)))
