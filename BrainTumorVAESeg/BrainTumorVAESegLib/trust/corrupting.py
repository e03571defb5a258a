"""What goes wrong at a scanner, done to an image: shading, noise, motion, thick slices, a shorter field of view.

Each takes an image (z, y, x; z-scored), the brain and a source of chance, and returns another, z-scored again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ..preparation.shading import random_field

_SHADING = (0.15, 0.4)
_NOISE = (0.12, 0.35)
_THICKNESS = (2, 5)
_MOTION = (1.0, 3.0)
_WINDOWS = (4, 9)
Corrupt = Callable[[np.ndarray, np.ndarray, np.random.Generator], np.ndarray]


def shade(image: np.ndarray, brain: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Multiply by a polynomial of second order, up to 15 to 40 % to either side (a bias field)."""
    return shaded(image, brain, 1 + random.uniform(*_SHADING) * random_field(image.shape, random))


def add_noise(image: np.ndarray, brain: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Add Gaussian noise of 0.12 to 0.35 SD."""
    return renormalized(image + random.uniform(*_NOISE) * random.standard_normal(image.shape), brain)


def move(image: np.ndarray, brain: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Let the head move by voxels while parts of the frequency space are taken, along y or x (ghosts)."""
    axis = int(random.integers(1, 3))
    length = image.shape[axis]
    place = np.fft.fftfreq(length) * length
    steps = np.zeros(length)
    for _ in range(int(random.integers(*_WINDOWS))):
        first, width = random.integers(length), random.integers(max(length // 24, 2), max(length // 8, 3))
        steps[first : first + width] = random.uniform(*_MOTION) * random.choice((-1, 1))
    steps[np.abs(place) < length / 30] = 0  # the middle is taken while the head is where it belongs
    turns = np.exp(-2j * np.pi * place * steps / length)
    turns = turns.reshape([-1 if each == axis else 1 for each in range(3)])
    moved = np.fft.ifft(np.fft.fft(_positive(image, brain), axis=axis) * turns, axis=axis)
    return renormalized(np.abs(moved), brain)


def thicken(image: np.ndarray, brain: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Average over slices of 2 to 4 voxels."""
    thick = image.copy()
    thickness = int(random.integers(*_THICKNESS))
    for first in range(int(random.integers(thickness)), len(thick), thickness):
        thick[first : first + thickness] = thick[first : first + thickness].mean(axis=0)
    return renormalized(thick, brain)


CORRUPTIONS: Mapping[str, Corrupt] = {"shading": shade, "noise": add_noise, "motion": move, "thick": thicken}
"""By the name of what they bring about."""


def _positive(image: np.ndarray, brain: np.ndarray) -> np.ndarray:
    low = float(image[brain].min()) if brain.any() else 0.0
    return np.where(brain, image - low + 0.3, 0)


def shaded(image: np.ndarray, brain: np.ndarray, field: np.ndarray) -> np.ndarray:
    """Return an image, made positive, times a field (z, y, x), z-scored again."""
    return renormalized(_positive(image, brain) * field, brain)


def renormalized(image: np.ndarray, brain: np.ndarray) -> np.ndarray:
    """Return an image z-scored over the brain, 0 outside it."""
    inside = image[brain]
    spread = float(inside.std()) if inside.size else 0.0
    return np.where(brain, (image - inside.mean()) / (spread or 1.0), 0).astype(np.float32)
