"""The tests of trust share small networks, and one result with all its evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from BrainTumorVAESegLib.inference.segmenting import Options, Result, segment
from smallnetworks import *  # noqa: F403  (their fixtures)


@pytest.fixture(scope="session")
def two_stages(study, package) -> Result:
    """The small study by both stages."""
    return segment(study, package, Options(keep_evidence=True))


@pytest.fixture(scope="session")
def one_stage(study, make_tiny_package, small_settings, trained_like) -> Result:
    """The small study by a package of one stage with its VAE branch, on a 2 mm grid."""
    stage = replace(small_settings.stage1, downsample=2, field=(32, 32, 32), vae_crop=(32, 32, 32), latent=6)
    settings = replace(small_settings, stage1=stage, stage2=None, thresholds=(0.7, 0.7, 0.7))
    return segment(study, make_tiny_package(settings, trained_like(stage, 4)), Options(keep_evidence=True))
