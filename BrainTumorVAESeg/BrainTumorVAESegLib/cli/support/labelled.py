"""Labeled cases of several folders, and the files that their scores go to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.disk.claims import claim
from ...core.disk.paths import require_output_path
from ...core.errors import InputError, OutputError
from .results import check_folder
from .screen import Screen

if TYPE_CHECKING:
    from ...cases.discovery import LabelledCase
    from ...cases.faults import Fault


@dataclass
class Faults:
    """The cases that could not be scored, collected while the others are, and told at the end."""

    found: list[Fault] = field(default_factory=list)

    def __call__(self, fault: Fault) -> None:
        """Note a case at fault."""
        self.found.append(fault)

    def as_plain(self) -> list[dict[str, str]]:
        """Return the cases and what is wrong with them as plain JSON values."""
        return [{"case": fault.case, "message": fault.message} for fault in self.found]

    def stop(self, scored: int) -> None:
        """Raise the first case's kind of error, naming all cases at fault, where there is one."""
        from ...cases.faults import describe_faults

        if self.found:
            total = scored + len({fault.case for fault in self.found})
            raise self.found[0].kind(
                describe_faults(self.found, total) + (f" The other {scored} were scored." if scored else "")
            )


def discover(folders: Sequence[Path], part: str, screen: Screen, faults: Faults) -> list[LabelledCase]:
    """Find the labeled cases of all folders, once where one is given twice; what is wrong with others goes to faults.

    Raises InputError where two folders have a case of one name, or one has no case at all.
    """
    cases: dict[str, LabelledCase] = {}
    for case in (case for folder in folders for case in _discover(folder, part, screen, faults)):
        if case.name in cases and case.folder.resolve() != cases[case.name].folder.resolve():
            both = f"{cases[case.name].folder} and {case.folder}"
            raise InputError(f"{both} are cases of one name; rename one of them, or leave it out.")
        cases.setdefault(case.name, case)
    return list(cases.values())


def _discover(folder: Path, part: str, screen: Screen, faults: Faults) -> list[LabelledCase]:
    from ...cases.discovery import discover_cases

    return discover_cases(folder, part, report=screen.step, on_fault=faults)


def with_patients(found: Mapping[str, Sequence[LabelledCase]], patients: Path) -> dict[str, list[LabelledCase]]:
    """Return the cases of every part with the patients that one file gives; it has to name some of all, not of each."""
    from ...cases import labelled

    known = iter(labelled.with_patients([case for cases in found.values() for case in cases], patients))
    return {part: [next(known) for _ in cases] for part, cases in found.items()}


def check_files(folder: Path, names: Sequence[str], overwrite: bool) -> None:
    """Raise OutputError where files of these names cannot be written, or exist and must not be replaced."""
    check_folder(folder)
    for path in (folder / name for name in names):
        require_output_path(path)
        if path.exists() and not overwrite:
            raise OutputError(f"{path}: exists already; give --overwrite, or another folder.")


@contextmanager
def claimed_files(folder: Path | None, names: Sequence[str], overwrite: bool) -> Iterator[None]:
    """Hold the names of files as this process's own while it computes and writes them; folder None means no files.

    Raises OutputError where another process holds them, and as `check_files` does.
    """
    if folder is None:
        yield
        return
    check_files(folder, names, overwrite)
    with claim(folder, names[0]):
        check_files(folder, names, overwrite)  # once more: another process may just have finished
        yield


def count(cases: Sequence[object]) -> str:
    """Return how many cases there are, in words for people."""
    return f"{len(cases)} case{'' if len(cases) == 1 else 's'}"
