"""What became of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..core.segmentation import Segmentation


class State(StrEnum):
    """What became of a case, in words for people."""

    DONE = "done"
    KEPT = "done before"
    FAILED = "failed"
    SET_ASIDE = "set aside"
    MISFIT = "refused by its worker"
    STOPPED = "stopped"

    @property
    def is_finished(self) -> bool:
        """Whether the case's results are there."""
        return self in (State.DONE, State.KEPT)


@dataclass(frozen=True)
class Outcome:
    """What became of a case, small enough to be sent from a worker.

    message: why there is no result and what to do, a sentence; "" where there is one. exit_code: of the kind of error
    (`core.errors.EXIT_CODES`), 0 for none. row: of the cohort's table, None without a result. seconds: of the whole
    case. worker: whose process worked on it. summary, segmentation: where nothing was to be written.
    """

    name: str
    state: State
    message: str = ""
    exit_code: int = 0
    row: Mapping[str, Any] | None = None
    seconds: float = 0.0
    worker: str = ""
    summary: Mapping[str, Any] = field(default_factory=dict)
    segmentation: Segmentation | None = None
