"""How the linear model of sequences is learned from untouched studies and from changed versions of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional as F

from .corrupting import random_field
from .features import IMAGE_FEATURES, PAIR_FEATURES, features_of_coarse, places_of
from .sequences import KINDS, SequenceModel, assignments

VARIANTS = 3
"""Changed versions of each study."""
_GAMMA, _SHADING, _NOISE, _MOST_SLICES = 0.35, 0.3, 0.05, 3
_STEPS, _RATE, _DECAY = 150, 0.03, 1e-3
Sample = tuple[np.ndarray, np.ndarray]
"""What `features.features_of` tells of one study's four images, in the project's order."""


def samples_of(coarse: np.ndarray, inside: np.ndarray, seed: int, variants: int = VARIANTS) -> list[Sample]:
    """Return the features of a study and of changed versions of it.

    coarse: (4, z, y, x) in the project's order, inside: (z, y, x), both on the grid of `features.coarsened`.
    """
    random, places = np.random.default_rng(seed), places_of(inside)
    changed = [np.stack([change(image, inside, random) for image in coarse]) for _ in range(variants)]
    return [features_of_coarse(each, inside, places) for each in (coarse, *changed)]


def change(image: np.ndarray, inside: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return an image (z, y, x) with another contrast (a power), shading, and now and then thick slices or noise."""
    if not inside.any():
        return image
    low, high = np.percentile(image[inside], (0.1, 99.9))
    unit = np.clip((image - low) / max(high - low, 1e-6), 0, 1) ** np.exp(random.uniform(-_GAMMA, _GAMMA))
    unit = unit * (1 + random.uniform(0, _SHADING) * random_field(image.shape, random))
    kind = random.integers(0, 4)
    if kind == 1:
        thickness = int(random.integers(2, _MOST_SLICES + 1))
        for first in range(0, len(unit), thickness):
            unit[first : first + thickness] = unit[first : first + thickness].mean(axis=0)
    elif kind == 2:
        unit = unit + random.uniform(0, _NOISE) * random.standard_normal(unit.shape)
    return np.where(inside, unit, 0).astype(np.float32)


def fit_sequences(samples: Sequence[Sample], steps: int = _STEPS) -> SequenceModel:
    """Learn which sequence is which from studies whose images are what they are called.

    The likelihood of the right assignment among all of them is made largest, with weight decay, by Adam.
    """
    singles, pairs = (np.stack(each).astype(np.float64) for each in zip(*samples, strict=True))
    image_mean, image_sd = singles.mean(axis=(0, 1)), singles.std(axis=(0, 1)) + 1e-3
    apart = ~np.eye(KINDS, dtype=bool)
    pair_mean, pair_sd = pairs[:, apart].mean(axis=(0, 1)), pairs[:, apart].std(axis=(0, 1)) + 1e-3
    x = torch.tensor((singles - image_mean) / image_sd, dtype=torch.float32)
    y = torch.tensor((pairs - pair_mean) / pair_sd, dtype=torch.float32)
    alone = torch.zeros(KINDS, IMAGE_FEATURES, requires_grad=True)
    together = torch.zeros(KINDS, KINDS, PAIR_FEATURES, requires_grad=True)
    ways = assignments(KINDS)
    right = torch.full((len(x),), int(np.flatnonzero((ways == np.arange(KINDS)).all(axis=1))[0]))
    optimizer = torch.optim.Adam([alone, together], lr=_RATE)
    for _ in range(steps):
        optimizer.zero_grad()
        decay = _DECAY * (alone.square().sum() + together.square().sum())
        loss = F.cross_entropy(_scores(x, y, alone, together, torch.from_numpy(ways)), right) + decay
        loss.backward()
        optimizer.step()
    values = (image_mean, image_sd, pair_mean, pair_sd, alone.detach().numpy(), together.detach().numpy())
    return SequenceModel(*(tuple(float(v) for v in np.ravel(value)) for value in values))


def _scores(
    singles: torch.Tensor, pairs: torch.Tensor, alone: torch.Tensor, together: torch.Tensor, ways: torch.Tensor
) -> torch.Tensor:
    """Return the scores (studies, assignments) as `sequences.score_assignments` has them, before normalization."""
    each = singles @ alone.T
    total = sum(each[:, place][:, ways[:, place]] for place in range(KINDS))
    joint = torch.einsum("nstf,rqf->nstrq", pairs, together)
    for first in range(KINDS):
        for second in range(first + 1, KINDS):
            one, two = ways[:, first], ways[:, second]
            forward, backward = joint[:, first, second][:, one, two], joint[:, second, first][:, two, one]
            total = total + torch.where(one < two, forward, torch.where(one > two, backward, (forward + backward) / 2))
    assert isinstance(total, torch.Tensor)
    return total
