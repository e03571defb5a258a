"""Answers to mirrored images: their mean, their disagreement, what they take, and the wish to stop."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import Cancelled, InputError
from BrainTumorVAESegLib.core.inspection import CONTRIBUTIONS, FREE, MIRROR
from BrainTumorVAESegLib.inference.segmenting import Segmenter
from BrainTumorVAESegLib.trust.explaining import Explanation
from BrainTumorVAESegLib.trust.flipping import FLIPS, Flipped, cost_of, flip_and_answer
from BrainTumorVAESegLib.trust.mirroring import mirror, mirrored_intervals, mirroring_cost

RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.random((4, 5, 6, 7)).astype(np.float32)
HALF = (0.5, 0.5, 0.5)


def test_an_answer_that_turns_with_its_images_disagrees_nowhere():
    found = flip_and_answer(lambda images, _: images[:3].copy(), IMAGES, IMAGES[:3], HALF)
    np.testing.assert_allclose(found.probabilities, IMAGES[:3], rtol=1e-6)
    assert found.information.max() < 1e-6 and found.counts.shape == (8, 3)
    assert (found.counts == found.counts[0]).all()


def test_answers_that_are_sure_of_the_contrary_disagree_by_one_bit():
    sure = np.full((3, 5, 6, 7), 1e-9, np.float32)
    found = flip_and_answer(lambda images, number: 1 - sure, IMAGES, sure, HALF, answers=2)
    assert found.information == pytest.approx(1.0, abs=1e-3)
    np.testing.assert_allclose(found.probabilities, 0.5, atol=1e-6)
    np.testing.assert_array_equal(found.counts, [[0] * 3, [210] * 3])


def test_doubt_that_all_answers_share_is_no_disagreement():
    doubt = np.full((3, 5, 6, 7), 0.5, np.float32)
    assert flip_and_answer(lambda images, _: doubt, IMAGES, doubt, HALF).information.max() < 1e-6


def test_each_mirroring_is_made_once():
    assert len(set(FLIPS)) == 8 and FLIPS[0] == ()
    seen = []
    flip_and_answer(lambda images, _: seen.append(images.tobytes()) or IMAGES[:3], IMAGES, IMAGES[:3], HALF)
    assert len(set(seen)) == 7 and IMAGES.tobytes() not in seen


def test_what_it_takes_is_told_beforehand(two_stages):
    cost = cost_of(7, 2.0, (100, 100, 100))
    assert (cost.passes, cost.seconds, cost.bytes) == (7, 14.0, 72_000_000)
    assert str(cost).startswith("7 more passes of the networks, about 14 s and 0.1 GiB")
    assert mirroring_cost(two_stages, 3).passes == 2 and mirroring_cost(two_stages).seconds > 0


def test_a_result_is_answered_mirrored_and_its_intervals_grow_no_narrower(two_stages):
    told: list[float] = []
    flipped = mirror(two_stages, Segmenter(two_stages.package), 3, progress=lambda each: told.append(each.fraction))
    assert told == sorted(told) and told[-1] > 0.9
    thresholds = {"WT": (0.6, 0.75)}
    from BrainTumorVAESegLib.trust.intervals import volume_intervals

    own, wider = volume_intervals(two_stages, thresholds)["WT"], mirrored_intervals(two_stages, flipped, thresholds)
    assert set(wider) == {"WT"} and wider["WT"][0] <= own[0] and wider["WT"][1] >= own[1]
    explanation = Explanation(two_stages, flipped=flipped)
    assert explanation.map("information").volume.array.max() > 0
    with pytest.raises(InputError, match="inspect --flips"):
        Explanation(two_stages).map("information")


def test_answers_that_are_kept_take_nothing_and_fewer_than_all_do(two_stages):
    def kept(answers: int) -> Explanation:
        return Explanation(two_stages, flipped=Flipped(IMAGES[:3], IMAGES[0], np.zeros((answers, 3), int)))

    assert kept(8).costs[MIRROR] == FREE and kept(8).costs[CONTRIBUTIONS].passes == 4
    assert kept(3).costs[MIRROR].passes == 7


def test_it_can_be_stopped(two_stages):
    with pytest.raises(Cancelled):
        mirror(two_stages, Segmenter(two_stages.package), cancelled=lambda: True)


@pytest.mark.parametrize("answers", [1, 9])
def test_a_number_of_answers_that_cannot_be_is_refused(two_stages, answers):
    with pytest.raises(InputError, match="choose 2 to 8"):
        mirror(two_stages, Segmenter(two_stages.package), answers)
