from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.volume import Study, Volume, choose_reference, is_finite, require_modalities

GRID = Geometry((4, 3, 2), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
VOLUME = Volume(np.ones((2, 3, 4), np.int16), GRID, "a.nii.gz")


def test_an_array_that_does_not_fit_its_grid_is_refused_with_its_source():
    with pytest.raises(InputError, match=r"a\.nii\.gz.*\(4, 3, 2\)"):
        Volume(np.ones((4, 3, 2)), GRID, "a.nii.gz")


def test_a_study_lists_what_it_holds_and_lacks_in_the_projects_order():
    study = Study({Modality.FLAIR: VOLUME, Modality.T1CE: VOLUME})
    assert tuple(study) == study.modalities == (Modality.T1CE, Modality.FLAIR)
    assert study.missing == (Modality.T1, Modality.T2)
    assert study.reference_volume is study[Modality.T1CE]


def test_a_study_needs_its_reference():
    with pytest.raises(InputError, match="reference T1ce"):
        Study({Modality.T1: VOLUME})
    with pytest.raises(InputError, match="no volume"):
        Study({})


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_strange_value_makes_an_array_not_finite(value):
    array = np.ones((5, 6, 7), np.float32)
    assert is_finite(array)
    array[3, 2, 1] = value
    assert not is_finite(array)


def test_values_whose_sum_runs_over_are_finite_all_the_same():
    assert is_finite(np.full(10, np.finfo(np.float32).max, np.float32))
    assert is_finite(np.full(10, 32767, np.int16))


@pytest.mark.parametrize(
    ("present", "reference"),
    [
        (MODALITIES, Modality.T1CE),
        ((Modality.T1, Modality.T2, Modality.FLAIR), Modality.FLAIR),
        ((Modality.T2, Modality.T1), Modality.T1),
        ((Modality.T2,), Modality.T2),
    ],
)
def test_the_result_lies_on_the_grid_of_the_first_image_that_is_there(present, reference):
    assert choose_reference(present) is reference


@pytest.mark.parametrize(
    ("present", "optional", "message"),
    [
        ("T1ce T2 FLAIR", "", "T1 is missing; give T1, T1ce, T2 and FLAIR."),
        ("T1ce T2", "", "T1, FLAIR are missing; give T1, T1ce, T2 and FLAIR."),
        ("T1ce T2", "T1", "FLAIR is missing; give T1ce, T2 and FLAIR (T1 may be absent)."),
        ("", "T1 T1ce T2", "FLAIR is missing; give FLAIR (T1, T1ce and T2 may be absent)."),
        ("", "T1 T1ce T2 FLAIR", "T1, T1ce, T2, FLAIR are missing; give at least one of them."),
    ],
)
def test_what_is_missing_and_may_not_be_is_named(present, optional, message):
    with pytest.raises(InputError) as caught:
        require_modalities([Modality(name) for name in present.split()], [Modality(name) for name in optional.split()])
    assert str(caught.value) == message


@pytest.mark.parametrize(("present", "optional"), [("T1 T1ce T2 FLAIR", ""), ("T2", "T1 T1ce T2 FLAIR")])
def test_what_is_missing_and_may_be_is_not_asked_for(present, optional):
    require_modalities([Modality(name) for name in present.split()], [Modality(name) for name in optional.split()])
