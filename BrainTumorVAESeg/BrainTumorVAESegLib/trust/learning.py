"""How the linear model of artifacts is learned, from untouched images and from ones with artifacts done to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn import functional as F

from ..core.modalities import MODALITIES
from .artifacts import KINDS, ArtifactModel, beside_others, standardized
from .corrupting import CORRUPTIONS
from .spectra import features_of_spectra, inner_weight, spectrum

VERSIONS = 4
"""Studies with artifacts that are made of each untouched one; half of their images get one."""
UNTOUCHED = -1
_STEPS, _RATE, _DECAY = 300, 0.02, 1e-2
Sample = tuple[np.ndarray, np.ndarray]
"""Features of a study's images in the project's order (4, features), and which artifact each has (4,), -1 for none."""


def artifact_samples(images: np.ndarray, brain: np.ndarray, seed: int, versions: int = VERSIONS) -> list[Sample]:
    """Return samples of a study: the untouched one, then ones with artifacts.

    images: (4, z, y, x) in the project's order, z-scored over the brain (z, y, x), voxels of 1 mm.
    """
    random, weight = np.random.default_rng(seed), inner_weight(brain)
    untouched = [spectrum(image, weight) for image in images]
    samples = [(beside_others(features_of_spectra(untouched)), np.full(len(images), UNTOUCHED))]
    for _ in range(versions):
        kinds = np.where(random.random(len(images)) < 0.5, random.integers(len(KINDS), size=len(images)), UNTOUCHED)
        spectra = list(untouched)
        for place in np.flatnonzero(kinds != UNTOUCHED):
            changed = CORRUPTIONS[KINDS[kinds[place]]](images[place], brain, random)
            spectra[place] = spectrum(changed, weight)
        samples.append((beside_others(features_of_spectra(spectra)), kinds))
    return samples


def fit_artifacts(samples: Sequence[Sample], steps: int = _STEPS) -> ArtifactModel:
    """Learn to tell each artifact from all else; weight decay, Adam. Some sample must be untouched."""
    features, kinds = (np.stack(each) for each in zip(*samples, strict=True))
    untouched = features[(kinds == UNTOUCHED).all(axis=1)].astype(np.float64)
    mean, sd = untouched.mean(axis=0), untouched.std(axis=0) + 1e-3
    x = torch.tensor(standardized(features, mean, sd).reshape(-1, features.shape[-1]), dtype=torch.float32)
    y = torch.tensor(kinds.reshape(-1, 1) == np.arange(len(KINDS)), dtype=torch.float32)
    weights = torch.zeros(len(KINDS), x.shape[1], requires_grad=True)
    bias = torch.zeros(len(KINDS), requires_grad=True)
    optimizer = torch.optim.Adam([weights, bias], lr=_RATE)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(x @ weights.T + bias, y) + _DECAY * weights.square().sum()
        loss.backward()
        optimizer.step()
    assert mean.shape[0] == len(MODALITIES)
    values = (mean, sd, weights.detach().numpy(), bias.detach().numpy())
    return ArtifactModel(*(tuple(float(v) for v in np.ravel(value)) for value in values))
