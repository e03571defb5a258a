from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.volume import Study
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings, make_phantom
from BrainTumorVAESegLib.preparation.background import Background
from BrainTumorVAESegLib.preparation.similarity import GradientField, agreement, correlate, neighbor_correlation


@pytest.fixture(scope="module")
def made() -> Study:
    return make_phantom(PhantomSettings(size=(64, 64, 48), spacing=3.0, noise=0.2)).study


def shuffled(array: np.ndarray) -> np.ndarray:
    result = array.copy()
    result[array != 0] = np.random.default_rng(0).permutation(array[array != 0])
    return result


def test_neighbors_have_to_do_with_each_other_in_an_image_alone(made):
    array = made[Modality.FLAIR].array
    assert neighbor_correlation(array, Background()) > 0.6
    assert abs(neighbor_correlation(shuffled(array), Background())) < 0.1
    assert neighbor_correlation(array - 1000, Background(-1000.0)) > 0.6


def test_an_image_of_thick_slices_along_its_rows_is_judged_across_them(made):
    across = made[Modality.FLAIR].array.copy()
    rng = np.random.default_rng(0)
    across = np.where(across != 0, np.cumsum(rng.normal(size=across.shape), axis=1), 0)
    assert neighbor_correlation(across, Background()) > 0.5


def test_too_little_has_no_correlation():
    assert neighbor_correlation(np.zeros((9, 9, 9)), Background()) is None
    assert correlate(np.arange(300), np.ones(300)) is None
    assert correlate(np.arange(9), np.arange(9)) is None
    assert correlate(np.arange(300), -2 * np.arange(300) + 7) == pytest.approx(-1)


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("modality", [Modality.T1, Modality.T2, Modality.FLAIR])
def test_a_mirrored_image_agrees_better_once_it_is_mirrored_back(made, modality, axis):
    reference = GradientField(made[Modality.T1CE].array)
    as_is, mirrored = agreement(reference, GradientField(np.flip(made[modality].array, axis)))
    assert int(np.argmax(mirrored)) == axis and mirrored[axis] > 1.3 * as_is


def test_where_images_agree_none_is_mirrored(made):
    one = GradientField(made[Modality.T1CE].array)
    as_is, mirrored = agreement(one, GradientField(made[Modality.T1CE].array))
    assert as_is > 0.2 and mirrored == ()


def test_what_is_empty_or_hardly_overlaps_cannot_be_compared(made):
    one, array = GradientField(made[Modality.T1CE].array), made[Modality.T1].array
    corner = np.zeros_like(array)
    corner[:9, :9, :9] = 5
    assert agreement(one, GradientField(np.zeros_like(array))) is None
    assert agreement(GradientField(np.zeros_like(array)), one) is None
    assert agreement(one, GradientField(corner)) is None
    assert agreement(GradientField(np.ones((1, 1, 1))), GradientField(np.ones((1, 1, 1)))) is None
