"""The tables of a training: whole rows, none twice, none missing."""

from __future__ import annotations

import pytest
from BrainTumorVAESegLib.core.errors import OutputError
from BrainTumorVAESegLib.training.fit.machines import describe_machine
from BrainTumorVAESegLib.training.fit.module import LOSSES, SOFT_DICE
from BrainTumorVAESegLib.training.watch import watchers as watching
from BrainTumorVAESegLib.training.watch.watchers import (
    CHECK_FILE,
    LOSS_FILE,
    MACHINE_FILE,
    Beginning,
    Check,
    StepRecord,
    TableWatcher,
    read_table,
)


def watch(folder, done, steps):
    watcher = TableWatcher()
    watcher.begin(Beginning("stage 1", folder, 9, done))
    for step in steps:
        values = {name: step + n / 10 for n, name in enumerate((*LOSSES, *SOFT_DICE))}
        watcher.step(StepRecord(step, values, 0.5, 1.25))
        watcher.check(Check(step, {"WT": step / 10, "TC": 0.0, "ET": 1.0} if step % 2 else {}, None, ()))
    watcher.end()


def steps_of(folder, name):
    return [int(row["step"]) for row in read_table(folder / name)]


def test_what_was_done_after_the_last_checkpoint_is_dropped_and_written_again(tmp_path):
    watch(tmp_path, 0, [1, 2, 3, 4, 5])
    watch(tmp_path, 3, [4, 5, 6])
    assert steps_of(tmp_path, LOSS_FILE) == [1, 2, 3, 4, 5, 6]
    assert steps_of(tmp_path, CHECK_FILE) == [1, 3, 5]
    assert read_table(tmp_path / LOSS_FILE)[3]["l2"] == "4.2"


def test_a_machine_is_noted_once_and_again_where_another_one_goes_on(tmp_path, monkeypatch):
    watch(tmp_path, 0, [1, 2, 3])
    watch(tmp_path, 2, [3])
    for machine, done in (("a GPU", 3), ("another", 3), ("a third", 5)):
        monkeypatch.setattr(watching, "describe_machine", lambda machine=machine: machine)
        watch(tmp_path, done, [])
    rows = [(row["step"], row["machine"]) for row in read_table(tmp_path / MACHINE_FILE)]
    assert rows == [("1", describe_machine()), ("4", "another"), ("6", "a third")]


def test_a_row_that_was_cut_off_is_left_out(tmp_path):
    watch(tmp_path, 0, [1, 2])
    with (tmp_path / LOSS_FILE).open("a") as stream:
        stream.write("3,0.5,0.2")
    assert steps_of(tmp_path, LOSS_FILE) == [1, 2]
    watch(tmp_path, 2, [3])
    assert steps_of(tmp_path, LOSS_FILE) == [1, 2, 3]


def test_a_missing_table_has_no_rows(tmp_path):
    assert read_table(tmp_path / LOSS_FILE) == []


def test_a_table_that_cannot_be_written_is_an_error_that_names_it(tmp_path, full_disk):
    with full_disk(), pytest.raises(OutputError, match=r"losses\.csv: cannot be written"):
        watch(tmp_path, 0, range(1, 40))
