"""Maps by the worker: of the study segmented last, and of no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.answers import Explained, Failed
from BrainTumorVAESegLib.core.requests import Explain, Release, Segment
from BrainTumorVAESegLib.worker.answering import Answerer


@pytest.fixture
def answerer(files, tiny, tmp_path) -> Answerer:
    """An answerer in this process that has segmented the small study as request 5."""
    answerer = Answerer(lambda progress: None)
    answerer.answer(Segment(files, str(tiny.folder), str(tmp_path / "labels.npy"), "cpu", force=True, id=5))
    return answerer


def test_the_maps_asked_for_are_written_on_the_references_grid(answerer, study, tmp_path):
    told = answerer.answer(Explain(5, str(tmp_path / "new" / "maps"), ("uncertainty", "probability", "residual"), 6))
    assert isinstance(told, Explained) and (told.id, told.segmented) == (6, 5)
    keys = ["probability-WT", "probability-TC", "probability-ET", "uncertainty"]
    assert [each.key for each in told.maps] == keys
    for each in told.maps:
        array = np.load(each.file)
        assert array.dtype == np.float32 and array.shape == study.reference_volume.array.shape
        assert Path(each.file).name == f"{each.key}.npy"
    assert set(told.unavailable) == {f"residual-{name}" for name in ("T1", "T1ce", "T2", "FLAIR")}
    assert told.changes == ()


def test_contributions_are_told_of_each_sequence_with_progress_and_no_map(files, tiny, tmp_path):
    told: list[Any] = []
    answerer = Answerer(told.append)
    answerer.answer(Segment(files, str(tiny.folder), str(tmp_path / "labels.npy"), "cpu", force=True, id=5))
    told.clear()
    answer = answerer.answer(Explain(5, str(tmp_path / "maps"), id=6, contributions=True))
    assert [row.modality for row in answer.contributions] == ["T1", "T1ce", "T2", "FLAIR"] and answer.maps == ()
    assert not (tmp_path / "maps").exists()
    assert [each.id for each in told] == [6] * len(told) and any("(4 of 4)" in each.stage for each in told)


def test_maps_of_an_earlier_study_or_of_none_are_refused(answerer, files, tiny, tmp_path):
    for earlier in (4, 6):
        with pytest.raises(Exception, match="no longer kept; segment it again"):
            answerer.answer(Explain(earlier, str(tmp_path), id=7))
    answerer.answer(Release(8))
    with pytest.raises(Exception, match="no longer kept"):
        answerer.answer(Explain(5, str(tmp_path), id=9))


def test_the_process_answers_after_a_segmentation_and_refuses_an_unknown_map(start_worker, files, tiny, tmp_path):
    worker = start_worker()
    worker.ask(Segment(files, str(tiny.folder), str(tmp_path / "labels.npy"), "cpu", force=True, id=1))
    failed = worker.ask(Explain(1, str(tmp_path), ("heat",), 2))
    assert isinstance(failed, Failed) and "'heat' is no map" in failed.message
    assert isinstance(worker.ask(Explain(1, str(tmp_path / "maps"), ("uncertainty",), 3)), Explained)
    assert (tmp_path / "maps" / "uncertainty.npy").exists()
