"""All that the input check looks at of a prepared study, as numbers by name."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from ..models.manifest import LatentStatistics
from ..preparation.preparing import PreparedStudy
from .measures import measure_gaps, measure_shape
from .reconstructing import Reconstructor

LATENT = "latent"
RESIDUAL = "residual"


def observe(
    prepared: PreparedStudy,
    reconstructor: Reconstructor | None = None,
    latent: LatentStatistics | None = None,
    end: Tensor | None = None,
) -> dict[str, float]:
    """Return the measures of the brain's shape and of what images lack, and of the VAE branch where there is one.

    residual-MODALITY: root mean square over the brain, in SD, of what the branch does not give back. latent: with
    statistics, the Mahalanobis distance of the latent's mean from the training cases' (see `mahalanobis`). end: see
    `Reconstructor.look`.
    """
    found = {**measure_shape(prepared.brain), **measure_gaps(prepared.images, prepared.brain, prepared.modalities)}
    if reconstructor is None:
        return found
    view = reconstructor.look(prepared.images, end)
    code = reconstructor.encode(view)
    residual = (view.seen - reconstructor.decode(code.mean))[0]
    inside = (view.seen[0] != 0).any(0)
    if bool(inside.any()):
        for modality, rest in zip(prepared.modalities, residual, strict=True):
            found[f"{RESIDUAL}-{modality}"] = float(rest[inside].square().mean().sqrt())
    if latent is not None:
        found[LATENT] = mahalanobis(code.mean[0].numpy(), latent)
    return {key: value for key, value in found.items() if np.isfinite(value)}


def mahalanobis(mean: np.ndarray, statistics: LatentStatistics) -> float:
    """Return the distance of a latent's mean (latent,) from the training cases', over the root of its length.

    About 1 for a training case, whatever the length.
    """
    centered = (mean - np.asarray(statistics.mean)) / np.asarray(statistics.std)
    return float(np.sqrt(np.mean(centered**2)))
