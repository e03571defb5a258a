from __future__ import annotations

import os
import time

import pytest
from BrainTumorVAESegLib.cohort import contents
from BrainTumorVAESegLib.cohort.attempts import Attempts
from BrainTumorVAESegLib.cohort.places import Places
from BrainTumorVAESegLib.cohort.plan import Plan, clear_attempts, make_plan
from BrainTumorVAESegLib.cohort.settings import CohortOptions
from BrainTumorVAESegLib.cohort.task import run_case
from cohorts import die


@pytest.fixture(autouse=True)
def files_settle_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "_SETTLED_NS", -(10**15))


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


def test_a_touched_file_makes_a_case_one_to_look_at(plan, task):
    run_case(task)
    os.utime(task.case.paths[0], (time.time() - 99, time.time() - 99))
    assert _names(plan().to_do) == ["P000", "P001"]


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
    assert _names(changed.to_do) == ["P000", "P001"]
    clear_attempts(Places(task.out), changed, "new")
    assert attempts.deaths == 0
