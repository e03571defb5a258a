"""The input check's verdict on a study, and its reasons in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.verdict import Familiarity
from BrainTumorVAESegLib.models.manifest import LatentStatistics
from BrainTumorVAESegLib.trust.calibrating import with_calibration
from BrainTumorVAESegLib.trust.calibration import Calibration
from BrainTumorVAESegLib.trust.checking import check_trust
from BrainTumorVAESegLib.trust.judging import judge_study
from BrainTumorVAESegLib.trust.observing import LATENT, mahalanobis, observe
from BrainTumorVAESegLib.trust.reconstructing import Reconstructor


@pytest.fixture
def prepared(one_stage):
    return one_stage.evidence.prepared


@pytest.fixture
def calibration(prepared) -> Calibration:
    """As if nine studies had been like this one, give or take a tenth."""
    measures = observe(prepared)
    factors = np.linspace(0.9, 1.1, 9)
    spread = {key: tuple(sorted((value * factors).tolist())) for key, value in measures.items()}
    spread["noise-T2"] = tuple(factors.tolist())
    return Calibration(9, spread, 3.0, 6.0, intervals={"WT": (0.3, 0.9)})


def test_a_study_like_the_known_ones_is_familiar(prepared, calibration):
    verdict = judge_study(prepared, observe(prepared), calibration)
    assert verdict.familiarity is Familiarity.FAMILIAR and verdict.reasons == ()


@pytest.mark.parametrize(("times", "expected"), [(1.35, Familiarity.UNUSUAL), (3.0, Familiarity.UNLIKE)])
def test_a_study_that_stands_out_is_told_why(prepared, calibration, times, expected):
    measures = observe(prepared)
    verdict = judge_study(prepared, {**measures, "noise-T2": times}, calibration)
    assert verdict.familiarity is expected
    (reason,) = verdict.reasons
    assert reason.message == "T2 looks noisier than in 100 % of the cases that this package was calibrated on."
    assert (reason.code, reason.percentile, reason.modality) == ("noise", 100.0, Modality.T2)


def test_a_cut_brain_is_told_by_its_face(prepared, calibration):
    verdict = judge_study(prepared, {**observe(prepared), "cut-head": 0.9}, calibration)
    assert verdict.reasons[0].message.startswith("The field of view cuts the brain, towards the head, more than")


def test_an_image_given_twice_makes_a_study_unlike_any(prepared, calibration):
    images = prepared.images.copy()
    images[3] = images[2]
    verdict = judge_study(replace(prepared, images=images), {}, calibration)
    assert verdict.familiarity is Familiarity.UNLIKE and "T2 and FLAIR hold the same image." in str(verdict)


def test_an_image_without_contrast_is_told_and_not_judged(prepared, calibration):
    images = prepared.images.copy()
    images[1] = 0
    other = replace(prepared, images=images)
    verdict = judge_study(other, observe(other), calibration)
    assert [reason.message for reason in verdict.reasons] == ["T1ce is missing or has no contrast."]
    empty = replace(prepared, images=np.zeros_like(images))
    assert judge_study(empty, observe(empty), calibration).familiarity is Familiarity.UNLIKE


def test_a_calibrated_package_judges_and_gives_intervals(one_stage, calibration, tmp_path):
    calibrated = with_calibration(one_stage.package, calibration, tmp_path / "calibrated")
    trust = check_trust(replace(one_stage, package=calibrated))
    assert trust.verdict.familiarity is Familiarity.FAMILIAR and trust.verdict.unavailable == ()
    low, high = trust.intervals_ml["WT"]
    assert low <= one_stage.segmentation.volumes_ml()["WT"] <= high


def test_a_package_that_was_not_calibrated_judges_nothing(one_stage):
    trust = check_trust(one_stage)
    assert trust.verdict is None and trust.intervals_ml == {}


def test_the_branch_adds_residuals_and_the_latents_distance(one_stage, prepared):
    statistics = LatentStatistics((0.0,) * 6, (1.0,) * 6, 3)
    found = observe(prepared, Reconstructor(one_stage.package), statistics)
    assert {f"residual-{modality}" for modality in prepared.modalities} | {LATENT} < set(found)


def test_the_latents_distance_is_one_a_number_on_average():
    statistics = LatentStatistics((1.0, 2.0), (0.5, 2.0), 3)
    assert mahalanobis(np.array([1.0, 2.0]), statistics) == 0
    assert mahalanobis(np.array([1.5, 4.0]), statistics) == pytest.approx(1.0)
