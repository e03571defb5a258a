"""A cohort of tiny cases, and work that stands in for a case's where that is not what is tested.

Workers import it: Dask hands functions over by their names.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path
from unittest import mock

from BrainTumorVAESegLib.cohort import contents
from BrainTumorVAESegLib.cohort import task as tasks
from BrainTumorVAESegLib.cohort.attempts import Attempts
from BrainTumorVAESegLib.cohort.outcome import Outcome
from BrainTumorVAESegLib.cohort.task import CaseTask, run_case
from BrainTumorVAESegLib.phantom.cases import write_phantom
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings, make_phantom
from knownmodels import SPACING

SIZE = (28, 34, 26)
_MADE = 3
"""Different brains; further cases are copies of these."""


def write_cases(folder: Path, count: int) -> list[str]:
    """Write so many cases of coarse voxels and return their names."""
    names = [f"P{number:03d}" for number in range(count)]
    for number, name in enumerate(names):
        if number < _MADE:
            write_phantom(make_phantom(PhantomSettings(number, SIZE, SPACING)), folder / name, "brain")
        else:
            shutil.copytree(folder / names[number % _MADE], folder / name)
    return names


def settle(folder: Path) -> None:
    """Wait until no file was touched so lately that its times tell nothing (see `contents.stamp_of`).

    Times of modification can be set back, those of change cannot.
    """
    status = [path.stat() for path in folder.rglob("*")]
    settled = max(max(each.st_mtime_ns, each.st_ctime_ns) for each in status) + contents.SETTLED_NS
    while (left := settled - time.time_ns()) > 0:
        time.sleep(left / 1e9)


def link_case(case: Path, folder: Path) -> None:
    """Make a case of links to another one's files, which are as old as those."""
    folder.mkdir(parents=True)
    for path in case.iterdir():
        (folder / path.name).symlink_to(path)


def die(attempts: Attempts, times: int) -> None:
    """Leave behind what so many killed processes leave of a case."""
    attempts.folder.mkdir(parents=True, exist_ok=True)
    for number in range(times):
        (attempts.folder / f"{attempts.run}.{number}").touch()


def deadly(task: CaseTask) -> Outcome:
    """Work on a case, but the first one takes its process along whenever its images are looked at."""
    if task.case.name != "P000":
        return run_case(task)
    with mock.patch.object(tasks, "_into_files", lambda *_: os.kill(os.getpid(), signal.SIGKILL)):
        return run_case(task)
