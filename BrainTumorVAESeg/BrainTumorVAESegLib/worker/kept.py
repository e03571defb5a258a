"""What the worker keeps of the study segmented last, until the next one: maps, report and DICOM are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.errors import InputError

if TYPE_CHECKING:
    from ..core.volume import Study
    from ..inference.segmenting import Options, Result
    from ..trust.checking import Trust
    from ..trust.explaining import Explanation


@dataclass(frozen=True)
class Kept:
    """A segmentation by the id of its request. study: as it was segmented. options: how. timings: seconds by step."""

    id: int
    study: Study
    options: Options
    result: Result
    trust: Trust
    explanation: Explanation
    timings: Mapping[str, float]


def require(kept: Kept | None, id: int) -> Kept:
    """Return what is kept. Raises InputError where it is of another request, or nothing is."""
    if kept is None or kept.id != id:
        raise InputError("The study that was segmented is no longer kept; segment it again.")
    return kept
