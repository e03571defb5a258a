"""Swapped, repeated and mislabeled images are named, by a model learned from studies whose sequences are known."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.trust.features import IMAGE_FEATURES, PAIR_FEATURES, features_of
from BrainTumorVAESegLib.trust.fitting import fit_sequences, samples_of
from BrainTumorVAESegLib.trust.sequences import SequenceModel, assignments, judge_sequences, score_assignments

Z, Y, X = np.meshgrid(*(np.linspace(-1, 1, n) for n in (32, 36, 34)), indexing="ij")
DEPTH = Z**2 + Y**2 + X**2
BRAIN = DEPTH < 0.95
FLUID, EDGE = DEPTH < 0.1, DEPTH > 0.7
CONTRASTS = ((-2, 0.5), (-2, 2.0), (3, 0.5), (-2, -1.5))
"""Of T1, T1ce, T2 and FLAIR: what fluid and edge are."""


def a_study(seed: int) -> np.ndarray:
    """A ball with fluid in its middle and an edge, as bright as each sequence shows them."""
    random = np.random.default_rng(seed)
    images = [fluid * FLUID + edge * EDGE + 0.3 * random.standard_normal(BRAIN.shape) for fluid, edge in CONTRASTS]
    return np.stack([np.where(BRAIN, image, 0) for image in images]).astype(np.float32)


@pytest.fixture(scope="module")
def model() -> SequenceModel:
    return fit_sequences(
        [sample for seed in range(4) for sample in samples_of(a_study(seed), BRAIN, seed, 1)], steps=60
    )


def named(model: SequenceModel | None, images: np.ndarray, modalities=MODALITIES) -> list[str]:
    return [reason.message for reason in judge_sequences(model, *features_of(images, BRAIN), modalities)]


def test_an_untouched_study_is_right(model):
    assert named(model, a_study(77)) == []


@pytest.mark.parametrize(("first", "second"), list(combinations(range(4), 2)))
def test_each_pair_of_swapped_images_is_named(model, first, second):
    images = a_study(78)
    images[[first, second]] = images[[second, first]]
    assert named(model, images) == [f"{MODALITIES[first]} and {MODALITIES[second]} look swapped."]


def test_three_images_in_a_circle_are_named_each(model):
    found = named(model, a_study(79)[[1, 2, 0, 3]])
    assert found == [
        f"What was given as {a} looks like {b}." for a, b in (("T1", "T1ce"), ("T1ce", "T2"), ("T2", "T1"))
    ]


def test_an_image_given_twice_is_named_with_or_without_a_model(model):
    images = a_study(80)
    images[3] = images[2] * 5 + 3 * BRAIN
    for each in (model, None):
        assert named(each, images) == ["T2 and FLAIR hold the same image."]


def test_another_image_of_a_sequence_that_is_there_is_named(model):
    images = a_study(81)
    images[3] = a_study(82)[2] + 0.8 * np.random.default_rng(1).standard_normal(BRAIN.shape) * BRAIN
    assert named(model, images) == ["What was given as FLAIR looks like T2."]


@pytest.mark.parametrize(("pair", "alike", "named"), [((2, 3), 0.7, True), ((0, 1), 0.8, False), ((0, 1), 0.9, True)])
def test_images_that_are_one_in_detail_are_named_but_t1_and_t1ce_may_be_much_alike(model, pair, alike, named):
    details = np.eye(4)
    details[pair] = details[pair[::-1]] = alike
    singles, pairs = features_of(a_study(85), BRAIN)
    for each in (model, None):
        found = [reason.message for reason in judge_sequences(each, singles, pairs, MODALITIES, details)]
        message = f"{MODALITIES[pair[0]]} and {MODALITIES[pair[1]]} hold the same image, with other contrast,"
        assert [text.startswith(message) for text in found] == [True] * named


def test_swapped_images_that_are_much_alike_since_one_is_t1_and_one_t1ce_are_no_copy(model):
    order = [2, 1, 0, 3]
    details = np.eye(4)
    details[1, 2] = details[2, 1] = 0.8
    singles, pairs = features_of(a_study(86)[order], BRAIN)
    found = judge_sequences(model, singles, pairs, MODALITIES, details)
    assert [reason.message for reason in found] == ["T1 and T2 look swapped."]


def test_a_study_of_fewer_images_is_judged_by_those(model):
    images, left = a_study(83), (Modality.T1, Modality.T2, Modality.FLAIR)
    assert named(model, images[[0, 2, 3]], left) == []
    assert named(model, images[[0, 3, 2]], left) == ["T2 and FLAIR look swapped."]


def test_the_likelihoods_of_all_assignments_are_one_together(model):
    scores = score_assignments(model, *features_of(a_study(84), BRAIN))
    assert len(scores) == len(assignments(4)) == 256 and np.exp(scores).sum() == pytest.approx(1)


def test_images_without_contrast_have_features_all_the_same():
    singles, pairs = features_of(np.zeros((2, 8, 8, 8)), np.zeros((8, 8, 8), bool))
    assert singles.shape == (2, IMAGE_FEATURES) and pairs.shape == (2, 2, PAIR_FEATURES)
    assert np.isfinite(singles).all() and np.isfinite(pairs).all()


def test_a_model_of_other_features_is_refused():
    with pytest.raises(ValueError, match="another version's features"):
        SequenceModel((0.0,), (1.0,), (0.0,), (1.0,), (0.0,) * 4, (0.0,) * 16)
