"""A small latent space with random weights, and what it makes of the small study."""

from __future__ import annotations

from dataclasses import replace

import pytest
from BrainTumorVAESegLib.models.manifest import LatentStatistics
from BrainTumorVAESegLib.trust.latent.space import Coded, LatentSpace


@pytest.fixture(scope="session")
def space(one_stage) -> LatentSpace:
    """Six numbers, images of 32 voxels of 8 mm; the training codes lie around 1, 2, ... 6."""
    statistics = LatentStatistics(mean=(1.0, 2.0, 3.0, 4.0, 5.0, 6.0), std=(0.5,) * 6, cases=3)
    return LatentSpace(replace(one_stage.package, latent=statistics))


@pytest.fixture(scope="session")
def coded(space, study) -> Coded:
    return space.encode(study)
