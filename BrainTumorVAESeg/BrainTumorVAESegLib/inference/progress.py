"""How far a segmentation is, told to a listener, and the wish to stop, asked between slabs and steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..core.errors import Cancelled


@dataclass(frozen=True)
class Progress:
    """The step that runs and the share of all the work that is done, 0 to 1."""

    stage: str
    fraction: float


Listener = Callable[[Progress], None]
Question = Callable[[], bool]


def part_of(listener: Listener | None, number: int, count: int) -> Listener | None:
    """Return a listener to one of so many runs that tells another how far they are together; number counts from 0."""
    if listener is None:
        return None
    tell = listener
    return lambda progress: tell(
        Progress(f"{progress.stage} ({number + 1} of {count})", (number + progress.fraction) / count)
    )


class Tracker:
    """Passes progress on to a listener and stops the work where the question is answered with yes."""

    def __init__(self, listener: Listener | None = None, cancelled: Question | None = None) -> None:
        self._listener = listener
        self._cancelled = cancelled
        self._stage = ""
        self._first, self._last = 0.0, 0.0

    @property
    def last(self) -> float:
        """The share of all the work at which the current step ends."""
        return self._last

    def enter(self, stage: str, last: float) -> None:
        """Begin a step that ends at the share `last` of all the work. Raises Cancelled on the wish to stop."""
        self._stage, self._first, self._last = stage, self._last, max(last, self._last)
        self.advance(0.0)

    def advance(self, share: float) -> None:
        """Say what share of the current step is done, 0 to 1. Raises Cancelled on the wish to stop."""
        if self._cancelled is not None and self._cancelled():
            raise Cancelled("Cancelled; nothing was written.")
        if self._listener is not None:
            share = min(max(share, 0.0), 1.0)
            self._listener(Progress(self._stage, self._first + share * (self._last - self._first)))
