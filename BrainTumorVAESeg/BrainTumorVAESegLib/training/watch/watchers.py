"""Who looks on while a stage is trained: each watcher is told of the beginning, every step, every check, the end."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from ...core.disk.files import output_error, write_bytes
from ...core.disk.tables import to_csv
from ...core.errors import TrainingError
from ...core.labels import REGIONS
from ...networks.nvnet import NvNet
from ..data.samples import Sample
from ..fit.machines import describe_machine
from ..fit.module import LOSSES, SOFT_DICE

LOSS_FILE = "losses.csv"
CHECK_FILE = "checks.csv"
MACHINE_FILE = "machines.csv"


@dataclass(frozen=True)
class Beginning:
    """A training that begins or goes on: its title, its folder, the steps in all, and those done before."""

    title: str
    folder: Path
    steps: int
    done: int


@dataclass(frozen=True)
class StepRecord:
    """One step that is done. step: counted from 1. values: the losses and the soft Dice of its samples, by name."""

    step: int
    values: Mapping[str, float]
    learning_rate: float
    seconds: float


@dataclass(frozen=True)
class Check:
    """A look at the averaged weights after a step.

    dice: mean Dice of the held-out cases by region; empty where none are held out. network: with the averaged weights,
    in evaluation mode. samples: a few, always the same ones, for pictures.
    """

    step: int
    dice: Mapping[str, float]
    network: NvNet
    samples: Sequence[Sample]


class Watcher:
    """Looks on and does nothing; subclasses show or write. Only the first process of a training has any."""

    def begin(self, beginning: Beginning) -> None:
        """A training begins, or goes on after `beginning.done` steps."""

    def step(self, record: StepRecord) -> None:
        """A step is done."""

    def check(self, check: Check) -> None:
        """The averaged weights were looked at: every `check_every` steps and after the last one."""

    def end(self) -> None:
        """The training ended, finished or not."""


class TableWatcher(Watcher):
    """Writes every step to `losses.csv` and every check to `checks.csv`, so that a resumed run's tables have no gap.

    Rows of steps that an interrupted run did after its last checkpoint are dropped, for they are done again.
    `machines.csv` tells from which step on a training was computed on which machine, with which torch.
    """

    def begin(self, beginning: Beginning) -> None:
        """See `Watcher`."""
        columns = {
            LOSS_FILE: ("step", *LOSSES, *SOFT_DICE, "learning_rate", "seconds"),
            CHECK_FILE: ("step", *(region.key for region in REGIONS)),
            MACHINE_FILE: ("step", "machine", "torch"),
        }
        self._files = {name: beginning.folder / name for name in columns}
        for name, file in self._files.items():
            keep_rows(file, columns[name], beginning.done)
        here = {"machine": describe_machine(), "torch": torch.__version__}
        before = read_table(self._files[MACHINE_FILE])
        if not before or {key: before[-1][key] for key in here} != here:
            self._append(MACHINE_FILE, [beginning.done + 1, *here.values()])

    def step(self, record: StepRecord) -> None:
        """See `Watcher`."""
        values = [record.values[name] for name in (*LOSSES, *SOFT_DICE)]
        self._append(LOSS_FILE, [record.step, *values, record.learning_rate, round(record.seconds, 3)])

    def check(self, check: Check) -> None:
        """See `Watcher`."""
        if check.dice:
            self._append(CHECK_FILE, [check.step, *(check.dice[region.key] for region in REGIONS)])

    def _append(self, name: str, row: Sequence[object]) -> None:
        try:
            with self._files[name].open("a", encoding="utf-8", newline="") as stream:
                stream.write(to_csv([row]))
        except OSError as error:
            raise output_error(self._files[name], error) from error


def keep_rows(file: Path, columns: Sequence[str], last: int) -> None:
    """Leave a table's rows up to a step, whole ones only; make the table where it is missing."""
    rows = [row for row in read_table(file) if int(row["step"]) <= last]
    write_bytes(file, to_csv([columns, *([row.get(column, "") for column in columns] for row in rows)]).encode())


def read_table(file: Path) -> list[dict[str, str]]:
    """Return a table's whole rows; one that a full disk or a kill cut off is left out. Empty where there is no file."""
    if not file.is_file():
        return []
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            return [row for row in csv.DictReader(stream) if None not in row.values() and None not in row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TrainingError(f"{file}: cannot be read as a table ({error}); move it away and run again.") from error
