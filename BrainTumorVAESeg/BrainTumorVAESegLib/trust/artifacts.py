"""Scanners' artifacts in an image, told from untouched ones by a linear model of simple features.

A feature alone tells little: patients differ more than an artifact changes them. Together, and beside the study's
other images, they do. The model is a logistic regression for each artifact; its scores on untouched cases are what a
study's are held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.modalities import MODALITIES, Modality
from .corrupting import CORRUPTIONS
from .spectra import SPECTRAL_FEATURES, spectral_features

KINDS: tuple[str, ...] = tuple(kind for kind in CORRUPTIONS if kind != "shading")
"""The artifacts that this model tells; `shading` has a model of its own."""
ARTIFACT_FEATURES = 2 * SPECTRAL_FEATURES
_FARTHEST = 6.0
"""SD from the mean beyond which a feature says no more."""


@dataclass(frozen=True)
class ArtifactModel:
    """The linear model, flat in C order.

    mean, sd: of each sequence's features in untouched cases, (4, `ARTIFACT_FEATURES`). weights: of each artifact,
    (artifacts, `ARTIFACT_FEATURES`). bias: (artifacts,).
    """

    mean: tuple[float, ...]
    sd: tuple[float, ...]
    weights: tuple[float, ...]
    bias: tuple[float, ...]

    def __post_init__(self) -> None:
        expected = (len(MODALITIES) * ARTIFACT_FEATURES,) * 2 + (len(KINDS) * ARTIFACT_FEATURES, len(KINDS))
        if tuple(map(len, (self.mean, self.sd, self.weights, self.bias))) != expected:
            raise ValueError("the model of artifacts is of another version's features")


def artifact_features(images: np.ndarray, brain: np.ndarray) -> np.ndarray:
    """Return the features of each of a study's images (n, z, y, x) on the prepared grid, (n, `ARTIFACT_FEATURES`).

    Those of `spectra`, and how far they lie from the mean of the other images'.
    """
    return beside_others(spectral_features(images, brain))


def beside_others(rows: np.ndarray) -> np.ndarray:
    """Add to the rows of one study's images how far they lie from the mean of the others'; 0 of one that is alone."""
    others = (rows.sum(axis=0) - rows) / max(len(rows) - 1, 1)
    return np.concatenate([rows, rows - others if len(rows) > 1 else np.zeros_like(rows)], axis=1)


def score_artifacts(model: ArtifactModel, features: np.ndarray, modalities: Sequence[Modality]) -> dict[str, float]:
    """Return by `KIND-MODALITY` the logit that an image shows an artifact, of the features of n images."""
    shape = (len(MODALITIES), -1)
    mean, sd = np.reshape(model.mean, shape), np.reshape(model.sd, shape)
    weights = np.reshape(model.weights, (len(KINDS), -1))
    scores = {}
    for modality, row in zip(modalities, features, strict=True):
        place = MODALITIES.index(modality)
        logits = weights @ standardized(row, mean[place], sd[place]) + model.bias
        scores.update({f"{kind}-{modality}": float(logit) for kind, logit in zip(KINDS, logits, strict=True)})
    return scores


def standardized(features: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Return features in SD from the mean of untouched ones, none beyond what still says something."""
    return np.clip((features - mean) / sd, -_FARTHEST, _FARTHEST)
