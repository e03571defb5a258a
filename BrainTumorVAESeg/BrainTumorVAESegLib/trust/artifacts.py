"""Scanners' artifacts in an image, told from untouched ones by a linear model of simple features.

A measure alone tells little: patients differ more than an artifact changes them. Together, and beside the study's
other images, they do. The model is a logistic regression for each artifact; its scores on untouched cases are what a
study's are held against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.modalities import MODALITIES, Modality
from .corrupting import CORRUPTIONS
from .features import IMAGE_FEATURES, Places, image_features
from .measures import measure_image

KINDS: tuple[str, ...] = tuple(kind for kind in CORRUPTIONS if kind != "shading")
"""The artifacts that this model tells; `shading` has a model of its own."""
_MEASURES = ("skew", "noise", "blur-z", "blur-y", "blur-x", "steps", "lopsided")
ARTIFACT_FEATURES = IMAGE_FEATURES + 2 * len(_MEASURES)


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


def artifact_features(coarse: np.ndarray, inside: np.ndarray, places: Places | None = None) -> np.ndarray:
    """Return the features of each image (n, `ARTIFACT_FEATURES`) on the grid of `features.coarsened`.

    Those of `own_features`, and how far the measures among them lie from the mean of the other images'.
    """
    return beside_others(own_features(coarse, inside, places))


def own_features(coarse: np.ndarray, inside: np.ndarray, places: Places | None = None) -> np.ndarray:
    """Return what images (n, z, y, x) show each by itself: the features of `features`, and measures; a row each."""
    rows = []
    for image in coarse:
        found = measure_image(image, inside)
        rows.append([value if np.isfinite(value := found.get(key, np.nan)) else 0.0 for key in _MEASURES])
    return np.concatenate([image_features(coarse, inside, places), np.array(rows)], axis=1)


def beside_others(rows: np.ndarray) -> np.ndarray:
    """Add to the rows of `own_features` of one study's images how far their measures lie from the others' mean."""
    own = rows[:, -len(_MEASURES) :]
    others = (own.sum(axis=0) - own) / max(len(own) - 1, 1)
    return np.concatenate([rows, own - others], axis=1)


def score_artifacts(model: ArtifactModel, features: np.ndarray, modalities: Sequence[Modality]) -> dict[str, float]:
    """Return by `KIND-MODALITY` the logit that an image shows an artifact, of the features of n images."""
    shape = (len(MODALITIES), -1)
    mean, sd = np.reshape(model.mean, shape), np.reshape(model.sd, shape)
    weights = np.reshape(model.weights, (len(KINDS), -1))
    scores = {}
    for modality, row in zip(modalities, features, strict=True):
        place = MODALITIES.index(modality)
        logits = weights @ np.clip((row - mean[place]) / sd[place], -6, 6) + model.bias
        scores.update({f"{kind}-{modality}": float(logit) for kind, logit in zip(KINDS, logits, strict=True)})
    return scores
