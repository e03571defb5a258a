"""A cohort's folder: whose it is, and the tables and the page that tell what is in it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .. import __version__
from ..core.disk.claims import claim
from ..core.disk.files import make_folder, write_json
from ..core.disk.guarded import UnreadableError, parse_json, read_regular
from ..core.disk.paths import require_output_path
from ..core.errors import InputError, OutputError
from ..core.text import printable, shorten
from .index import write_index
from .outcome import Outcome
from .places import COHORT, FAILURES, INDEX, PARQUET, TABLE, Places
from .records import Record, read_record
from .settings import CohortOptions, PackageRef
from .summary import DISCLAIMER
from .table import write_csv, write_failures, write_parquet

_CHOOSE = "give --overwrite, or another folder"
_WORDS = {"data": "of other data", "package": "by another package", "options": "with other options"}


@dataclass(frozen=True)
class Cohort:
    """What makes a cohort: the data, by a hash of their paths, the package, and the options that change results.

    names: of the folders and lists, without those above them, which may be called after patients.
    """

    data: str
    names: tuple[str, ...]
    package: Mapping[str, str]
    options: Mapping[str, Any]

    @classmethod
    def of(cls, paths: Sequence[Path], part: str, package: PackageRef, options: CohortOptions) -> Cohort:
        """Return what a command makes a cohort of."""
        real = [os.path.realpath(path) for path in paths]
        data = hashlib.sha256("\n".join([*sorted(map(os.fspath, real)), part]).encode(errors="surrogateescape"))
        told = {"name": package.name, "version": package.version, "sha256": package.sha256}
        names = tuple(printable(Path(path).name) for path in real)
        return cls(data.hexdigest(), names, told, options.of_results)

    @property
    def title(self) -> str:
        """What the cohort is called."""
        return f"{', '.join(self.names)}, by {self.package['name']} {self.package['version']}"


def require_apart(out: Path, paths: Sequence[Path]) -> None:
    """Raise InputError where the results would lie among the data, and be taken for cases of it next time."""
    where = Path(os.path.realpath(out))
    for path in (Path(os.path.realpath(path)) for path in paths):
        if path.is_dir() and (where == path or path in where.parents):
            raise InputError(
                f"{printable(out)}: lies in {printable(path)}, so that results would be taken for cases; choose a"
                " folder elsewhere."
            )


def require_same(places: Places, cohort: Cohort, overwrite: bool = False) -> None:
    """Raise OutputError where the folder holds another cohort, or files that are none's, and must not be replaced."""
    require_output_path(places.out / PARQUET)
    path = places.out / COHORT
    if overwrite:
        return
    if not path.exists():
        there = [name for name in (INDEX, TABLE, PARQUET, FAILURES, places.cases.name) if (places.out / name).exists()]
        if there:
            raise OutputError(
                f"{printable(places.out / there[0])}: exists already; give --overwrite, or another folder."
            )
        return
    try:
        values = parse_json(read_regular(path))
        before = {key: values[key] for key in _WORDS}
        told = f"{', '.join(values['names'])}, by {values['package']['name']} {values['package']['version']}"
    except (OSError, UnreadableError, KeyError, TypeError) as error:
        raise OutputError(
            f"{printable(path)}: is not what cohort writes; give --overwrite, or another folder."
        ) from error
    now = asdict(cohort)
    other = [word for key, word in _WORDS.items() if before[key] != now[key]]
    if other:
        raise OutputError(
            f"{printable(places.out)}: holds the cohort {shorten(told, 200)}, {' and '.join(other)}; choose another"
            " folder, or give --overwrite to turn it into this one (results that are the same stay)."
        )


@contextmanager
def claimed_cohort(places: Places, cohort: Cohort, overwrite: bool = False) -> Iterator[None]:
    """Hold a cohort's folder as this command's own, and note whose it is.

    Raises OutputError where another command holds it, and as `require_same` does.
    """
    require_same(places, cohort, overwrite)
    with claim(places.out, "cohort"):
        require_same(places, cohort, overwrite)
        make_folder(places.out)
        write_json(places.out / COHORT, {**asdict(cohort), "library": __version__, "use": DISCLAIMER})
        yield


def write_tables(places: Places, cohort: Cohort, names: Sequence[str], failures: Sequence[Outcome]) -> int:
    """Write the tables and the page of the cases of these names that are finished, and return how many those are.

    failures: the cases without a result. Raises OutputError.
    """
    failed = {outcome.name for outcome in failures}
    records = [(name, record) for name in names if name not in failed and (record := read_record(places, name))]
    rows = [record.row for _, record in records]
    write_csv(places.out / TABLE, rows)
    write_parquet(places.out / PARQUET, rows)
    write_failures(places.out / FAILURES, [(each.name, each.state.value, each.message) for each in failures])
    links = {name: link for name, record in records if (link := _report(record))}
    told = f"{len(rows)} finished, {len(failures)} without a result"
    write_index(places.out / INDEX, f"Cohort {cohort.title}", told, rows, failures, links)
    return len(rows)


def _report(record: Record) -> str | None:
    """Return the file of a case that a person reads, where there is more than its summary."""
    return next((name for ending in (".html", ".pdf") for name in record.files if name.endswith(ending)), None)
