"""The input check's verdict on a study, and its reasons in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.verdict import Familiarity
from BrainTumorVAESegLib.models.manifest import LatentStatistics
from BrainTumorVAESegLib.preparation.coarsening import coarsened
from BrainTumorVAESegLib.preparation.shading import field_terms, fit_shading
from BrainTumorVAESegLib.trust.calibrating import with_calibration
from BrainTumorVAESegLib.trust.calibration import Calibration
from BrainTumorVAESegLib.trust.checking import check_trust
from BrainTumorVAESegLib.trust.judging import judge, judge_study
from BrainTumorVAESegLib.trust.observing import LATENT, mahalanobis, observe
from BrainTumorVAESegLib.trust.reconstructing import Reconstructor
from BrainTumorVAESegLib.trust.wording import describe


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
    assert reason.message == "T2 looks noisier than in any of the cases that this package was calibrated on."
    assert (reason.code, reason.percentile, reason.modality) == ("noise", 100.0, Modality.T2)


def test_any_of_the_cases_is_said_only_where_none_is_left(calibration):
    most = replace(calibration, measures={"noise-T2": (1.0,) * 999 + (9.0,)})
    assert "than in 99 % of the cases that" in describe("noise-T2", 8.0, most, {}).message
    assert "than in any of the cases that" in describe("noise-T2", 9.5, most, {}).message


def test_a_cut_brain_is_told_by_its_face(prepared, calibration):
    verdict = judge_study(prepared, {**observe(prepared), "cut-head": 0.9}, calibration)
    assert verdict.reasons[0].message.startswith("The field of view cuts the brain, towards the head, more than")


def test_an_image_given_twice_makes_a_study_unlike_any(prepared, calibration):
    images = prepared.images.copy()
    images[3] = images[2]
    verdict = judge_study(replace(prepared, images=images), {}, calibration)
    assert verdict.familiarity is Familiarity.UNLIKE and "T2 and FLAIR hold the same image." in str(verdict)


def test_an_image_given_twice_with_another_contrast_is_told(prepared, calibration, monkeypatch):
    monkeypatch.setattr("BrainTumorVAESegLib.trust.likeness._FEWEST", 0)  # the small study is no brain's size
    images = prepared.images.copy()
    low = images[2].min()
    images[3] = np.where(prepared.brain, (images[2] - low) ** 0.6, 0)
    verdict = judge_study(replace(prepared, images=images), {}, calibration)
    assert verdict.familiarity is Familiarity.UNLIKE and "T2 and FLAIR hold the same image" in str(verdict)


def test_an_image_without_contrast_is_told_and_not_judged(prepared, calibration):
    images = prepared.images.copy()
    images[1] = 0
    other = replace(prepared, images=images)
    verdict = judge_study(other, observe(other), calibration)
    assert [reason.message for reason in verdict.reasons] == ["T1ce is missing or has no contrast."]


def test_images_without_a_brain_are_told_so(prepared, calibration):
    empty = replace(prepared, images=np.zeros_like(prepared.images))
    verdict = judge_study(empty, observe(empty), calibration)
    assert verdict.familiarity is Familiarity.UNLIKE
    assert [reason.message for reason in verdict.reasons] == ["There is no brain in these images."]


def test_another_part_of_the_body_is_told_so(prepared, calibration):
    brain = np.zeros((120, 40, 40), bool)
    brain[:, 10:30, 12:28] = True  # a limb: long from feet to head, thin, cut at both ends
    images = np.random.default_rng(0).standard_normal((4, *brain.shape)).astype(np.float32) * brain
    limb = replace(prepared, images=images, brain=brain)
    verdict = judge_study(limb, observe(limb), calibration)
    assert verdict.familiarity is Familiarity.UNLIKE
    assert "it may be another part of the body" in str(verdict)
    assert not [reason for reason in verdict.reasons if reason.code in ("tall", "filled", "brain_ml")], "told once"


def test_a_cavity_is_told_as_after_an_operation(prepared, calibration):
    known = replace(calibration, measures={**calibration.measures, "cavity": (0.0,) * 5 + (0.5, 1.0, 1.5, 2.0)})
    verdict = judge_study(prepared, {**observe(prepared), "cavity": 30.0}, known)
    assert "There is a cavity of 30 ml filled with fluid on one side, as after an operation" in str(verdict)


def test_a_brain_without_a_tumor_is_unusual(one_stage, calibration):
    labels = np.zeros_like(one_stage.segmentation.labels)
    result = replace(one_stage, segmentation=replace(one_stage.segmentation, labels=labels))
    verdict = judge(result, calibration)
    assert verdict.familiarity is Familiarity.UNUSUAL
    assert verdict.reasons[0].code == "no-tumor" and "a healthy brain may look like this" in verdict.reasons[0].message


def test_strong_shading_is_told_once_with_its_sequence_and_its_ends(prepared, calibration):
    coarse, inside = coarsened(prepared.images, prepared.brain)
    usual = np.stack([field_terms(image * inside, inside) for image in coarse])
    random = np.random.default_rng(0)
    model = fit_shading([usual + 0.02 * random.standard_normal(usual.shape) for _ in range(9)])
    shades = {f"shading{end}": tuple(np.linspace(0, 0.1, 9).tolist()) for end in ("", *(f"-{m}" for m in MODALITIES))}
    known = replace(calibration, measures={**calibration.measures, **shades}, shading=model)
    y = np.linspace(-1, 1, prepared.brain.shape[1])[None, :, None]
    images = prepared.images.copy()
    images[2] = np.where(prepared.brain, (images[2] - images[2].min() + 0.3) * np.exp(0.5 * y), 0)
    images[2][prepared.brain] -= images[2][prepared.brain].mean()
    images[2][prepared.brain] /= images[2][prepared.brain].std()
    verdict = judge_study(replace(prepared, images=images), observe(prepared), known)
    told = [reason for reason in verdict.reasons if reason.code == "shading" and reason.modality is Modality.T2]
    assert len(told) == 1 and told[0].message.startswith("Strong shading in T2: about ")
    assert "back" in told[0].message.partition(" as at the ")[0]
    assert "saw the image without it" not in str(verdict)
    after = judge_study(replace(prepared, images=images), observe(prepared), known, unshaded=[Modality.T2])
    assert [reason.message.endswith("; the networks saw the image without it.") for reason in after.reasons] == [
        reason.code == "shading" and reason.modality is Modality.T2 for reason in after.reasons
    ]


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
