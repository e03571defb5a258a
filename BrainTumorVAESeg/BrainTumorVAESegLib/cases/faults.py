"""What is wrong with cases of a data set, told all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.errors import BrainTumorVAESegError, InputError

_TOLD = 10


@dataclass(frozen=True)
class Fault:
    """A case that cannot be used, and why and what to do in a sentence that names the case or its files.

    kind: of the error that it was.
    """

    case: str
    message: str
    kind: type[BrainTumorVAESegError] = InputError


def describe_faults(faults: Sequence[Fault], total: int) -> str:
    """Return one line that names every case at fault of so many; the first ten with what is wrong with each."""
    count = f"{len(dict.fromkeys(fault.case for fault in faults))} of {total} cases cannot be used."
    rest = list(dict.fromkeys(fault.case for fault in faults[_TOLD:]))
    return " ".join(
        (count, *(fault.message for fault in faults[:_TOLD]), *([f"Also at fault: {', '.join(rest)}."] if rest else ()))
    )
