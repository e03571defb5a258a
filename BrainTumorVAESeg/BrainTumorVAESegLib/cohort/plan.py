"""What is to be done of a cohort, and what is done already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from ..cases.faults import Fault
from ..cases.found import FoundCase
from ..core.errors import InputError
from ..core.modalities import Modality
from .attempts import Attempts, attempted
from .contents import Identity, settings_key, stamp_of
from .inputs import look_at
from .places import Places
from .records import read_record
from .settings import CohortOptions, PackageRef


@dataclass(frozen=True)
class Plan:
    """The cases by what is to be done with them.

    finished: their results are there, of the same contents, package and options. aside: processes died over them.
    unsure: there is a result by the same package and options, and the images' contents must tell whether it is of them,
    since their times do not: they were changed a moment ago, or after the result.
    """

    finished: tuple[FoundCase, ...]
    aside: tuple[FoundCase, ...]
    unsure: tuple[FoundCase, ...]
    to_do: tuple[FoundCase, ...]

    @property
    def to_run(self) -> tuple[FoundCase, ...]:
        """Those that are handed out; whoever takes one compares its contents first."""
        return self.unsure + self.to_do

    @property
    def total(self) -> int:
        """How many cases there are."""
        return len(self.finished) + len(self.aside) + len(self.to_run)

    def __str__(self) -> str:
        more = f", {len(self.unsure)} to compare by content" if self.unsure else ""
        return f"{self.total} cases: {len(self.finished)} done before, {len(self.to_do)} to do{more}"


def make_plan(
    places: Places, cases: Sequence[FoundCase], package: PackageRef, options: CohortOptions, retry: bool = False
) -> Plan:
    """Look at what is finished, by the sizes and times of the inputs; nothing is read and nothing written.

    retry: also try again what was set aside.
    """
    settings = settings_key(package.sha256, options)
    begun = set(attempted(places))
    plan: dict[str, list[FoundCase]] = {"finished": [], "aside": [], "unsure": [], "to_do": []}
    for case in cases:
        record = read_record(places, case.name)
        stamp = stamp_of(case) if record is not None or case.name in begun else ""
        mark = Attempts(places, case.name, "").set_aside_as() if case.name in begun else None
        same = record is not None and record.settings == settings
        if record is not None and same and stamp and record.stamp == stamp:
            kind = "finished"
        elif mark == f"{stamp} {settings}" and not retry:
            kind = "aside"
        else:
            kind = "unsure" if same else "to_do"
        plan[kind].append(case)
    return Plan(**{kind: tuple(those) for kind, those in plan.items()})


def look_into(
    plan: Plan,
    places: Places,
    package: PackageRef,
    options: CohortOptions,
    optional: Collection[Modality],
    on_case: Callable[[str, float], None] = lambda name, fraction: None,
) -> tuple[Plan, list[Fault]]:
    """Tell the cases that only their contents tell, and those that are none, as those who segment them would.

    Nothing is written. Read are the contents of the unsure ones and the headers of DICOM studies, which tell the series
    that are missing. on_case: called before each, with the share that is done.
    """
    finished, to_do = [*plan.finished], list[FoundCase]()
    faults: list[Fault] = []
    for count, case in enumerate(plan.to_run):
        on_case(case.name, count / len(plan.to_run))
        try:
            if count < len(plan.unsure):
                there = _is_of(case, places, package, options, optional)
            else:
                there = False
                if case.dicom is not None:
                    case.choose_series(optional)
            (finished if there else to_do).append(case)
        except InputError as error:
            faults.append(Fault(case.name, str(error), InputError))
    return Plan(_by_name(finished), plan.aside, (), _by_name(to_do)), faults


def _by_name(cases: Sequence[FoundCase]) -> tuple[FoundCase, ...]:
    return tuple(sorted(cases, key=lambda case: case.name))


def _is_of(
    case: FoundCase, places: Places, package: PackageRef, options: CohortOptions, optional: Collection[Modality]
) -> bool:
    """Say whether a case's result is of its images as they are now. Raises InputError."""
    record = read_record(places, case.name)
    images = look_at(case, options.reference, optional).images
    return record is not None and record.key == Identity(images, package.sha256, options.of_results).key


def clear_attempts(places: Places, plan: Plan, run: str) -> None:
    """Forget what was set aside and is to be tried again, and what may have ended with a command before this one."""
    begun = set(attempted(places))
    for name in (case.name for case in plan.to_run if case.name in begun):
        attempts = Attempts(places, name, run)
        if attempts.set_aside_as() is not None:
            attempts.forget()
        else:
            attempts.forgive()
