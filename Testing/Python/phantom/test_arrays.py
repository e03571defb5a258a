"""A phantom handed from one process to another."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.phantom.arrays import main, read_arrays
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings, make_phantom


def test_the_study_comes_over_as_it_was_made(tmp_path: Path) -> None:
    main([str(tmp_path), json.dumps({"size": [48, 56, 40], "spacing": 4.0, "seed": 3})])
    made = make_phantom(PhantomSettings(3, (48, 56, 40), 4.0)).study
    taken = read_arrays(tmp_path)
    assert taken.modalities == MODALITIES
    for modality in MODALITIES:
        assert taken[modality].geometry == made[modality].geometry
        assert taken[modality].array.dtype == made[modality].array.dtype
        assert np.array_equal(taken[modality].array, made[modality].array)
