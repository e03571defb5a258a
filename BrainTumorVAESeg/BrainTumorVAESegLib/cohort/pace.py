"""How fast a cohort goes and how long it will still take."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

_LOOKED_BACK = 100


@dataclass
class Pace:
    """Counts cases as they end. total: how many are to do. clock: seconds that only rise."""

    total: int
    clock: Callable[[], float] = time.monotonic
    ended: int = 0
    _times: deque[float] = field(default_factory=lambda: deque(maxlen=_LOOKED_BACK + 1))

    def __post_init__(self) -> None:
        self._times.append(self.clock())

    def tick(self) -> None:
        """Count a case that ended."""
        self.ended += 1
        self._times.append(self.clock())

    @property
    def per_hour(self) -> float | None:
        """Cases an hour over the last hundred, None before the first one ended."""
        span = self._times[-1] - self._times[0]
        return 3600 * (len(self._times) - 1) / span if self.ended and span > 0 else None

    @property
    def remaining_s(self) -> float | None:
        """Seconds until the last case ends at this pace, None before it is known."""
        pace = self.per_hour
        return None if pace is None else 3600 * (self.total - self.ended) / pace

    def __str__(self) -> str:
        pace, left = self.per_hour, self.remaining_s
        if pace is None or left is None:
            return f"{self.ended} of {self.total}"
        return f"{self.ended} of {self.total}, {pace:.0f} an hour, {duration(left)} left"


def duration(seconds: float) -> str:
    """Return seconds in words for people: `45 s`, `12 min`, `3 h 20 min`, `2 d 5 h`."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    minutes = round(whole / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"
