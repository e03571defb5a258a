"""All that the input check looks at of a prepared study, as numbers by name."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from ..inference.segmenting import Result
from ..models.manifest import LatentStatistics
from ..preparation.preparing import PreparedStudy
from .cavity import measure_cavity
from .measures import measure_gaps, measure_shape
from .reconstructing import Reconstructor
from .tumor import measure_tumor

LATENT = "latent"
RESIDUAL = "residual"


def observe(
    prepared: PreparedStudy,
    reconstructor: Reconstructor | None = None,
    latent: LatentStatistics | None = None,
    end: Tensor | None = None,
    tumor: np.ndarray | None = None,
    seen: PreparedStudy | None = None,
) -> dict[str, float]:
    """Return the measures of the brain's shape, of what images lack, of a cavity and of the tumor that was found.

    prepared: as it came. tumor: (z, y, x; bool) on the prepared grid, None where nothing was looked for. seen: as the
    networks saw it, where that is another. With a VAE branch also, of what the networks saw:

    residual-MODALITY: root mean square over the brain, in SD, of what the branch does not give back. latent: with
    statistics, the Mahalanobis distance of the latent's mean from the training cases' (see `mahalanobis`). end: see
    `Reconstructor.look`.
    """
    images, brain, modalities = prepared.images, prepared.brain, prepared.modalities
    found = {**measure_shape(brain), **measure_gaps(images, brain, modalities)}
    coarse = prepared.coarse
    found |= measure_cavity(coarse.images * coarse.inside, coarse.inside, modalities)
    if tumor is not None:
        found |= measure_tumor(images, brain, tumor, modalities)
    if reconstructor is None:
        return found
    view = reconstructor.look((seen or prepared).images, end)
    code = reconstructor.encode(view)
    residual = (view.seen - reconstructor.decode(code.mean))[0]
    inside = (view.seen[0] != 0).any(0)
    if bool(inside.any()):
        for modality, rest in zip(prepared.modalities, residual, strict=True):
            found[f"{RESIDUAL}-{modality}"] = float(rest[inside].square().mean().sqrt())
    if latent is not None:
        found[LATENT] = mahalanobis(code.mean[0].numpy(), latent)
    return {key: value for key, value in found.items() if np.isfinite(value)}


def tumor_found(result: Result) -> np.ndarray:
    """Return where a result that was made with `keep_evidence` has a tumor: (z, y, x; bool) of the prepared grid."""
    assert result.evidence is not None
    return result.evidence.prediction.labels(result.package.settings.thresholds) > 0


def mahalanobis(mean: np.ndarray, statistics: LatentStatistics) -> float:
    """Return the distance of a latent's mean (latent,) from the training cases', over the root of its length.

    About 1 for a training case, whatever the length.
    """
    centered = (mean - np.asarray(statistics.mean)) / np.asarray(statistics.std)
    return float(np.sqrt(np.mean(centered**2)))
