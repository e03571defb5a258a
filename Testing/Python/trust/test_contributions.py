"""What each sequence contributed: an answer that hangs on one image alone, and a whole study's."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import Cancelled
from BrainTumorVAESegLib.core.inspection import CONTRIBUTIONS, FREE, MIRROR
from BrainTumorVAESegLib.core.modalities import MODALITIES
from BrainTumorVAESegLib.inference.segmenting import Segmenter
from BrainTumorVAESegLib.trust.contributions import contributions, replacements
from BrainTumorVAESegLib.trust.explaining import explain

IMAGES = np.ones((4, 6, 6, 6), np.float32)
IMAGES[3, :, :3] = 2


def where_flair_is_bright(images: np.ndarray) -> np.ndarray:
    return np.where(images[3] > 1.5, 3, 0)


def test_only_the_sequence_that_is_looked_at_changes_the_answer():
    labels = where_flair_is_bright(IMAGES)
    rows = list(contributions(where_flair_is_bright, IMAGES, labels, MODALITIES, 0.5))
    assert [(row.modality, row.instead) for row in rows] == [(str(m), "nothing") for m in MODALITIES]
    assert [row.dice["ET"] for row in rows] == [1, 1, 1, 0]
    assert rows[3].change_ml == dict.fromkeys(("WT", "TC", "ET"), -0.5 * 108) and rows[0].change_ml["WT"] == 0


def test_a_reconstruction_takes_the_sequences_place():
    reconstructed = np.ones_like(IMAGES)
    reconstructed[3, :, :2] = 2
    rows = list(
        contributions(where_flair_is_bright, IMAGES, where_flair_is_bright(IMAGES), MODALITIES, 1.0, reconstructed)
    )
    assert [row.instead for row in rows[-2:]] == ["nothing", "reconstruction"]
    assert rows[-1].dice["WT"] == pytest.approx(2 * 72 / (72 + 108)) and rows[-1].change_ml["WT"] == -36


def test_a_sequence_that_is_missing_is_passed_over_and_images_stay_as_they_are():
    images = IMAGES.copy()
    images[1] = 0
    kept = images.copy()
    rows = list(contributions(where_flair_is_bright, images, where_flair_is_bright(images), MODALITIES, 1.0))
    assert [row.modality for row in rows] == ["T1", "T2", "FLAIR"]
    np.testing.assert_array_equal(images, kept)


def test_a_whole_study_is_answered_anew_for_each_and_tells_how_far_it_is(one_stage):
    told: list[float] = []
    segmenter = Segmenter(one_stage.package)
    rows = explain(one_stage).contributions(segmenter, progress=lambda each: told.append(each.fraction))
    assert len(rows) == 8 and told == sorted(told) and told[-1] > 0.9
    assert min(row.dice["WT"] for row in rows) < 1


def test_what_it_takes_is_told_by_as_many_passes_as_are_made_and_nothing_once_it_is_kept(one_stage, monkeypatch):
    segmenter, explanation, asked = Segmenter(one_stage.package), explain(one_stage), []
    predict = segmenter.predict
    monkeypatch.setattr(segmenter, "predict", lambda *rest: asked.append(1) or predict(*rest))
    told = explanation.costs[CONTRIBUTIONS]
    rows = explanation.contributions(segmenter)
    assert told.passes == len(asked) == len(rows) and told.seconds > 0
    assert explanation.costs[CONTRIBUTIONS] == FREE and explanation.costs[MIRROR].passes == 7
    assert explanation.contributions(segmenter) is rows and len(asked) == told.passes


def test_where_it_is_stopped_nothing_is_kept(one_stage):
    explanation = explain(one_stage)
    with pytest.raises(Cancelled):
        explanation.contributions(Segmenter(one_stage.package), cancelled=lambda: True)
    assert explanation.costs[CONTRIBUTIONS].passes == 8


def test_answers_are_counted_as_they_are_made():
    images = IMAGES.copy()
    images[1] = 0
    for reconstructed in (None, np.ones_like(IMAGES)):
        rows = list(
            contributions(where_flair_is_bright, images, np.zeros((6, 6, 6), int), MODALITIES, 1.0, reconstructed)
        )
        made = [(str(MODALITIES[place]), instead) for place, instead in replacements(images, reconstructed is not None)]
        assert [(row.modality, row.instead) for row in rows] == made
