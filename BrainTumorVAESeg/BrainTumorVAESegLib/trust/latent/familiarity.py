"""Whether the input check takes decoded images for those of a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from ...core.verdict import Familiarity, Verdict
from ...preparation.preparing import PreparedStudy, normalise
from ..calibration import Calibration
from ..judging import judge_study
from ..observing import observe
from .space import Coded, LatentSpace


def dressed(space: LatentSpace, images: np.ndarray, wearer: Coded) -> PreparedStudy:
    """Return decoded images (4, z, y, x) as the study of a case whose brain they fill.

    They are interpolated to the case's prepared grid, cut to its brain and normalized as any study's are: decoded
    images have no background of their own, so that the brain's shape is always that of a case.
    """
    prepared = wearer.prepared
    fine = space.reconstructor.on_prepared_grid(
        torch.from_numpy(images[None]).float(), wearer.view.box, prepared.brain.shape
    )
    clip = space.package.settings.preprocessing.clip
    return replace(prepared, images=np.stack([normalise(image, prepared.brain, clip) for image in fine]))


def judge_images(space: LatentSpace, study: PreparedStudy, calibration: Calibration) -> Verdict:
    """Return the input check's verdict on a prepared study."""
    measures = observe(study, space.reconstructor, space.package.latent)
    return judge_study(study, measures, calibration)


def familiar_share(verdicts: Sequence[Verdict]) -> float:
    """Return the share of verdicts that say familiar, 0 to 1; 0 where there is none."""
    return sum(verdict.familiarity is Familiarity.FAMILIAR for verdict in verdicts) / max(len(verdicts), 1)
