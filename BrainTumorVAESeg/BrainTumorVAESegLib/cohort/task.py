"""One case as one task, in whichever process: checked against what is finished, processed, moved into place."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..cases.found import FoundCase
from ..core.disk.files import comes_of_full_disk
from ..core.disk.guarded import reason_of
from ..core.errors import BrainTumorVAESegError, OutputError, PackageError
from ..core.modalities import Modality
from ..core.threads import limit_threads
from .attempts import MOST_DEATHS, Attempts
from .contents import Identity, settings_key, stamp_of
from .inputs import Inputs, look_at
from .outcome import Outcome, State
from .places import Places
from .prepared import PreparationFiles, write_prepared
from .processing import CaseInput, Processed, process
from .records import Record, install, read_record, write_record
from .results import ResultFiles
from .settings import CohortOptions, PackageRef
from .table import row_of

if TYPE_CHECKING:
    from ..core.volume import Study
    from ..inference.segmenting import Result, Segmenter
    from ..trust.checking import TrustChecker

_ONE_AT_A_TIME = threading.Lock()
"""A worker with several threads computes one case all the same, with all of its memory."""
_LOADED: dict[str, Loaded] = {}
"""The package that this process used last, by its hash."""


@dataclass(frozen=True)
class Loaded:
    """A package's networks and its input check, kept for one case after another."""

    segmenter: Segmenter
    checker: TrustChecker

    @property
    def optional(self) -> tuple[Modality, ...]:
        """The modalities that may be absent."""
        return self.segmenter.package.settings.may_lack


@dataclass(frozen=True)
class CaseTask:
    """A case and all that a process needs to know to segment it.

    out: the cohort's folder, which the process sees; None writes nothing and gives the segmentation back. run: a word
    for the command that is running. library: the version that made the task.
    """

    case: FoundCase
    package: PackageRef
    options: CohortOptions
    out: Path | None = None
    run: str = ""
    library: str = __version__


def run_case(task: CaseTask) -> Outcome:
    """Segment a case unless it is finished already. Nothing is raised but what ends the process."""
    start = time.perf_counter()
    with _ONE_AT_A_TIME:
        outcome = _try(task)
    return replace(outcome, seconds=time.perf_counter() - start, worker=this_worker())


def this_worker() -> str:
    """Return what tells this process from the others: its address as Dask's worker, else its machine and number."""
    if "distributed" in sys.modules:
        from distributed import get_worker

        with suppress(ValueError):
            return str(get_worker().address)
    return f"{socket.gethostname()}:{os.getpid()}"


def misfit(task: CaseTask) -> str:
    """Say in a sentence why this process must not work on a task, naming both versions; "" where it may."""
    if task.library != __version__:
        return (
            f"The worker {this_worker()} has braintumorvaeseg {__version__}, this command {task.library}; install the"
            " same one."
        )
    try:
        _load(task.package)
    except PackageError as error:
        return f"The worker {this_worker()} cannot use the model package {task.package}: {error}"
    return ""


def _try(task: CaseTask) -> Outcome:
    name = task.case.name
    try:
        if said := misfit(task):
            return Outcome(name, State.MISFIT, said, PackageError.exit_code)
        if task.out is None:
            done = _compute(task, None, _look(task))
            return Outcome(name, State.DONE, summary=done.summary, segmentation=done.result.segmentation)
        return _with_attempts(task, Places(task.out))
    except BrainTumorVAESegError as error:
        full = isinstance(error, OutputError) and comes_of_full_disk(error)
        return Outcome(name, State.STOPPED if full else State.FAILED, str(error), error.exit_code)
    except Exception as error:
        kind = f"{type(error).__name__}: {reason_of(error)}"
        return Outcome(name, State.FAILED, f"{task.case.place}: an error inside the program ({kind}).", 1)


def _with_attempts(task: CaseTask, places: Places) -> Outcome:
    """Segment a case into files, unless too many processes died over it."""
    name = task.case.name
    attempts = Attempts(places, name, task.run)
    stamp = stamp_of(task.case)
    if attempts.deaths >= MOST_DEATHS:
        attempts.set_aside(f"{stamp} {settings_key(task.package.sha256, task.options)}")
        return set_aside(task.case)
    with attempts.attempt():
        outcome = _into_files(task, places, stamp)
    attempts.forget()
    return outcome


def set_aside(case: FoundCase) -> Outcome:
    """Return what is told of a case over which too many processes died."""
    message = (
        f"{case.place}: {MOST_DEATHS} processes died over this case, of too little memory or a fault in a library; look"
        " at its images, give each worker more memory, then try again with --retry."
    )
    return Outcome(case.name, State.SET_ASIDE, message, 1)


def _into_files(task: CaseTask, places: Places, stamp: str) -> Outcome:
    name = task.case.name
    inputs = _look(task)
    identity = Identity(inputs.images, task.package.sha256, task.options.of_results)
    settings = settings_key(task.package.sha256, task.options)
    before = read_record(places, name)
    if before is not None and before.key == identity.key:
        write_record(places, name, replace(before, stamp=stamp, settings=settings))
        return Outcome(name, State.KEPT, row=before.row)

    def make(folder: Path) -> Record:
        options = task.options
        files = ResultFiles(folder, name, options.probabilities, options.montage, options.report)
        done = _compute(task, files, inputs)
        return Record(identity.key, settings, stamp, {}, row_of(done.summary, identity.key))

    return Outcome(name, State.DONE, row=install(places, name, make).row)


def _look(task: CaseTask) -> Inputs:
    return look_at(task.case, task.options.reference, _load(task.package).optional)


def _compute(task: CaseTask, files: ResultFiles | None, inputs: Inputs) -> Processed:
    if task.options.threads:
        _limit_threads(task.options.threads)
    start = time.perf_counter()
    study = inputs.read()
    case = CaseInput(task.case.name, study, inputs.images, time.perf_counter() - start)
    more = (lambda *_: {}) if files is None else _write_more
    judge = _load(task.package).checker.check
    return process(case, partial(_segment, task), files, task.options.labels, more, judge=judge)


def _limit_threads(most: int) -> None:
    """Let this process work with so many threads at most: the networks, ITK, and what is done side by side."""
    import torch

    from ..images.itk import limit_itk_threads

    limit_threads(most)
    limit_itk_threads(most)
    torch.set_num_threads(most)


def _segment(task: CaseTask, study: Study) -> Result:
    from ..inference.segmenting import Options

    given = task.options
    options = Options(
        given.device, given.precision, given.memory, given.force, given.probabilities, keep_evidence=True,
        preparation=given.preparation,
    )  # fmt: skip
    return _load(task.package).segmenter.segment(study, options)


def _write_more(folder: Path, study: Study, result: Result) -> dict[str, Any]:
    """Write the small picture, and what was made of the scans first."""
    from .thumbnail import write_thumbnail

    name = Places(folder).thumbnail(study.name)
    write_thumbnail(study, result.segmentation, folder / name)
    return {"thumbnail": name, **write_prepared(PreparationFiles(folder, study.name), folder, result)}


def _load(reference: PackageRef) -> Loaded:
    """Return a package, loaded once in a process. Raises PackageError."""
    loaded = _LOADED.get(reference.sha256)
    if loaded is None:
        from ..inference.segmenting import Segmenter
        from ..models.package import read_package
        from ..trust.checking import TrustChecker

        package = read_package(reference.folder)
        if package.sha256 != reference.sha256:
            there = PackageRef.of(package)
            raise PackageError(f"{reference.folder} holds {there}, but {reference} is asked for; copy that one there.")
        _LOADED.clear()
        loaded = _LOADED[reference.sha256] = Loaded(Segmenter(package), TrustChecker(package))
    return loaded
