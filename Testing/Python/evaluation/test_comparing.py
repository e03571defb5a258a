"""All measures of a pair of label maps: identical, empty, shifted, and on any grid."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.evaluation.comparing import RULES, RegionScore, compare
from BrainTumorVAESegLib.evaluation.dice import region_dice
from BrainTumorVAESegLib.evaluation.lesions import score_lesions
from BrainTumorVAESegLib.evaluation.surfaces import hd95, measure_surfaces

SPACING = (2.0, 1.0, 0.8)


def shells(start: int = 4, shape: tuple[int, int, int] = (24, 26, 28)) -> np.ndarray:
    """Three nested boxes: edema around a core around enhancing tumor."""
    labels = np.zeros(shape, np.uint8)
    for label, inset in ((2, 0), (1, 2), (3, 4)):
        labels[start + inset : start + 14 - inset, 4 + inset : 18 - inset, 4 + inset : 18 - inset] = label
    return labels


@pytest.fixture(scope="module")
def shifted() -> dict[str, RegionScore]:
    return compare(shells(5), shells(4), SPACING)


def test_the_same_label_map_is_perfect():
    for score in compare(shells(), shells(), SPACING).values():
        assert (score.dice, score.hd95, score.sensitivity, score.specificity, score.surface_dice) == (1, 0, 1, 1, 1)
        assert (score.lesion_dice, score.lesion_hd95) == (1, 0)
        assert (score.lesions_found, score.lesions_missed, score.lesions_false) == (1, 0, 0)
        assert (score.volume_error_ml, score.volume_error_relative) == (0, 0)


@pytest.mark.parametrize(
    ("prediction", "truth", "expected"),
    [
        (False, False, (1, 0, 1, 1, 1, 1, 0, 0, 0, 0)),
        (False, True, (0, 373.13, 0, 1, 0, 0, 374, 0, 1, 0)),
        (True, False, (0, 373.13, 0, None, 0, 0, 374, 0, 0, 1)),
    ],
)
def test_empty_regions_follow_brats(prediction, truth, expected):
    mine, theirs = (shells() * np.uint8(full) for full in (prediction, truth))
    outside = 1 - 14**3 / mine.size
    for key, score in compare(mine, theirs, SPACING).items():
        values = list(asdict(score).values())[:10]
        if expected[3] is None:
            assert score.specificity == pytest.approx(outside) if key == "WT" else outside < score.specificity < 1
        assert [round(float(v), 2) for n, v in enumerate(values) if n != 3] == [
            v for n, v in enumerate(expected) if n != 3
        ]
        assert score.volume_error_relative == {(0, 0): None, (0, 1): -1, (1, 0): None}[prediction, truth]


def test_a_region_may_be_empty_while_another_is_not():
    truth = np.where(shells() == 3, 1, shells()).astype(np.uint8)
    scores = compare(truth, truth, SPACING)
    assert scores["ET"].dice == scores["WT"].dice == 1 and scores["ET"].volume_error_relative is None
    confused = compare(shells(), truth, SPACING)
    assert (confused["TC"].dice, confused["ET"].dice) == (1, 0)
    assert confused["ET"].hd95 == pytest.approx(373.12866, abs=1e-4)


def test_each_measure_is_that_of_its_own_function(shifted):
    mine, theirs = shells(5) == 3, shells(4) == 3
    score = shifted["ET"]
    assert {key: value.dice for key, value in shifted.items()} == region_dice(shells(5), shells(4))
    assert score.hd95 == hd95(mine, theirs, SPACING) == pytest.approx(2)
    assert score.surface_dice == measure_surfaces(mine, theirs, SPACING).dice(1.0)
    alone = score_lesions(mine, theirs, SPACING)
    assert (score.lesion_dice, score.lesion_hd95, score.lesions_found) == (alone.dice, alone.hd95, alone.found)
    overlap, size, voxels = 5 * 36, 6 * 36, mine.size
    assert score.sensitivity == overlap / size
    assert score.specificity == 1 - (size - overlap) / (voxels - size)


def test_volumes_are_in_milliliters_and_errors_have_a_sign():
    truth = shells()
    less = truth.copy()
    less[4:6] = 0
    score = compare(less, truth, SPACING)["WT"]
    assert score.true_volume_ml == pytest.approx(14**3 * 1.6 / 1000)
    assert score.volume_error_ml == pytest.approx(-2 * 14 * 14 * 1.6 / 1000)
    assert score.volume_error_relative == pytest.approx(-2 / 14)
    assert compare(truth, less, SPACING)["WT"].volume_error_ml == -score.volume_error_ml


def test_the_image_around_the_tumor_changes_the_specificity_alone(shifted):
    wide = compare(np.pad(shells(5), 7), np.pad(shells(4), 7), SPACING)
    for key, score in shifted.items():
        mine, theirs = asdict(score), asdict(wide[key])
        assert mine.pop("specificity") < theirs.pop("specificity")
        assert mine == pytest.approx(theirs)


def test_spacing_follows_the_axes_of_the_array():
    turned = compare(shells(5).transpose(2, 1, 0), shells(4).transpose(2, 1, 0), SPACING[::-1])
    assert turned["TC"].hd95 == pytest.approx(2)
    assert compare(shells(5), shells(4), SPACING[::-1])["TC"].hd95 == pytest.approx(0.8)


def test_arrays_of_two_shapes_are_refused():
    with pytest.raises(InputError, match=r"\(24, 26, 28\) cannot be compared with a truth of shape \(24, 26, 29\)"):
        compare(shells(), shells(shape=(24, 26, 29)), SPACING)


def test_the_rules_name_measures_that_exist(shifted):
    assert set(RULES) <= set(asdict(shifted["WT"]))
