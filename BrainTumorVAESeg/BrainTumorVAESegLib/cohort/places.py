"""Where a cohort's files lie in its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

INDEX, TABLE, PARQUET, FAILURES, COHORT = (
    "index.html",
    "cohort.csv",
    "cohort.parquet",
    "failures.csv",
    "cohort.json",
)


@dataclass(frozen=True)
class Places:
    """The folder of a cohort: its tables and index, a folder for each case, and hidden what a run needs."""

    out: Path

    @property
    def cases(self) -> Path:
        """A folder for each finished case."""
        return self.out / "cases"

    @property
    def work(self) -> Path:
        """Where a case's results are made before they are moved into place."""
        return self.out / ".cohort" / "work"

    @property
    def attempts(self) -> Path:
        """Which cases were begun and not ended."""
        return self.out / ".cohort" / "attempts"

    def case(self, name: str) -> Path:
        """The folder of a case's results."""
        return self.cases / name

    def record(self, name: str) -> Path:
        """What tells that a case is finished, and of what its results are."""
        return self.case(name) / ".finished.json"

    def thumbnail(self, name: str) -> str:
        """The name of a case's small picture in its folder."""
        return f"{name}_small.png"
