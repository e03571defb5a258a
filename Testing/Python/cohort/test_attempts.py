from __future__ import annotations

import pytest
from BrainTumorVAESegLib.cohort.attempts import Attempts, attempted
from BrainTumorVAESegLib.cohort.places import Places
from cohorts import die


@pytest.fixture
def places(tmp_path) -> Places:
    return Places(tmp_path)


def test_an_attempt_that_ends_leaves_nothing_however_it_ends(places):
    attempts = Attempts(places, "P1", "run")
    with attempts.attempt():
        assert attempts.deaths == 1
    with pytest.raises(RuntimeError), attempts.attempt():
        raise RuntimeError
    assert attempts.deaths == 0 and attempted(places) == []


def test_deaths_are_counted_for_each_case_alone(places):
    die(Attempts(places, "P1", "run"), 2)
    assert Attempts(places, "P1", "run").deaths == 2
    assert Attempts(places, "P2", "run").deaths == 0
    assert attempted(places) == ["P1"]


def test_what_may_have_ended_with_its_command_is_forgiven_once(places):
    die(Attempts(places, "P1", "first"), 2)
    now = Attempts(places, "P1", "second")
    now.forgive()
    assert now.deaths == 1


def test_what_died_in_this_command_is_not_forgiven(places):
    now = Attempts(places, "P1", "run")
    die(now, 2)
    now.forgive()
    assert now.deaths == 2


def test_a_case_set_aside_says_of_what_it_was(places):
    attempts = Attempts(places, "P1", "run")
    assert attempts.set_aside_as() is None
    die(attempts, 3)
    attempts.set_aside("these files")
    assert attempts.set_aside_as() == "these files"
    attempts.forget()
    assert attempts.set_aside_as() is None and attempts.deaths == 0
