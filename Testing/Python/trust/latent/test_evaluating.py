"""A latent space measured on cases."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.trust.calibration import Calibration
from BrainTumorVAESegLib.trust.latent.evaluating import evaluate
from BrainTumorVAESegLib.trust.latent.measuring import given_back


def test_what_is_given_back_is_that_of_the_case(space, coded):
    report = evaluate(space, [coded])
    images = space.decode(np.stack([coded.mean, space.training.mean]))
    assert report.given_back["T2"] == given_back(coded.seen, *images)[2]
    assert report.code_size == pytest.approx(float(np.sqrt(np.mean(coded.mean**2))))
    assert report.code_spread == pytest.approx(float(coded.spread.mean()))
    assert report.walks is None and report.familiar == {}, "one case has no other to walk to, nor a calibration"


def test_a_case_beside_itself_is_walked_to_without_a_step(space, coded):
    walks = evaluate(space, [coded, coded]).walks
    assert walks.length == walks.largest_step == 1.0 and walks.departure == 0.0


def test_by_a_check_that_knows_no_measure_all_is_familiar(space, coded):
    said = []
    report = evaluate(space, [coded], Calibration(5, {}, 3.0, 6.0), draws=2, tell=said.append)
    assert report.familiar == {"prior": 1.0, "training": 1.0, "reconstructed": 1.0, "untouched": 1.0}
    assert "judge 2 draws (prior)" in said and not any(report.reasons.values())


def test_why_images_are_not_familiar_is_counted_by_case(space, coded):
    narrow = Calibration(5, {"latent": (0.1, 0.11, 0.12, 0.13, 0.14)}, unusual=0.5, unlike=1e9)
    report = evaluate(space, [coded, coded], narrow, draws=1)
    assert report.familiar["untouched"] == 0.0 and report.reasons["untouched"] == {"latent": 2}
