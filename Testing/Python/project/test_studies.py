"""The table that holds trainings against each other."""

from __future__ import annotations

from pathlib import Path

import pytest
from compare_runs import main


@pytest.fixture
def runs(tmp_path) -> Path:
    for run, fold, dice in (("one", "stage1-fold0", 0.5), ("two", "stage2-fold1", 0.7), ("two", "stage2", None)):
        folder = tmp_path / run / fold
        folder.mkdir(parents=True)
        steps = "".join(f"{step},1.0,{seconds}\n" for step, seconds in ((1, 360), (2, 360), (3, 10000), (4, 360)))
        (folder / "losses.csv").write_text(f"step,loss,seconds\n{steps}")
        if dice is not None:
            (folder / "checks.csv").write_text(f"step,WT,TC,ET\n2,0.1,0.1,0.1\n4,{dice},{dice},{dice - 0.3:.1f}\n")
    return tmp_path


def test_a_row_is_a_training_with_held_out_cases_at_its_last_look(runs, capsys):
    main([str(runs / "one"), str(runs / "two")])
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert head == "| run | training | steps | hours | Dice WT | Dice TC | Dice ET | mean |"
    assert rows == [
        "| one | stage 1, fold 0 | 4 | 0.4 | 0.500 | 0.500 | 0.200 | 0.400 |",
        "| two | stage 2, fold 1 | 4 | 0.4 | 0.700 | 0.700 | 0.400 | 0.600 |",
    ]
