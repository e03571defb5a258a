from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest
from BrainTumorVAESegLib.cohort import contents
from BrainTumorVAESegLib.cohort.attempts import Attempts
from BrainTumorVAESegLib.cohort.outcome import State
from BrainTumorVAESegLib.cohort.places import Places
from BrainTumorVAESegLib.cohort.plan import Plan, clear_attempts, look_into, make_plan
from BrainTumorVAESegLib.cohort.settings import CohortOptions
from BrainTumorVAESegLib.cohort.task import run_case
from BrainTumorVAESegLib.core.modalities import Modality
from cohorts import die
from dicomstudies import write_study


@pytest.fixture(autouse=True)
def files_settle_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "SETTLED_NS", -(10**15))


@pytest.fixture
def plan(task, found):
    def make(**changes: object) -> Plan:
        return make_plan(Places(task.out), found, task.package, CohortOptions(**changes))

    return make


def _names(cases) -> list[str]:
    return [case.name for case in cases]


def test_at_first_all_is_to_do(plan):
    assert (_names(plan().finished), _names(plan().to_do)) == ([], ["P000", "P001"])


def test_what_is_finished_is_known(plan, task):
    run_case(task)
    assert _names(plan().finished) == ["P000"] and plan().total == 2


def test_a_touched_file_makes_a_case_one_to_compare(plan, task):
    run_case(task)
    os.utime(task.case.paths[0], (time.time() - 99, time.time() - 99))
    assert (_names(plan().unsure), _names(plan().to_do)) == (["P000"], ["P001"])
    assert str(plan()) == "2 cases: 0 done before, 1 to do, 1 to compare by content"
    assert _names(plan().to_run) == ["P000", "P001"]


def test_a_case_done_while_its_files_were_new_is_compared_and_then_known(plan, task, monkeypatch):
    with monkeypatch.context() as just_now:
        just_now.setattr(contents, "SETTLED_NS", 10**18)
        run_case(task)
        assert _names(plan().unsure) == ["P000"]
    assert _names(plan().unsure) == ["P000"]
    assert run_case(task).state is State.KEPT
    assert (_names(plan().finished), _names(plan().unsure)) == (["P000"], [])


def _looked(plan: Plan, task) -> tuple[Plan, dict[str, str]]:
    seen = []
    looked, faults = look_into(
        plan, Places(task.out), task.package, CohortOptions(), (), lambda *step: seen.append(step)
    )
    assert [name for name, _ in seen] == _names(plan.to_run)
    return looked, {fault.case: fault.message for fault in faults}


def test_contents_tell_what_times_do_not(plan, task):
    run_case(task)
    path = task.case.paths[0]
    os.utime(path, (1, 1))
    looked, faults = _looked(plan(), task)
    assert (_names(looked.finished), _names(looked.to_do), faults) == (["P000"], ["P001"], {})
    path.write_bytes(path.read_bytes() + b"\0")
    looked, faults = _looked(plan(), task)
    assert (_names(looked.finished), _names(looked.to_do), faults) == ([], ["P000", "P001"], {})


def test_a_changed_case_that_cannot_be_read_any_more_is_told(plan, task):
    run_case(task)
    os.utime(task.case.paths[0], (1, 1))
    planned = plan()
    task.case.paths[0].unlink()
    looked, faults = _looked(planned, task)
    assert _names(looked.to_do) == ["P001"] and task.case.paths[0].name in faults["P000"]


def test_a_dicom_study_without_all_series_is_told_as_who_segments_it_would(task, tmp_path):
    volumes = task.case.read().volumes
    whole, part = (replace(task.case, name=name, images={}, dicom=tmp_path / name) for name in ("whole", "part"))
    write_study(volumes, whole.dicom)
    write_study({m: v for m, v in volumes.items() if m is not Modality.FLAIR}, part.dicom)
    planned = make_plan(Places(task.out), [part, whole], task.package, CohortOptions())
    looked, faults = _looked(planned, task)
    assert _names(looked.to_do) == ["whole"]
    assert faults == {"part": run_case(replace(task, case=part)).message}
    assert f"{part.dicom}: no series is surely FLAIR" in faults["part"]


def test_other_options_make_it_one_to_do(plan, task):
    run_case(task)
    assert _names(plan(probabilities=True).finished) == []
    assert _names(plan(threads=4).finished) == ["P000"]


def _set_aside(task) -> Attempts:
    attempts = Attempts(Places(task.out), "P000", "old")
    die(attempts, 3)
    run_case(task)
    return attempts


def test_what_was_set_aside_is_not_tried_again_by_itself(plan, task, found):
    _set_aside(task)
    assert (_names(plan().aside), _names(plan().to_do)) == (["P000"], ["P001"])
    assert _names(make_plan(Places(task.out), found, task.package, CohortOptions(), retry=True).to_do) == [
        "P000", "P001"
    ]  # fmt: skip


def test_what_was_set_aside_is_tried_again_with_other_files_or_options(plan, task):
    attempts = _set_aside(task)
    assert _names(plan(force=True).aside) == []
    os.utime(task.case.paths[0], (1, 1))
    changed = plan()
    assert _names(changed.to_run) == ["P000", "P001"]
    clear_attempts(Places(task.out), changed, "new")
    assert attempts.deaths == 0
