from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.volume import Volume
from BrainTumorVAESegLib.images.itk import orient
from BrainTumorVAESegLib.preparation.masking import brain_of, mask_on, with_mask


@pytest.fixture
def mask(patient, small_grid):
    return Volume(patient.brain(small_grid).astype(np.uint8), small_grid, "mask.nii.gz")


def test_without_a_mask_the_brain_is_what_is_not_background(small_study):
    assert np.array_equal(brain_of(small_study), small_study.reference_volume.array != 0)


def test_a_mask_goes_before_what_the_images_hold(small_study, mask):
    small = replace(mask, array=mask.array * (np.arange(64) < 30)[:, None, None])
    assert np.array_equal(brain_of(with_mask(small_study, small)), small.array != 0)


def test_a_mask_whose_axes_are_stored_otherwise_is_turned(small_study, mask):
    array, geometry = orient(mask.array, mask.geometry, "RAS")
    assert np.array_equal(brain_of(with_mask(small_study, Volume(array, geometry))), mask.array != 0)


def test_a_mask_is_carried_to_a_finer_grid(mask, patient, make_grid):
    fine = make_grid((170, 200, 160), (1.0, 1.0, 1.0))
    found, true = mask_on(mask, fine), patient.brain(fine)
    assert 2 * np.count_nonzero(found & true) / (found.sum() + true.sum()) > 0.97


def test_a_mask_on_another_grid_is_refused(small_study, mask):
    other = Geometry((68, 80, 64), (2.5, 2.5, 2.4), mask.geometry.origin)
    with pytest.raises(InputError, match=r"mask.nii.gz: the brain mask lies on another grid .* than T1ce"):
        with_mask(small_study, replace(mask, geometry=other))


@pytest.mark.parametrize(("value", "words"), [(0, "is empty"), (1, "is the whole image")])
def test_a_mask_of_nothing_or_of_everything_is_refused(small_study, mask, value, words):
    with pytest.raises(InputError, match=words):
        with_mask(small_study, replace(mask, array=np.full_like(mask.array, value)))


def test_a_mask_of_no_brains_size_is_refused(small_study, mask):
    few = np.zeros_like(mask.array)
    few[30:34, 30:34, 30:34] = 1
    with pytest.raises(InputError, match="has 1 ml"):
        with_mask(small_study, replace(mask, array=few))


def test_the_mask_of_a_registered_study_stays_in_the_references_space(small_study, mask):
    study = with_mask(small_study, mask)
    assert study.brain.geometry == study.reference_volume.geometry and Modality.T2 in study
