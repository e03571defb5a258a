"""Where weights come from: the time and the machines of a run's trainings."""

from __future__ import annotations

import torch
from BrainTumorVAESegLib.training.fit.machines import describe_machine
from BrainTumorVAESegLib.training.provenance import trained_on, trained_seconds


def test_the_seconds_of_all_trainings_are_added_up(tmp_path):
    for name, seconds in (("stage1", (20, 2.5)), ("stage2", (7,))):
        (tmp_path / name).mkdir()
        rows = "".join(f"{step},{value}\n" for step, value in enumerate(seconds, start=1))
        (tmp_path / name / "losses.csv").write_text(f"step,seconds\n{rows}")
    assert trained_seconds(tmp_path) == 29.5


def test_the_machines_of_all_trainings_are_told_once_and_this_one_where_none_is_noted(tmp_path):
    assert trained_on(tmp_path) == {"machine": describe_machine(), "torch": torch.__version__}
    rows = {"stage1": "1,a GPU,2.11.0\n", "stage1-fold0": '1,a GPU,2.11.0\n70,"a CPU, 2 threads",2.11.0\n'}
    for name, text in rows.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "machines.csv").write_text(f"step,machine,torch\n{text}")
    assert trained_on(tmp_path) == {"machine": "a GPU; a CPU, 2 threads", "torch": "2.11.0"}
