from __future__ import annotations

import itertools

import pytest
from BrainTumorVAESegLib.cohort.pace import Pace, duration


def test_pace_and_remaining_time_come_from_the_cases_that_ended():
    pace = Pace(total=5, clock=itertools.count(0, 30).__next__)
    assert (pace.per_hour, pace.remaining_s, str(pace)) == (None, None, "0 of 5")
    pace.tick()
    pace.tick()
    assert pace.per_hour == pytest.approx(120) and pace.remaining_s == pytest.approx(90)
    assert str(pace) == "2 of 5, 120 an hour, 90 s left"


def test_the_pace_is_that_of_the_last_hundred_cases():
    times = iter([0, *range(1000, 1200)])
    pace = Pace(total=1000, clock=lambda: next(times))
    for _ in range(150):
        pace.tick()
    assert pace.per_hour == pytest.approx(3600)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (99, "99 s"), (100, "2 min"), (5940, "99 min"), (12000, "3 h 20 min"), (190800, "2 d 5 h")],
)
def test_durations_are_told_in_words(seconds, text):
    assert duration(seconds) == text
