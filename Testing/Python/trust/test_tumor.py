"""What was found as tumor, as a measure of the input."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.trust.tumor import measure_tumor

BRAIN = np.ones((20, 20, 20), bool)
TUMOR = np.zeros_like(BRAIN)
TUMOR[:10, :10, :10] = True


def test_its_size_and_how_it_stands_out_are_told():
    images = np.zeros((4, *BRAIN.shape))
    images[3][TUMOR] = 2.5
    images[2][TUMOR] = 1.0
    assert measure_tumor(images, BRAIN, TUMOR, MODALITIES) == {"tumor": pytest.approx(0.0), "contrast": 2.5}
    without_flair = measure_tumor(images[:3], BRAIN, TUMOR, (Modality.T1, Modality.T1CE, Modality.T2))
    assert without_flair["contrast"] == 1.0


def test_none_has_a_size_and_no_contrast():
    assert measure_tumor(np.ones((4, *BRAIN.shape)), BRAIN, ~BRAIN, MODALITIES) == {"tumor": pytest.approx(np.log(0.1))}
