"""How far a cohort is, by worker, on the screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .screen import Screen, ShowStatus

if TYPE_CHECKING:
    from ...cohort.outcome import Outcome
    from ...cohort.pace import Pace

_MOST_WORKERS = 20


@dataclass
class Watch:
    """Shows each case that ends, the pace, the time that is left, and what every worker does."""

    screen: Screen
    pace: Pace
    show: ShowStatus
    done: Counter[str] = field(default_factory=Counter)
    busy: dict[str, list[str]] = field(default_factory=dict)

    def ended(self, outcome: Outcome) -> None:
        """Tell of a case."""
        self.pace.tick()
        self.done[outcome.worker] += 1
        if not self.screen.is_live:
            self.screen.step(f"{self.pace}: {outcome.name} {outcome.state}, {outcome.seconds:.1f} s, {outcome.worker}")
        if outcome.message:
            self.screen.step(f"{outcome.name} {outcome.state}: {outcome.message}")
        self.draw()

    def looked(self, busy: dict[str, list[str]]) -> None:
        """Take which cases each worker has."""
        self.busy = busy
        self.draw()

    def draw(self) -> None:
        """Draw the bar and a line for each worker anew, on a terminal."""
        workers = list(dict.fromkeys([*self.busy, *self.done]))
        lines = [self._line(worker) for worker in workers[:_MOST_WORKERS]]
        if len(workers) > _MOST_WORKERS:
            lines.append(f"and {len(workers) - _MOST_WORKERS} workers more")
        self.show(str(self.pace), self.pace.ended / max(self.pace.total, 1), lines)

    def _line(self, worker: str) -> str:
        names = self.busy.get(worker, [])
        now = f", at {names[0]}" if names else ""
        return f"{worker}: {self.done[worker]} done{now}"


@contextmanager
def watching(screen: Screen, total: int) -> Iterator[Watch]:
    """Give what shows the progress of so many cases."""
    from ...cohort.pace import Pace

    with screen.status() as show:
        yield Watch(screen, Pace(total), show)


def once(say: Callable[[str], None]) -> Callable[[str], None]:
    """Return what says each text the first time alone."""
    said: set[str] = set()

    def call(text: str) -> None:
        if text not in said:
            said.add(text)
            say(text)

    return call
