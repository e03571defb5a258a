"""How a training goes on, on the screen: a bar and the losses on a terminal, else a line every so often."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from ...core.labels import REGIONS
from ...training.watch.watchers import Beginning, Check, StepRecord, Watcher
from .screen import Screen, ShowStatus

_NAMES = {"loss": "loss", "dice_loss": "dice loss", "l2": "l2", "kl": "kl"}
_MEMORY = 0.98
"""Weight of what was before in the smoothed losses: a mean over some 50 steps."""
_PACE_STEPS = 100


class ProgressWatcher(Watcher):
    """Shows the training that runs: its step, pace, remaining time, smoothed losses and the last held-out Dice.

    every: least seconds between two plain lines where there is no terminal. clock: in seconds.
    """

    def __init__(self, screen: Screen, every: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._screen, self._every, self._clock = screen, every, clock
        self._stack = ExitStack()
        self._show: ShowStatus | None = None

    def begin(self, beginning: Beginning) -> None:
        """See `Watcher`."""
        self._title, self._steps, self._done = beginning.title, beginning.steps, beginning.done
        self._first = beginning.done
        self._start = self._said = self._clock()
        self._times = deque([self._start], maxlen=_PACE_STEPS + 1)
        self._losses = Smoothed(_MEMORY)
        self._dice = ""
        again = f", going on after step {self._done}" if self._done else ""
        self._screen.step(f"{self._title}: {self._steps} steps{again}")
        self._show = self._stack.enter_context(self._screen.status())
        self._update()

    def step(self, record: StepRecord) -> None:
        """See `Watcher`."""
        self._done = record.step
        self._times.append(self._clock())
        self._losses.add({name: record.values[key] for key, name in _NAMES.items()})
        self._update()
        if not self._screen.is_live and self._times[-1] - self._said >= self._every:
            self._said = self._times[-1]
            self._screen.step(f"{self._title}: {self._where()}, {self._losses}")

    def check(self, check: Check) -> None:
        """See `Watcher`."""
        if not check.dice:
            return
        values = "  ".join(f"{region.key} {check.dice[region.key]:.3f}" for region in REGIONS)
        self._dice = f"held-out Dice {values} (step {check.step})"
        self._update()
        if not self._screen.is_live:
            self._screen.step(f"{self._title}: {self._dice}")

    def end(self) -> None:
        """See `Watcher`."""
        if self._show is None:
            return
        self._show = None
        self._stack.close()
        took = format_time(self._clock() - self._start)
        done = "done" if self._done == self._steps else f"stopped after step {self._done} of {self._steps}"
        steps = self._done - self._first
        said = [f"{done}, {steps} steps in {took}", str(self._losses), self._dice if self._screen.is_live else ""]
        self._screen.step(f"{self._title}: {', '.join(text for text in said if text)}")

    def _update(self) -> None:
        if self._show is not None:
            lines = [text for text in (self._where(), str(self._losses), self._dice) if text]
            self._show(self._title, self._done / self._steps, lines)

    def _where(self) -> str:
        """Say the step, the pace and what remains."""
        said = [f"step {self._done} of {self._steps}"]
        steps = len(self._times) - 1
        if steps:
            seconds = (self._times[-1] - self._times[0]) / steps
            said += [format_pace(seconds), f"{format_time(seconds * (self._steps - self._done))} left"]
        return ", ".join(said)


class Smoothed:
    """Running means of some values that weigh the near past most, from the first step on (without a bias to 0)."""

    def __init__(self, memory: float) -> None:
        self._memory = memory
        self._weight = 0.0
        self._sums: dict[str, float] = {}

    def add(self, values: Mapping[str, float]) -> None:
        """Take in the values of one step."""
        self._weight = self._memory * self._weight + 1 - self._memory
        for name, value in values.items():
            self._sums[name] = self._memory * self._sums.get(name, 0.0) + (1 - self._memory) * value

    def __getitem__(self, name: str) -> float:
        return self._sums[name] / self._weight

    def __str__(self) -> str:
        return "  ".join(f"{name} {self[name]:#.3g}" for name in self._sums)


def format_pace(seconds: float) -> str:
    """Return the time of a step in words: seconds a step, or steps a minute where they are quick."""
    return f"{seconds:.1f} s a step" if seconds >= 1 else f"{60 / max(seconds, 1e-3):.0f} steps a minute"


def format_time(seconds: float) -> str:
    """Return a time in the two units that matter: `4 d 3 h`, `2 h 5 min`, `12 min`, `40 s`."""
    minutes = round(seconds / 60)
    if seconds < 100:
        return f"{seconds:.0f} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"
