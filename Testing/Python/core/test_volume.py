from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.volume import Study, Volume, is_finite

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
