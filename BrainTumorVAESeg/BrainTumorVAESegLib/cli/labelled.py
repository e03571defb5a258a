"""Labeled cases of several folders, and the files that their scores go to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.claims import claim
from ..core.errors import InputError, OutputError
from ..core.paths import require_output_path
from .results import check_folder
from .screen import Screen

if TYPE_CHECKING:
    from ..cases.discovery import LabelledCase


def discover(folders: Sequence[Path], part: str, screen: Screen) -> list[LabelledCase]:
    """Find the labeled cases of all folders. Raises InputError where two have one name."""
    from ..cases.discovery import discover_cases

    cases: dict[str, LabelledCase] = {}
    for case in (case for folder in folders for case in discover_cases(folder, part, report=screen.step)):
        if case.name in cases:
            both = f"{cases[case.name].folder} and {case.folder}"
            raise InputError(f"{both} are cases of one name; rename one of them, or leave it out.")
        cases[case.name] = case
    return list(cases.values())


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
