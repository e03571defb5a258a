"""Fine-tuning: a training begins with a package's weights, where its network is the recipe's."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from BrainTumorVAESegLib.core.errors import TrainingError
from BrainTumorVAESegLib.core.settings import CascadeSettings, StageSettings
from BrainTumorVAESegLib.models.package import ModelPackage
from BrainTumorVAESegLib.models.writing import write_package
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.training.starting import start_weights


@pytest.fixture
def package(tiny_stage, tmp_path) -> ModelPackage:
    torch.manual_seed(5)
    second = replace(tiny_stage, architecture="attention_add", in_channels=7)
    settings = CascadeSettings(stage1=tiny_stage, stage2=second)
    return write_package(
        tmp_path / "mine", "mine", "1.0", settings, NvNet(tiny_stage), NvNet(second), "# mine", half=False
    )


def test_all_of_stage_1_is_taken_its_vae_branch_too(package, tiny_stage):
    state = start_weights(package, 1, tiny_stage)
    assert set(state) == set(NvNet(tiny_stage).state_dict())


def test_a_branch_of_another_crop_or_that_does_not_ship_begins_anew(package, tiny_stage):
    wider = replace(tiny_stage, vae_crop=(32, 32, 32))
    second: StageSettings = replace(tiny_stage, architecture="attention_add", in_channels=7)
    for number, stage in ((1, wider), (2, second)):
        state = start_weights(package, number, stage)
        expected = {name for name in NvNet(stage).state_dict() if not name.startswith("vae.")}
        assert set(state) == expected


@pytest.mark.parametrize(
    "change", [{"filters": 16}, {"groups": 8}, {"blocks_down": (1, 1, 1, 2)}, {"architecture": "attention_add"}]
)
def test_another_network_is_refused_and_both_are_named(package, tiny_stage, change):
    with pytest.raises(TrainingError, match="start_from: stage 1 of mine is another network than the recipe's"):
        start_weights(package, 1, replace(tiny_stage, **change))
