"""Labelled cases looked at and prepared once, into a cache that training maps into memory.

The cache is a folder that may serve several runs, data sets and processes at once: one folder in it for each way of
preparing, one entry in that for each case, named by what the case's files hold and not by where they lie.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock

from ...cases.faults import Fault, describe_faults
from ...cases.labelled import LabelledCase
from ...core.disk.files import output_error
from ...core.errors import BrainTumorVAESegError, OutputError, TrainingError
from ...core.settings import CascadeSettings
from .contents import content_key, content_stamp
from .entries import CachedCase, CaseFacts, Entry, save_array
from .folds import split_folds
from .validation import find_duplicates, find_namesakes, prepare_case, write_record

__all__ = ["CachedCase", "CaseFacts", "cache_cases", "save_array", "split_folds"]

CACHE_FORMAT = 3
"""Rises whenever the same files and settings give other arrays, other facts or other findings."""
_MOST_WORKERS = 8
Report = Callable[[str], None]


def cache_cases(
    cases: Sequence[LabelledCase],
    settings: CascadeSettings,
    folder: Path,
    report: Report = lambda _: None,
    record: Path | None = None,
) -> list[CachedCase]:
    """Look at every case and prepare it into a folder, those already there excepted; return them in their order.

    All cases are looked at before a fault of any is told. record: a JSON file for what is known of every case and what
    is wrong with which, written either way. Raises TrainingError, naming every case that cannot be used, and
    OutputError where the folder cannot be written; the entries that are finished by then serve the next attempt.
    """
    place, memory = _make_places(Path(folder), settings)
    ready: list[CachedCase] = []
    faults: list[Fault] = []
    pool = ThreadPoolExecutor(max(1, min(usable_cores(), _MOST_WORKERS, len(cases))))
    try:
        results = [pool.submit(_cache_case, case, settings, place, memory) for case in cases]
        for number, (case, result) in enumerate(zip(cases, results, strict=True), start=1):
            outcome, made = result.result()
            if isinstance(outcome, Fault):
                faults.append(outcome)
            else:
                ready.append(outcome)
            if made:
                report(f"prepared {case.name} ({number} of {len(cases)})")
    finally:
        pool.shutdown(cancel_futures=True)
    faults += [*find_namesakes(cases), *find_duplicates(ready)]
    if record is not None:
        write_record(record, ready, faults)
    if faults:
        where = f" All are in {record}." if record is not None else ""
        raise TrainingError(describe_faults(faults, len(cases)) + where)
    return ready


def _cache_case(
    case: LabelledCase, settings: CascadeSettings, place: Path, memory: Path
) -> tuple[CachedCase | Fault, bool]:
    """Return the prepared case or what is wrong with it, and whether it was prepared just now."""
    try:
        stamp = content_stamp(case)
        entry = Entry(case, place, content_key(case, memory))
        there = entry.find()
        if there is not None:
            return there, False
        with _alone(entry):
            there = entry.find()  # another process may have prepared it meanwhile
            if there is not None:
                return there, False
            entry.remove_leftovers()
            images, labels, facts = prepare_case(case, settings)
            if content_stamp(case) != stamp:
                return Fault(case.name, f"{case.name}: its files changed while they were read; run again."), False
            return entry.write(images, labels, facts), True
    except OutputError:
        raise
    except BrainTumorVAESegError as error:
        return Fault(case.name, f"{case.name}: {error}"), False


@contextmanager
def _alone(entry: Entry) -> Iterator[None]:
    """Keep other processes from preparing the same case meanwhile, where the file system can.

    Where it cannot, both prepare it: each writes beside and moves into place, so that either result is whole.
    """
    path = entry.file(".lock")
    lock = FileLock(path)
    try:
        lock.acquire()
    except (OSError, NotImplementedError):
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError):  # Windows keeps a file that is open
            path.unlink(missing_ok=True)
        lock.release()


def _make_places(folder: Path, settings: CascadeSettings) -> tuple[Path, Path]:
    """Make the folder of entries that these settings share, and the one that remembers the files' contents."""
    way = json.dumps([CACHE_FORMAT, asdict(settings.preprocessing), settings.modalities], sort_keys=True)
    places = folder / hashlib.sha256(way.encode()).hexdigest()[:12], folder / "contents"
    for place in places:
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(folder, error) from error
    return places


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
