"""What one sees of a training that runs: plain lines in a log, a bar on a terminal."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from BrainTumorVAESegLib.cli.support.screen import Screen
from BrainTumorVAESegLib.cli.support.watching import ProgressWatcher, Smoothed, format_pace, format_time
from BrainTumorVAESegLib.training.watch.watchers import Beginning, Check, StepRecord


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(clock: Clock) -> Callable[..., ProgressWatcher]:
    """Begin to watch a training of 100 steps."""

    def begin(done: int = 0, every: float = 60.0) -> ProgressWatcher:
        watcher = ProgressWatcher(Screen(False, sys.stdout), every, clock)
        watcher.begin(Beginning("stage 1 without fold 0", Path("run"), 100, done))
        return watcher

    return begin


def record(step: int, loss: float = 1.0) -> StepRecord:
    return StepRecord(step, {"loss": loss, "dice_loss": loss - 0.1, "l2": 0.25, "kl": 0.0034}, 1e-4, 5.0)


def check(step: int, dice: dict[str, float] | None = None) -> Check:
    return Check(step, {"WT": 0.81, "TC": 0.62, "ET": 0.6} if dice is None else dice, None, ())


def walk(watcher: ProgressWatcher, clock: Clock, first: int, last: int, seconds: float) -> None:
    for step in range(first, last + 1):
        clock.now += seconds
        watcher.step(record(step))


def test_a_log_gets_a_line_every_so_often(watch, clock, capsys):
    watcher = watch()
    walk(watcher, clock, 1, 25, seconds=10)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "stage 1 without fold 0: 100 steps"
    assert [re.search(r"step (\d+)", line)[1] for line in lines[1:]] == ["6", "12", "18", "24"]
    title, said = lines[1].split(": ")
    assert title == "stage 1 without fold 0"
    assert said == "step 6 of 100, 10.0 s a step, 16 min left, loss 1.00  dice loss 0.900  l2 0.250  kl 0.00340"


def test_a_log_gets_a_line_for_each_check_and_for_the_end(watch, clock, capsys):
    watcher = watch()
    walk(watcher, clock, 1, 100, seconds=0.1)
    watcher.check(check(100))
    clock.now += 120
    watcher.end()
    watcher.end()
    _, checked, ended = capsys.readouterr().err.splitlines()
    assert checked == "stage 1 without fold 0: held-out Dice WT 0.810  TC 0.620  ET 0.600 (step 100)"
    assert ended.startswith("stage 1 without fold 0: done, 100 steps in 2 min, loss 1.00")


def test_a_check_without_held_out_cases_says_nothing(watch, capsys):
    watcher = watch()
    capsys.readouterr()
    watcher.check(check(10, dice={}))
    assert capsys.readouterr().err == ""


def test_a_training_that_stops_says_where(watch, clock, capsys):
    watcher = watch(done=40)
    walk(watcher, clock, 41, 43, seconds=2)
    watcher.end()
    first, last = capsys.readouterr().err.splitlines()
    assert first == "stage 1 without fold 0: 100 steps, going on after step 40"
    assert "stopped after step 43 of 100, 3 steps in 6 s" in last


def test_the_pace_is_that_of_the_last_steps(watch, clock, capsys):
    watcher = watch(every=0)
    walk(watcher, clock, 1, 1, seconds=1000)
    walk(watcher, clock, 2, 99, seconds=1)
    assert "99 of 100, 11.1 s a step" in capsys.readouterr().err.splitlines()[-1]
    watcher = watch(every=0)
    walk(watcher, clock, 1, 1, seconds=1000)
    for step in range(2, 150):
        clock.now += 1
        watcher.step(record(min(step, 100)))
    assert "1.0 s a step, 0 s left" in capsys.readouterr().err.splitlines()[-1]


def test_a_terminal_gets_a_bar_with_the_losses_and_the_last_dice(watch, clock, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    watcher = watch()
    walk(watcher, clock, 1, 25, seconds=10)
    watcher.check(check(25))
    watcher._screen.step("another line")
    watcher.end()
    shown = re.sub("\x1b\\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    for text in ("25 %", "step 25 of 100, 10.0 s a step, 12 min left", "dice loss 0.900", "l2 0.250", "kl 0.00340",
                 "held-out Dice WT 0.810  TC 0.620  ET 0.600 (step 25)", "another line"):  # fmt: skip
        assert text in shown, text
    last = shown.rstrip().splitlines()[-1]
    assert last.startswith("stage 1 without fold 0: stopped after step 25 of 100")
    assert "held-out Dice WT 0.810" in last


def test_the_end_may_come_before_the_beginning():
    ProgressWatcher(Screen(False, sys.stdout)).end()


def test_smoothed_values_have_no_bias_to_zero_and_forget():
    smoothed = Smoothed(0.9)
    smoothed.add({"a": 5.0})
    assert smoothed["a"] == pytest.approx(5)
    for _ in range(100):
        smoothed.add({"a": 1.0})
    assert smoothed["a"] == pytest.approx(1, abs=0.001)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (40, "40 s"), (99.4, "99 s"), (150, "2 min"), (3599, "1 h 0 min"), (7500, "2 h 5 min"),
     (98 * 3600, "4 d 2 h")],
)  # fmt: skip
def test_times_are_told_in_the_units_that_matter(seconds, said):
    assert format_time(seconds) == said


def test_the_pace_of_quick_steps_is_told_by_the_minute():
    assert format_pace(7.94) == "7.9 s a step"
    assert format_pace(0.25) == "240 steps a minute"
