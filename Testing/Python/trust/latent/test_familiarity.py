"""Decoded images before the input check."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.verdict import Familiarity, Verdict
from BrainTumorVAESegLib.trust.calibration import Calibration
from BrainTumorVAESegLib.trust.latent.familiarity import dressed, familiar_share, judge_images
from BrainTumorVAESegLib.trust.observing import observe


def test_decoded_images_wear_a_cases_brain_and_are_normalized(space, coded):
    images = np.random.default_rng(0).standard_normal((4, 32, 32, 32)).astype(np.float32) * 5 + 3
    study = dressed(space, images, coded)
    brain = coded.prepared.brain
    assert study.images.shape == coded.prepared.images.shape
    assert (study.images[:, ~brain] == 0).all()
    np.testing.assert_allclose(study.images[:, brain].mean(axis=1), 0, atol=1e-4)
    np.testing.assert_allclose(study.images[:, brain].std(axis=1), 1, atol=1e-4)


def test_a_draw_is_judged_by_its_own_measures(space, coded):
    drawn = dressed(space, space.decode(space.prior.draw(1))[0], coded)
    measure = observe(drawn, space.reconstructor, space.package.latent)["latent"]
    known = Calibration(5, {"latent": (0.1, 0.11, 0.12, 0.13, 0.14)}, unusual=0.0, unlike=0.0)
    oddity = known.oddity("latent", measure)
    assert oddity > 0
    for unusual, familiarity in ((1.01 * oddity, Familiarity.FAMILIAR), (0.99 * oddity, Familiarity.UNUSUAL)):
        assert judge_images(space, drawn, replace(known, unusual=unusual, unlike=9 * oddity)).familiarity == familiarity


@pytest.mark.parametrize(("familiar", "others", "share"), [(3, 1, 0.75), (0, 2, 0.0), (0, 0, 0.0)])
def test_the_share_counts_what_is_familiar_alone(familiar, others, share):
    verdicts = [Verdict(Familiarity.FAMILIAR)] * familiar + [Verdict(Familiarity.UNUSUAL)] * others
    assert familiar_share(verdicts) == share
