from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import SimpleITK as sitk
import torch
from BrainTumorVAESegLib.cohort import records
from BrainTumorVAESegLib.cohort import task as tasks
from BrainTumorVAESegLib.cohort.attempts import MOST_DEATHS, Attempts
from BrainTumorVAESegLib.cohort.outcome import State
from BrainTumorVAESegLib.cohort.places import Places
from BrainTumorVAESegLib.cohort.settings import CohortOptions
from BrainTumorVAESegLib.cohort.task import CaseTask, run_case
from BrainTumorVAESegLib.core.disk.files import replacing
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.labels import LabelConvention
from BrainTumorVAESegLib.core.threads import limit_threads, thread_pool
from BrainTumorVAESegLib.images import writing
from cohorts import die
from dicomstudies import STUDY, write_study


def _files(task: CaseTask) -> dict[str, int]:
    folder = Places(task.out).case(task.case.name)
    return {path.name: path.stat().st_ino for path in folder.iterdir()} if folder.exists() else {}


def test_a_case_leaves_what_segment_writes_and_a_small_picture(task):
    outcome = run_case(task)
    assert (outcome.state, outcome.message, outcome.exit_code) == (State.DONE, "", 0)
    assert set(_files(task)) == {
        "P000_seg.nii.gz", "P000.seg.nrrd", "P000.json", "P000_small.png", ".finished.json"
    }  # fmt: skip
    summary = json.loads((task.out / "cases" / "P000" / "P000.json").read_text())
    assert summary["volumes_ml"]["WT"] == outcome.row["WT_ml"] > 500
    assert summary["package"]["sha256"] == task.package.sha256
    assert outcome.row["T1ce_sha256"] == summary["images"]["T1ce"]["sha256"]


def test_nothing_hidden_is_left_beside_the_results(task):
    run_case(task)
    assert not list((task.out / ".cohort" / "work").iterdir())
    assert not list((task.out / ".cohort" / "attempts").iterdir())


def test_a_finished_case_is_not_done_again(task):
    first = run_case(task)
    before = _files(task)
    again = run_case(replace(task, run="another"))
    assert (again.state, again.row) == (State.KEPT, first.row)
    assert {n: i for n, i in _files(task).items() if n != ".finished.json"} == {
        n: i for n, i in before.items() if n != ".finished.json"
    }


def test_files_of_the_same_content_elsewhere_are_the_same_case(task, tmp_path):
    run_case(task)
    moved = tmp_path / "elsewhere" / "P000"
    shutil.copytree(task.case.paths[0].parent, moved)
    images = {modality: moved / path.name for modality, path in task.case.images.items()}
    assert run_case(replace(task, case=replace(task.case, images=images))).state is State.KEPT


@pytest.mark.parametrize(
    "change",
    [
        lambda task, other: replace(task, options=CohortOptions(labels=LabelConvention.MSD)),
        lambda task, other: replace(task, case=replace(task.case, images=other.images)),
    ],
    ids=["another numbering", "another content"],
)
def test_a_case_of_other_content_or_options_is_done_anew(task, found, change: Callable[[CaseTask, object], CaseTask]):
    first = run_case(task)
    again = run_case(change(task, found[1]))
    assert again.state is State.DONE and again.row["key"] != first.row["key"]


def test_a_result_that_somebody_removed_is_made_again(task):
    run_case(task)
    (task.out / "cases" / "P000" / "P000_seg.nii.gz").unlink()
    assert run_case(task).state is State.DONE
    assert "P000_seg.nii.gz" in _files(task)


def test_a_damaged_image_is_told_in_a_sentence_and_leaves_nothing(task):
    path = task.case.paths[1]
    path.write_bytes(path.read_bytes()[:400])
    outcome = run_case(task)
    assert (outcome.state, outcome.exit_code) == (State.FAILED, 3)
    assert path.name in outcome.message
    assert not _files(task)


def test_an_unexpected_error_is_told_and_stops_nothing(task, monkeypatch):
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("odd\nthing")

    monkeypatch.setattr(tasks, "process", fail)
    outcome = run_case(task)
    assert (outcome.state, outcome.exit_code) == (State.FAILED, 1)
    assert "ZeroDivisionError: odd" in outcome.message and "\n" not in outcome.message


def _write_label_map(segmentation: object, path: Path, convention: object) -> None:
    with replacing(path):
        _fill()


def _fill(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("where", "what", "fail", "named"),
    [(records, "write_json", _fill, "P000"), (writing, "write_label_map", _write_label_map, "P000_seg.nii.gz")],
    ids=["the record", "the segmentation"],
)
def test_a_full_disk_stops_the_cohort(task, monkeypatch, where, what, fail, named):
    monkeypatch.setattr(where, what, fail)
    outcome = run_case(task)
    assert (outcome.state, outcome.exit_code) == (State.STOPPED, 7)
    assert "the disk is full" in outcome.message
    assert str(task.out / "cases" / "P000") in outcome.message and f"{named}: cannot be written" in outcome.message
    assert not _files(task)


def test_a_case_that_processes_died_over_is_set_aside_untouched(task, monkeypatch):
    attempts = Attempts(Places(task.out), "P000", task.run)
    die(attempts, MOST_DEATHS)
    monkeypatch.setattr(tasks, "_into_files", lambda *_: pytest.fail("the case was begun"))
    outcome = run_case(task)
    assert outcome.state is State.SET_ASIDE and "--retry" in outcome.message
    assert str(task.case.paths[0].parent) in outcome.message


def test_another_version_of_the_library_is_refused_with_both(task):
    outcome = run_case(replace(task, library="0.0.1"))
    assert outcome.state is State.MISFIT
    assert "0.0.1" in outcome.message and tasks.__version__ in outcome.message


def test_another_package_in_its_place_is_refused_with_both(task):
    outcome = run_case(replace(task, package=replace(task.package, sha256="f" * 64)))
    assert outcome.state is State.MISFIT
    assert "f" * 12 in outcome.message and task.package.sha256[:12] in outcome.message


def test_a_process_keeps_to_its_share_of_the_threads(task, monkeypatch):
    before = torch.get_num_threads(), sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
    seen = {}

    def look(*_: object, **__: object) -> None:
        with thread_pool(4) as pool:
            seen["pool"] = pool._max_workers
        seen["networks"] = torch.get_num_threads()
        seen["itk"] = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
        raise InputError("That is enough.")

    monkeypatch.setattr(tasks, "process", look)
    try:
        run_case(replace(task, options=CohortOptions(threads=1)))
        assert seen == {"pool": 1, "networks": 1, "itk": 1}
    finally:
        limit_threads(None)
        torch.set_num_threads(before[0])
        sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(before[1])


def test_without_a_folder_the_segmentation_comes_back(task):
    outcome = run_case(replace(task, out=None))
    assert outcome.state is State.DONE and outcome.row is None
    assert outcome.segmentation.volumes_ml()["WT"] == outcome.summary["volumes_ml"]["WT"]


def test_a_dicom_study_is_a_case(task, tmp_path):
    folder = tmp_path / "dicom"
    folder.mkdir()
    write_study(task.case.read().volumes, folder)
    outcome = run_case(replace(task, case=replace(task.case, images={}, dicom=folder, study=STUDY)))
    assert outcome.message == "" and outcome.state is State.DONE
    assert set(outcome.row[f"{m}_sha256"] is not None for m in ("T1", "T1ce", "T2", "FLAIR")) == {True}
