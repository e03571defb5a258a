"""The last step of an answer: what stage 2 adds far from all that stage 1 saw is left out where the package says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.boxes import Box
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.settings import CascadeSettings, Cleaning
from BrainTumorVAESegLib.inference.cascade import Prediction
from BrainTumorVAESegLib.inference.finishing import finish
from BrainTumorVAESegLib.preparation.preparing import PreparedStudy, prepare
from BrainTumorVAESegLib.preparation.restoring import restore

SETTINGS = CascadeSettings(cleaning=Cleaning(least_unseen_ml=1000.0))
SEEN, UNSEEN = (slice(4, 8),) * 3, (slice(16, 19),) * 3


@pytest.fixture(scope="module", params=[4.0, 3.0], ids=["on the reference's grid", "interpolated"])
def prepared(request, study) -> PreparedStudy:
    return prepare(study, replace(SETTINGS.preprocessing, spacing=request.param), SETTINGS.channels)


@pytest.fixture
def prediction(prepared) -> Prediction:
    """Both stages see one part, stage 2 alone another."""
    answer, first = np.zeros((2, 3, *prepared.brain.shape), np.float32)
    answer[(0, *SEEN)] = answer[(0, *UNSEEN)] = first[(0, *SEEN)] = 0.9
    regions = (Box.at((0, 0, 0), (20, 20, 20)),)
    return Prediction(torch.from_numpy(answer), ("WT", "TC", "ET"), torch.from_numpy(first), regions)


@pytest.fixture
def segmentation(prediction, prepared, study):
    reference = study[Modality.T1CE].geometry
    return restore(prediction.probabilities, prediction.channels, SETTINGS.thresholds, prepared, reference)


def test_a_part_that_stage_1_did_not_see_is_left_out_on_any_grid(segmentation, prediction, prepared, study):
    cleaned = finish(segmentation, prediction, prepared, SETTINGS)
    alone = replace(prediction, answer=prediction.first)
    reference = study[Modality.T1CE].geometry
    expected = restore(alone.probabilities, alone.channels, SETTINGS.thresholds, prepared, reference)
    assert cleaned.removed_parts == 1 and expected.labels.any()
    np.testing.assert_array_equal(cleaned.labels, expected.labels)


def test_it_stays_where_the_package_does_not_say_so_or_stage_1_alone_answered(segmentation, prediction, prepared):
    for settings, answer in (
        (replace(SETTINGS, cleaning=Cleaning()), prediction),
        (SETTINGS, replace(prediction, regions=())),
    ):
        cleaned = finish(segmentation, answer, prepared, settings)
        np.testing.assert_array_equal(cleaned.labels, segmentation.labels)
