"""What a reader of an answer is told beside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.volume import Study
from BrainTumorVAESegLib.inference.notes import notes_on
from BrainTumorVAESegLib.preparation.cleaning import Cleaned
from BrainTumorVAESegLib.preparation.shading import Shade


@pytest.fixture
def found(study: Study) -> Segmentation:
    """An answer of edema alone."""
    return Segmentation(np.full(study.reference_volume.array.shape, 2, np.uint8), study.reference_volume.geometry)


def test_an_answer_as_it_should_be_has_no_notes(study, found):
    assert list(notes_on(study, found, Cleaned(found.labels), {}, False)) == []


def test_each_thing_to_know_is_a_sentence(study, found):
    lacking = replace(study, volumes={m: v for m, v in study.volumes.items() if m is not Modality.T2})
    cleaned = Cleaned(found.labels, removed_parts=1, removed_ml=0.123, filled_ml=2.5)
    assert list(notes_on(lacking, found, cleaned, {Modality.T1: Shade(1.44, "left", "back")}, True)) == [
        "Shading was taken from T1: it was about 1.4 times as bright at the left as at the back.",
        "Segmented without T2: the answer is less sure than with all four images.",
        "Stage 2 was not used: stage 1's answer stands.",
        "1 small part of the answer (0.12 ml in all) was left out.",
        "2.5 ml that the tumor or its core encloses were filled.",
    ]


def test_what_is_too_little_to_tell_is_left_out_and_nothing_found_is_told_once(study, found):
    empty = replace(found, labels=found.labels * 0)
    notes = list(notes_on(study, empty, Cleaned(empty.labels, filled_ml=0.04), {}, True))
    assert notes == ["No tumor was found: the segmentation is empty."]
