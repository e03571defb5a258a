"""The requests that the worker has not answered yet, and who is told of each."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ...core.answers import Failed, Progress
from ...core.errors import BrainTumorVAESegError
from ...core.protocol import Answer, Request

Answered = Callable[[Any], None]
Refused = Callable[[BrainTumorVAESegError], None]
Advanced = Callable[[Progress], None]


@dataclass
class OpenRequest:
    """A request with its id, who is told, and how often it was sent."""

    request: Request
    on_answer: Answered
    on_failed: Refused | None
    on_progress: Advanced | None
    sent: int = 0


class OpenRequests:
    """The open requests by id, in the order in which they were made."""

    def __init__(self) -> None:
        self._open: dict[int, OpenRequest] = {}
        self._last_id = 0

    def __bool__(self) -> bool:
        return bool(self._open)

    def __contains__(self, id: int) -> bool:
        return id in self._open

    def __iter__(self) -> Any:
        return iter(tuple(self._open.values()))

    def add(
        self, request: Request, on_answer: Answered, on_failed: Refused | None, on_progress: Advanced | None
    ) -> OpenRequest:
        """Give a request its id and keep it."""
        self._last_id += 1
        added = OpenRequest(replace(request, id=self._last_id), on_answer, on_failed, on_progress)
        self._open[self._last_id] = added
        return added

    def forget(self, id: int) -> None:
        """Tell nobody of a request any more."""
        self._open.pop(id, None)

    def advance(self, progress: Progress) -> None:
        """Tell how far a request is."""
        found = self._open.get(progress.id)
        if found is not None and found.on_progress is not None:
            _safely(found.on_progress, progress)

    def close(self, message: Answer | Failed) -> None:
        """Give a request its answer; one that is not known is passed over."""
        found = self._open.pop(message.id, None) if message.id is not None else None
        if found is None:
            return
        if not isinstance(message, Failed):
            _safely(found.on_answer, message)
        elif found.on_failed is not None:
            _safely(found.on_failed, message.error())

    def fail_all(self, failed: Failed) -> None:
        """Tell of all requests that they failed."""
        for id in tuple(self._open):
            self.close(replace(failed, id=id))


def _safely(tell: Callable[[Any], None], value: object) -> None:
    """Call what may fail without losing the lines that follow."""
    try:
        tell(value)
    except Exception:
        logging.exception("BrainTumorVAESeg: the worker's answer could not be used")
