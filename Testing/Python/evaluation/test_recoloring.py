"""Changes of intensities are what they say, and keep the brain."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.settings import Preprocessing
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.evaluation.changes import choose_changes, gamma
from BrainTumorVAESegLib.preparation.preparing import PreparedStudy, prepare

BrainOf = Callable[[Study], np.ndarray]
INTENSITIES = ("rescaled", "gamma-0.7", "gamma-1.5", "bias", "8-bit", "noise")


def prepared(study: Study) -> PreparedStudy:
    return prepare(study, Preprocessing(spacing=2.5), MODALITIES)


@pytest.mark.parametrize("key", INTENSITIES)
def test_a_change_of_intensities_keeps_grid_truth_and_brain(
    uneven: Study, truth: Volume, key: str, brain_of: BrainOf
) -> None:
    assert (uneven[Modality.T1].array < 0).any()
    changed, same = choose_changes([key])[-1].apply(uneven, truth)
    assert same is truth
    assert np.array_equal(brain_of(changed), brain_of(uneven))
    for modality in uneven:
        assert changed[modality].geometry == uneven[modality].geometry
        assert not np.array_equal(changed[modality].array, uneven[modality].array), "it is a change"
        assert np.isfinite(changed[modality].array).all()
        still = changed[modality].array[uneven[modality].array != 0] != 0
        assert still.all(), "no voxel of a volume falls out of it"


def test_rescaled_volumes_are_prepared_to_the_same_input(small_study: Study, truth: Volume) -> None:
    changed, _ = choose_changes(["rescaled"])[-1].apply(small_study, truth)
    ratios = [changed[m].array.max() / small_study[m].array.max() for m in MODALITIES]
    assert ratios == pytest.approx([0.01, 7, 1000, 0.3])
    assert np.allclose(prepared(changed).images, prepared(small_study).images, atol=1e-4)


def test_a_gamma_of_one_changes_nothing_and_others_keep_the_order_and_the_ends(
    small_study: Study, truth: Volume
) -> None:
    old = small_study[Modality.T2].array
    same, _ = gamma(1).apply(small_study, truth)
    assert np.allclose(same[Modality.T2].array, old, rtol=1e-5)
    for exponent, sign in ((0.7, 1), (1.5, -1)):
        new = gamma(exponent).apply(small_study, truth)[0][Modality.T2].array
        inside = old != 0
        order = np.argsort(old[inside], kind="stable")
        assert (np.diff(new[inside][order]) >= -1e-3).all()
        assert new[inside].min() == pytest.approx(old[inside].min(), rel=1e-5)
        assert new[inside].max() == pytest.approx(old[inside].max(), rel=1e-5)
        assert sign * (new[inside].mean() - old[inside].mean()) > 10


def test_a_brain_voxel_that_a_gamma_would_make_zero_stays_brain() -> None:
    grid = Geometry((3, 1, 1), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    # (1 / 4) ** 0.5 * 4 - 2 is exactly 0.
    array = np.array([[[-2, -1, 2]]], np.float32)
    study = Study({m: Volume(array, grid) for m in MODALITIES})
    changed, _ = gamma(0.5).apply(study, Volume(np.zeros(grid.shape, np.uint8), grid))
    values = changed[Modality.T1].array[0, 0]
    assert values[1] != 0
    assert values == pytest.approx([-2, 0, 2])


def test_the_bias_is_smooth_another_one_for_each_modality_and_of_thirty_percent(
    small_study: Study, truth: Volume, brain_of: BrainOf
) -> None:
    changed, _ = choose_changes(["bias"])[-1].apply(small_study, truth)
    inside = brain_of(small_study)
    fields = []
    for modality in MODALITIES:
        field = np.where(inside, changed[modality].array / np.where(inside, small_study[modality].array, 1), np.nan)
        assert (np.nanmin(field), np.nanmax(field)) == pytest.approx((0.7, 1.3), abs=1e-3)
        steps = [np.nanmax(np.abs(np.diff(field, axis=axis))) for axis in range(3)]
        assert max(steps) < 0.05
        fields.append(field[inside])
    assert np.abs(np.corrcoef(fields)[np.triu_indices(4, 1)]).max() < 0.95


def test_the_bias_of_a_seed_stays_the_field_that_packages_were_measured_with() -> None:
    grid = Geometry((4, 3, 5), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    even = Study({m: Volume(np.ones(grid.shape, np.float32), grid) for m in MODALITIES})
    changed, _ = choose_changes(["bias"])[-1].apply(even, Volume(np.zeros(grid.shape, np.uint8), grid))
    expected = [
        [1.0901678800582886, 1.1356537342071533, 1.2803208827972412, 0.699999988079071],
        [1.1326220035552979, 1.053964614868164, 1.029348373413086, 0.9806453585624695],
    ]
    corners = [changed[m].array[::4, ::2, ::3].ravel()[[0, 3, 5, 6]] for m in (Modality.T1, Modality.FLAIR)]
    assert np.stack(corners) == pytest.approx(np.array(expected), abs=1e-6)


def test_eight_bits_span_each_volumes_own_maximum(uneven: Study, truth: Volume, brain_of: BrainOf) -> None:
    changed, _ = choose_changes(["8-bit"])[-1].apply(uneven, truth)
    for modality in MODALITIES:
        array, old = changed[modality].array, uneven[modality].array.astype(float)
        assert array.dtype == np.uint8
        assert array.max() == 255 and array[brain_of(uneven)].min() >= 1
        low = min(old.min(), 0)
        again = array / 255 * (old.max() - low) + low
        assert np.abs(again - old)[brain_of(uneven)].max() <= (old.max() - low) / 255


def test_the_noise_has_a_tenth_of_the_brains_deviation_and_is_anothers_in_each_volume(
    small_study: Study, truth: Volume, brain_of: BrainOf
) -> None:
    changed, _ = choose_changes(["noise"])[-1].apply(small_study, truth)
    inside = brain_of(small_study)
    noises = []
    for modality in MODALITIES:
        old = small_study[modality].array[inside].astype(float)
        noises.append(changed[modality].array[inside] - old)
        assert noises[-1].std() == pytest.approx(0.1 * old.std(), rel=0.02)
        assert abs(noises[-1].mean()) < 0.01 * old.std()
    assert np.abs(np.corrcoef(noises)[np.triu_indices(4, 1)]).max() < 0.02
