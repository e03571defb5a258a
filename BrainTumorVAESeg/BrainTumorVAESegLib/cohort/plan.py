"""What is to be done of a cohort, and what is done already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..cases.found import FoundCase
from .attempts import Attempts, attempted
from .contents import settings_key, stamp_of
from .places import Places
from .records import read_record
from .settings import CohortOptions, PackageRef


@dataclass(frozen=True)
class Plan:
    """The cases by what is to be done with them.

    finished: their results are there, of the same contents, package and options. aside: processes died over them.
    """

    finished: tuple[FoundCase, ...]
    aside: tuple[FoundCase, ...]
    to_do: tuple[FoundCase, ...]

    @property
    def total(self) -> int:
        """How many cases there are."""
        return len(self.finished) + len(self.aside) + len(self.to_do)


def make_plan(
    places: Places, cases: Sequence[FoundCase], package: PackageRef, options: CohortOptions, retry: bool = False
) -> Plan:
    """Look at what is finished, by the sizes and times of the inputs; nothing is read and nothing written.

    Where those cannot tell, the case is to do, and whoever does it compares the contents first. retry: also try again
    what was set aside.
    """
    settings = settings_key(package.sha256, options)
    begun = set(attempted(places))
    finished, aside, to_do = [], [], []
    for case in cases:
        record = read_record(places, case.name)
        stamp = stamp_of(case) if record is not None or case.name in begun else ""
        mark = Attempts(places, case.name, "").set_aside_as() if case.name in begun else None
        if record is not None and stamp and record.stamp == stamp and record.settings == settings:
            finished.append(case)
        elif mark == f"{stamp} {settings}" and not retry:
            aside.append(case)
        else:
            to_do.append(case)
    return Plan(tuple(finished), tuple(aside), tuple(to_do))


def clear_attempts(places: Places, plan: Plan, run: str) -> None:
    """Forget what was set aside and is to be tried again, and what may have ended with a command before this one."""
    begun = set(attempted(places))
    for name in (case.name for case in plan.to_do if case.name in begun):
        attempts = Attempts(places, name, run)
        if attempts.set_aside_as() is not None:
            attempts.forget()
        else:
            attempts.forgive()
