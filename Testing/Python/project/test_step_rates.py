"""The table of what a training step takes."""

from __future__ import annotations

import re

import pytest
from BrainTumorVAESegLib.core.settings import SMALL
from step_rates import main, read_row


@pytest.mark.parametrize("number", [1, 2])
def test_a_row_is_a_presets_stage_with_its_own_crop(number):
    stage = SMALL.stage1 if number == 1 else SMALL.stage2
    assert read_row(f"small:{number}") == (stage, stage.vae_crop)


def test_a_row_may_name_another_crop_and_other_filters():
    stage, size = read_row("paper:1:144x176x144:16")
    assert (stage.filters, stage.vae_crop, size) == (16, (144, 176, 144), (144, 176, 144))


def test_a_step_is_timed_and_its_operations_are_counted(capsys):
    def operations(*more: str) -> float:
        main(["small:2:16x16x16:8", "--device", "cpu", "--precision", "32-true", "--steps", "1", *more])
        row = capsys.readouterr().out.splitlines()[-1]
        ms, peak, tera, _ = re.findall(r"(?<=\| )[\d.]+(?= \|)", row)
        assert float(ms) > 0 and peak == "0"
        return float(tera)

    assert 0.0001 < operations("--no-vae") < operations() < 0.003, "8 filters at 16 cubed, forward and backward"
