"""Codes, the numbers between the VAE branch's two halves: drawn, joined by a line, varied along one axis.

Arrays of codes are (n, latent), float32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...core.errors import InputError
from ...models.manifest import LatentStatistics


@dataclass(frozen=True)
class Cloud:
    """A Gaussian of codes without correlations: mean and spread (standard deviation) of each axis, (latent,)."""

    mean: np.ndarray
    spread: np.ndarray

    @classmethod
    def prior(cls, size: int) -> Cloud:
        """Return the standard Gaussian, which the KL term pulls the codes of all cases towards."""
        return cls(np.zeros(size, np.float32), np.ones(size, np.float32))

    @classmethod
    def of(cls, statistics: LatentStatistics) -> Cloud:
        """Return where the codes of a package's training cases lie."""
        return cls(np.asarray(statistics.mean, np.float32), np.asarray(statistics.std, np.float32))

    def draw(self, count: int, seed: int = 0) -> np.ndarray:
        """Return codes drawn from the cloud, (count, latent); the same seed gives the same."""
        noise = np.random.default_rng(seed).standard_normal((count, self.mean.size), np.float32)
        return self.mean + self.spread * noise


def walk(first: np.ndarray, second: np.ndarray, steps: int) -> np.ndarray:
    """Return codes (steps, latent) on the straight line from one code (latent,) to another, both ends included."""
    if steps < 2:
        raise InputError(f"A walk of {steps} step{'' if steps == 1 else 's'} has no two ends; take 2 or more.")
    share = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    codes = np.asarray(first + share * (second - first), np.float32)
    codes[-1] = second  # not but for rounding
    return codes


def vary(center: np.ndarray, axis: int, offsets: Sequence[float]) -> np.ndarray:
    """Return a code (latent,) with each offset added to its number `axis`, counted from 0, (offsets, latent).

    Raises InputError where there is no such axis.
    """
    if not 0 <= axis < center.size:
        raise InputError(f"Axis {axis} is none of this latent space; choose 0 to {center.size - 1}.")
    codes = np.tile(np.asarray(center, np.float32), (len(offsets), 1))
    codes[:, axis] += np.asarray(offsets, np.float32)
    return codes
