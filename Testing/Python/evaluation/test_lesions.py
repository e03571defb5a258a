"""Lesion by lesion, by hand: found, missed, invented, too small to count, and joined."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.evaluation import lesions
from BrainTumorVAESegLib.evaluation.lesions import LesionScore, lesion_dice, score_lesions
from BrainTumorVAESegLib.evaluation.surfaces import measure_surfaces
from scipy import ndimage

SHAPE = (40, 40, 40)
MM = (1.0, 1.0, 1.0)
FIRST, SECOND, FAR = (2, 2, 2), (25, 25, 25), (2, 32, 2)
CUBE = (5, 5, 5)


def test_a_missed_lesion_and_an_invented_one_count_like_a_found_one(make_boxes):
    truth = make_boxes(SHAPE, (FIRST, CUBE), (SECOND, CUBE))
    prediction = make_boxes(SHAPE, (FIRST, CUBE), (FAR, (2, 2, 2)))
    score = score_lesions(prediction, truth, MM)
    assert score == LesionScore(pytest.approx(1 / 3), pytest.approx((0 + 374 + 374) / 3), 1, 1, 1)


def test_each_lesion_is_measured_alone(make_boxes):
    """The first is found whole; of the second, half its voxels."""
    truth = make_boxes(SHAPE, (FIRST, (4, 6, 6)), (SECOND, (4, 6, 6)))
    prediction = make_boxes(SHAPE, (FIRST, (4, 6, 6)), (SECOND, (2, 6, 6)))
    alone = measure_surfaces(prediction[20:], truth[20:], MM).hd95()
    score = score_lesions(prediction, truth, MM)
    assert score == LesionScore(pytest.approx((1 + 2 / 3) / 2), pytest.approx(alone / 2), 2, 0, 0)
    assert alone == pytest.approx(2)


@pytest.mark.parametrize(("size", "counts"), [((5, 5, 2), False), ((3, 17, 1), True)])
def test_a_lesion_of_fifty_cubic_millimeters_does_not_count_and_one_of_51_does(make_boxes, size, counts):
    truth = make_boxes(SHAPE, (FIRST, size))
    missed = score_lesions(np.zeros(SHAPE, bool), truth, MM)
    assert missed == (LesionScore(0, 374, 0, 1, 0) if counts else LesionScore(1, 0, 0, 0, 0))
    found = score_lesions(truth, truth, MM)
    assert found == LesionScore(1, 0, int(counts), 0, 0), "what meets a lesion too small to count is not invented"


def test_the_least_volume_is_in_millimeters(make_boxes):
    truth = make_boxes(SHAPE, (FIRST, (5, 5, 2)))
    assert score_lesions(truth, truth, (1.0, 1.0, 1.1)).found == 1
    assert score_lesions(truth, truth, (1.0, 1.0, 1.0000001)).found == 0, "a spacing that was rounded"


@pytest.mark.parametrize(
    ("spacing", "gap", "count"),
    [(MM, 6, 1), (MM, 7, 2), ((2.5, 1.0, 1.0), 2, 1), ((2.5, 1.0, 1.0), 3, 2), ((0.5, 1.0, 1.0), 12, 1)],
)
def test_parts_are_one_lesion_where_three_millimeters_around_each_meet(make_boxes, spacing, gap, count):
    truth = make_boxes(SHAPE, ((2, 2, 2), (5, 6, 6)), ((7 + gap, 2, 2), (5, 6, 6)))
    assert score_lesions(truth, truth, spacing).found == count


def test_what_comes_within_three_millimeters_of_a_lesion_belongs_to_it(make_boxes):
    truth = make_boxes(SHAPE, (FIRST, CUBE))
    for gap, expected in ((2, (1, 0, 0)), (3, (0, 1, 1))):
        prediction = make_boxes(SHAPE, ((7 + gap, 2, 2), CUBE))
        score = score_lesions(prediction, truth, MM)
        assert (score.found, score.missed, score.false) == expected
        assert score.dice == 0


def test_parts_that_touch_by_a_corner_are_one(make_boxes):
    truth = make_boxes(SHAPE, (FIRST, CUBE))
    prediction = make_boxes(SHAPE, (SECOND, (2, 2, 2)), ((27, 27, 27), (2, 2, 2)))
    assert score_lesions(prediction, truth, MM).false == 1


def test_a_part_may_belong_to_two_lesions(make_boxes):
    truth = make_boxes(SHAPE, ((2, 2, 2), CUBE), ((20, 2, 2), CUBE))
    prediction = make_boxes(SHAPE, ((2, 2, 2), (23, 5, 5)))
    score = score_lesions(prediction, truth, MM)
    assert (score.found, score.missed, score.false) == (2, 0, 0)
    assert score.dice == pytest.approx(2 * 125 / (125 + 23 * 25))


def test_nothing_to_find_and_nothing_found_is_right(make_boxes):
    empty, cube = np.zeros(SHAPE, bool), make_boxes(SHAPE, (FIRST, CUBE))
    assert score_lesions(empty, empty, MM) == LesionScore(1, 0, 0, 0, 0)
    assert score_lesions(cube, empty, MM) == LesionScore(0, 374, 0, 0, 1)
    assert score_lesions(empty, cube, MM) == LesionScore(0, 374, 0, 1, 0)


def test_the_dilation_is_that_of_brats_on_its_grid(make_blobs):
    """Also at the image's border, where a cut-out box must not matter."""
    _, mask = make_blobs(7)
    official = ndimage.binary_dilation(mask, ndimage.generate_binary_structure(3, 2), iterations=3)
    assert np.array_equal(lesions._dilate(mask, MM), official)


def test_where_the_image_ends_changes_nothing_but_there(make_blobs):
    prediction, truth = make_blobs(8)
    wide = [np.pad(mask, 9) for mask in (prediction, truth)]
    score = score_lesions(prediction, truth, MM)
    assert score == score_lesions(*wide, MM) and score.found and score.false


def test_the_dice_alone_is_that_of_the_whole_score(make_boxes):
    truth = make_boxes(SHAPE, (FIRST, CUBE), (SECOND, (4, 6, 6)))
    nothing = np.zeros(SHAPE, bool)
    for prediction in (make_boxes(SHAPE, (FIRST, CUBE), (SECOND, (2, 6, 6)), (FAR, (2, 2, 2))), truth, nothing):
        assert lesion_dice(prediction, truth, MM) == score_lesions(prediction, truth, MM).dice
    assert lesion_dice(nothing, nothing, MM) == 1.0
