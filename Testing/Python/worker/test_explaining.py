"""Maps by the worker: of the study segmented last, and of no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.answers import Explained, Failed
from BrainTumorVAESegLib.core.errors import BrainTumorVAESegError, Cancelled, InputError
from BrainTumorVAESegLib.core.requests import Explain, Release, Segment, Stop
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


def test_what_more_answers_take_is_told_with_the_first_map(answerer, tmp_path):
    told = answerer.answer(Explain(5, str(tmp_path / "maps"), ("uncertainty",), 6))
    assert told.costs["mirror"].passes == 7 and told.costs["mirror"].seconds > 0 and told.costs["mirror"].bytes > 0
    assert told.costs["contributions"].passes == 4, "this package has no VAE branch"


def test_mirrored_images_are_answered_once_and_kept_for_their_map(files, tiny, tmp_path):
    told: list[Any] = []
    answerer = Answerer(told.append)
    answerer.answer(Segment(files, str(tiny.folder), str(tmp_path / "labels.npy"), "cpu", force=True, id=5))
    folder = str(tmp_path / "maps")
    assert "were not answered" in answerer.answer(Explain(5, folder, ("information",), 6)).unavailable["information"]
    told.clear()
    answer = answerer.answer(Explain(5, folder, ("information",), 7, mirror=3))
    assert [each.key for each in answer.maps] == ["information"] and any("(2 of 2)" in each.stage for each in told)
    told.clear()
    again = answerer.answer(Explain(5, folder, ("information",), 8))
    assert [each.key for each in again.maps] == ["information"] and not any(" of 2)" in each.stage for each in told)


def test_a_question_that_is_stopped_leaves_all_that_is_kept(files, tiny, tmp_path):
    stopped: list[int] = []
    told: list[Any] = []
    answerer = Answerer(lambda each: (told.append(each), stopped.append(6)), lambda id: id in stopped)
    answerer.answer(Segment(files, str(tiny.folder), str(tmp_path / "labels.npy"), "cpu", force=True, id=5))
    told.clear()
    stopped.clear()
    with pytest.raises(Cancelled):
        answerer.answer(Explain(5, str(tmp_path / "maps"), ("information",), 6, mirror=8))
    assert len(told) < 8, "in the middle of it"
    assert answerer.answer(Explain(5, str(tmp_path / "maps"), ("uncertainty",), 9)).maps
    stopped.append(10)
    with pytest.raises(Cancelled):
        answerer.answer(Explain(5, str(tmp_path / "maps"), id=10, contributions=True))


def test_what_each_sequence_contributed_is_answered_once_and_takes_nothing_then(files, tiny, tmp_path):
    told: list[Any] = []
    answerer = Answerer(told.append)
    answerer.answer(Segment(files, str(tiny.folder), str(tmp_path / "labels.npy"), "cpu", force=True, id=5))
    first = answerer.answer(Explain(5, str(tmp_path / "maps"), id=6, contributions=True))
    assert first.costs["contributions"].passes == 0 and first.costs["mirror"].passes == 7
    told.clear()
    again = answerer.answer(Explain(5, str(tmp_path / "maps"), id=7, contributions=True))
    assert again.contributions == first.contributions and told == [], "no pass"


def test_maps_of_an_earlier_study_or_of_none_are_refused(answerer, files, tiny, tmp_path):
    for earlier in (4, 6):
        with pytest.raises(Exception, match="no longer kept; segment it again"):
            answerer.answer(Explain(earlier, str(tmp_path), id=7))
    answerer.answer(Release(8))
    with pytest.raises(Exception, match="no longer kept"):
        answerer.answer(Explain(5, str(tmp_path), id=9))


def test_a_segmentation_that_fails_leaves_nothing_of_the_one_before(answerer, files, tmp_path):
    with pytest.raises(BrainTumorVAESegError):
        answerer.answer(Segment(files, str(tmp_path / "no package"), str(tmp_path / "labels.npy"), "cpu", id=6))
    with pytest.raises(InputError, match="no longer kept; segment it again"):
        answerer.answer(Explain(5, str(tmp_path), id=7))


def test_the_process_answers_after_a_segmentation_and_refuses_an_unknown_map(start_worker, files, tiny, tmp_path):
    worker = start_worker()
    worker.ask(Segment(files, str(tiny.folder), str(tmp_path / "labels.npy"), "cpu", force=True, id=1))
    failed = worker.ask(Explain(1, str(tmp_path), ("heat",), 2))
    assert isinstance(failed, Failed) and "'heat' is no map" in failed.message
    assert isinstance(worker.ask(Explain(1, str(tmp_path / "maps"), ("uncertainty",), 3)), Explained)
    assert (tmp_path / "maps" / "uncertainty.npy").exists()


def test_the_process_stops_a_question_that_waits_and_answers_the_next(start_worker, files, tiny, tmp_path):
    worker = start_worker()
    worker.ask(Segment(files, str(tiny.folder), str(tmp_path / "labels.npy"), "cpu", force=True, id=1))
    worker.say(Explain(1, str(tmp_path / "maps"), ("information",), 2, mirror=8))
    worker.say(Explain(1, str(tmp_path / "maps"), (), 3, contributions=True))
    worker.say(Stop(3))
    worker.say(Explain(1, str(tmp_path / "maps"), ("uncertainty",), 4))
    heard = []
    while not (heard and isinstance(heard[-1], Explained) and heard[-1].id == 4):
        heard.append(worker.hear())
    assert [each.kind for each in heard if each.id == 3] == ["Cancelled"], "not begun"
