"""Scanners' artifacts: what is done to an image, and that it is told from an untouched one."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.preparation.shading import random_field
from BrainTumorVAESegLib.trust.artifacts import (
    ARTIFACT_FEATURES,
    ArtifactModel,
    artifact_features,
    score_artifacts,
)
from BrainTumorVAESegLib.trust.calibrating import with_artifact_scores
from BrainTumorVAESegLib.trust.corrupting import CORRUPTIONS
from BrainTumorVAESegLib.trust.learning import artifact_samples, fit_artifacts
from BrainTumorVAESegLib.trust.observed import CaseObservation
from BrainTumorVAESegLib.trust.spectra import SPECTRAL_FEATURES

Z, Y, X = np.meshgrid(*(np.linspace(-1, 1, n) for n in (48, 52, 50)), indexing="ij")
BRAIN = Z**2 + Y**2 + X**2 < 0.95


def a_study(seed: int) -> np.ndarray:
    """Four smooth images of one brain, each its own."""
    random = np.random.default_rng(seed)
    images = []
    for place in range(4):
        a, b, c = random.uniform(5, 7, 3)
        image = np.sin(a * Z + place) * np.cos(b * Y) * np.cos(c * X)
        images.append(np.where(BRAIN, (image - image[BRAIN].mean()) / image[BRAIN].std(), 0))
    return np.stack(images).astype(np.float32)


@pytest.fixture(scope="module")
def model() -> ArtifactModel:
    studies = [artifact_samples(a_study(seed), BRAIN, seed, versions=2) for seed in range(6)]
    return fit_artifacts([sample for study in studies for sample in study], steps=80)


@pytest.mark.parametrize("kind", [*CORRUPTIONS])
def test_an_artifact_changes_the_image_within_the_brain_alone_and_leaves_it_z_scored(kind):
    image = a_study(1)[0]
    changed = CORRUPTIONS[kind](image, BRAIN, np.random.default_rng(0))
    assert (changed[~BRAIN] == 0).all() and changed.dtype == np.float32
    assert changed[BRAIN].std() == pytest.approx(1, abs=1e-3) and changed[BRAIN].mean() == pytest.approx(0, abs=1e-3)
    assert 0.3 < np.corrcoef(changed[BRAIN], image[BRAIN])[0, 1] < 0.999


def test_a_field_goes_from_one_end_to_the_other():
    field = random_field((6, 7, 8), np.random.default_rng(1))
    assert (field.min(), field.max()) == (pytest.approx(-1), pytest.approx(1))


@pytest.mark.parametrize("kind", ["noise", "motion", "thick"])
def test_an_artifact_is_told_in_the_image_that_has_it(model, kind):
    images = a_study(99)
    before = score_artifacts(model, artifact_features(images, BRAIN), MODALITIES)
    images[2] = CORRUPTIONS[kind](images[2], BRAIN, np.random.default_rng(5))
    after = score_artifacts(model, artifact_features(images, BRAIN), MODALITIES)
    assert after[f"{kind}-T2"] > before[f"{kind}-T2"] + 1
    assert max(after, key=lambda key: after[key] - before[key]) == f"{kind}-T2"


def test_the_untouched_study_comes_first_among_the_samples():
    samples = artifact_samples(a_study(3), BRAIN, 3, versions=2)
    assert [len(samples), *samples[0][1]] == [3, -1, -1, -1, -1]
    assert all(features.shape == (4, ARTIFACT_FEATURES) for features, _ in samples)


def test_a_case_is_scored_by_a_model_that_did_not_learn_from_its_patient():
    cases = [
        CaseObservation({}, {}, (), artifact_samples(a_study(seed), BRAIN, seed, versions=1), f"patient {seed // 2}")
        for seed in range(8)
    ]
    scored = with_artifact_scores(cases)
    own = fit_artifacts([sample for case in cases[2:] for sample in case.artifacts])
    expected = score_artifacts(own, cases[0].artifacts[0][0], MODALITIES)
    assert scored[0].measures == pytest.approx(expected) and set(scored[1].measures) == set(expected)


def test_an_image_that_stays_keeps_its_energies_but_not_how_it_lies_beside_the_others():
    (untouched, _), (changed, kinds) = artifact_samples(a_study(4), BRAIN, 6, versions=1)
    stays = kinds == -1
    assert stays.any() and not stays.all()
    own = slice(0, SPECTRAL_FEATURES - 4)  # all but the phases beside the other images'
    np.testing.assert_array_equal(changed[stays, own], untouched[stays, own])
    assert not np.allclose(changed[~stays, own], untouched[~stays, own])
    beside = slice(SPECTRAL_FEATURES, None)
    assert not np.allclose(changed[stays, beside], untouched[stays, beside])


def test_images_without_contrast_or_one_alone_have_finite_features():
    assert np.isfinite(artifact_features(np.zeros((4, 10, 10, 10)), np.ones((10, 10, 10), bool))).all()
    alone = artifact_features(a_study(1)[:1], BRAIN)
    assert np.isfinite(alone).all() and (alone[:, SPECTRAL_FEATURES:] == 0).all()


def test_a_model_of_other_features_is_refused():
    with pytest.raises(ValueError, match="another version's features"):
        ArtifactModel((0.0,), (1.0,), (0.0,), (0.0,))
