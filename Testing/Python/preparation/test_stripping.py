from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import CheckError
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.preparation.extracting import BrainExtractor
from BrainTumorVAESegLib.preparation.statistics import measure
from BrainTumorVAESegLib.preparation.stripping import needs_stripping, strip
from movedheads import with_skull


@pytest.fixture(scope="module")
def heads(small_study, patient, small_grid):
    return with_skull(small_study, patient.half_axes, patient.places(small_grid))


def test_heads_need_it_and_brains_do_not(small_study, heads):
    assert needs_stripping(measure(small_study)) == ()
    assert needs_stripping(measure(heads)) == MODALITIES


def test_the_mask_is_made_once_on_the_reference(heads, patient, small_grid):
    brain, seen = patient.brain(small_grid), []

    def find(volume, device):
        seen.append((volume.source, device))
        return brain

    study = strip(heads, BrainExtractor("a stand-in", find), "cuda:0")
    assert seen == [("T1ce.nii.gz", "cuda:0")]
    assert np.count_nonzero(study.brain.array != brain) < 0.005 * np.count_nonzero(brain)
    assert study.brain.geometry == small_grid
    assert needs_stripping(measure(study)) == ()


def test_only_the_largest_part_counts_without_its_holes(heads, patient, small_grid):
    brain = patient.brain(small_grid)
    ragged = brain.copy()
    ragged[1, 1, 1] = True
    ragged[30:33, 38:42, 30:34] = False
    study = strip(heads, BrainExtractor("a stand-in", lambda *_: ragged))
    assert np.count_nonzero(study.brain.array != brain) < 0.005 * np.count_nonzero(brain)
    assert not study.brain.array[1, 1, 1] and study.brain.array[31, 39, 31]


def test_a_notch_at_the_border_is_filled_and_the_rest_of_the_outline_stays(heads, patient, small_grid):
    brain = patient.brain(small_grid)
    notched = brain.copy()
    x, y, z = patient.places(small_grid)
    notch = brain & (np.abs(x) < 2) & (y > 70) & (np.abs(z) < 2)
    notched[notch] = False
    study = strip(heads, BrainExtractor("a stand-in", lambda *_: notched))
    assert np.count_nonzero(study.brain.array & notch) > 0.6 * np.count_nonzero(notch)
    assert np.count_nonzero(study.brain.array & ~brain) < 0.005 * np.count_nonzero(brain)


@pytest.mark.parametrize("value", [False, True])
def test_what_is_no_brains_size_is_refused(heads, value):
    everything = BrainExtractor("A stand-in", lambda volume, device: np.full(volume.array.shape, value))
    with pytest.raises(CheckError, match=r"T1ce \(T1ce.nii.gz\): A stand-in found \d+ ml of brain"):
        strip(heads, everything)
