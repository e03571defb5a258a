"""Which cases were begun and never ended: a case that takes its process along is known by what it leaves behind.

Each attempt is an empty file that is made before a case is read and removed when the case ends, well or not. One that
is found when the case is begun again tells that a process died over it. Dask's own count would do another thing: it
blames every case that waits at a worker that dies.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ..core.disk.files import output_error
from .places import Places

MOST_DEATHS = 3
"""So many processes may die over a case; then it is set aside."""
_ASIDE = "set-aside"


@dataclass(frozen=True)
class Attempts:
    """The attempts at one case. run: a word for the command that is running, the same in all its processes."""

    places: Places
    name: str
    run: str

    @property
    def folder(self) -> Path:
        """Where the attempts are noted; it is there only while there is one."""
        return self.places.attempts / self.name

    @property
    def deaths(self) -> int:
        """How many processes died over the case, as far as is known."""
        return len(self._left())

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Note an attempt as long as it lasts. Raises OutputError where nothing can be written."""
        mark = self.folder / f"{self.run}.{uuid.uuid4().hex[:12]}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            mark.touch()
        except OSError as error:
            raise output_error(self.folder, error) from error
        try:
            yield
        finally:
            with suppress(OSError):
                mark.unlink()
            with suppress(OSError):
                self.folder.rmdir()

    def set_aside(self, mark: str) -> None:
        """Note that the case is not to be tried again as long as its mark, of files and settings, is this one.

        Raises OutputError.
        """
        try:
            (self.folder / _ASIDE).write_text(mark)
        except OSError as error:
            raise output_error(self.folder, error) from error

    def set_aside_as(self) -> str | None:
        """Return the mark that the case was set aside with, or None where it was not."""
        try:
            return (self.folder / _ASIDE).read_text()
        except (OSError, ValueError):
            return None

    def forget(self) -> None:
        """Try the case as if it had never been tried."""
        with suppress(OSError):
            for path in list(self.folder.iterdir()):
                path.unlink()
            self.folder.rmdir()

    def forgive(self) -> None:
        """Take the last attempt of each command that has ended off the count: it may have ended with the command."""
        by_run: dict[str, list[Path]] = {}
        for mark in self._left():
            by_run.setdefault(mark.name.partition(".")[0], []).append(mark)
        for run, marks in by_run.items():
            if run != self.run:
                with suppress(OSError):
                    max(marks, key=lambda mark: mark.stat().st_mtime_ns).unlink()

    def _left(self) -> list[Path]:
        try:
            return [path for path in self.folder.iterdir() if "." in path.name]
        except OSError:
            return []


def attempted(places: Places) -> list[str]:
    """Return the names of the cases with attempts that never ended."""
    try:
        return sorted(path.name for path in places.attempts.iterdir())
    except OSError:
        return []
