"""Fine-tuning: a training begins with a package's weights, where its network is the recipe's."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from BrainTumorVAESegLib.core.errors import TrainingError
from BrainTumorVAESegLib.core.settings import CascadeSettings
from BrainTumorVAESegLib.models.package import ModelPackage, load_stage
from BrainTumorVAESegLib.models.writing import write_package
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.training.fit.starting import hand_on, start_weights


@pytest.fixture
def settings(tiny_stage) -> CascadeSettings:
    second = replace(tiny_stage, architecture="attention_add", in_channels=7)
    return CascadeSettings(stage1=tiny_stage, stage2=second)


@pytest.fixture
def write(settings, tmp_path):
    """Write a package of random weights with some settings changed."""

    def write(**changes) -> ModelPackage:
        torch.manual_seed(5)
        made = replace(settings, **changes)
        networks = NvNet(made.stage1).eval(), NvNet(made.stage2).eval()
        return write_package(tmp_path / "mine", "mine", "1.0", made, *networks, "# mine", storage="float32")

    return write


def begun(settings: CascadeSettings, number: int, state: dict[str, torch.Tensor]) -> NvNet:
    network = NvNet(settings.stage1 if number == 1 else settings.stage2)
    network.load_state_dict({**network.state_dict(), **state})
    return network.eval()


def test_all_of_stage_1_is_taken_its_vae_branch_too(write, settings):
    state = start_weights(write(), 1, settings)
    assert set(state) == set(NvNet(settings.stage1).state_dict())


def test_a_branch_of_another_crop_or_that_does_not_ship_begins_anew(write, settings):
    package = write()
    wider = replace(settings, stage1=replace(settings.stage1, vae_crop=(32, 32, 32)))
    for number, ours in ((1, wider), (2, settings)):
        state = start_weights(package, number, ours)
        stage = ours.stage1 if number == 1 else ours.stage2
        assert set(state) == {name for name in NvNet(stage).state_dict() if not name.startswith("vae.")}


@pytest.mark.parametrize("number", [1, 2])
def test_images_and_outputs_in_another_order_give_the_same_answer(write, settings, number):
    package = write(modalities=("T1ce", "T1", "T2", "FLAIR"), output_channels=("TC", "WT", "ET"))
    x = torch.randn(1, 4 if number == 1 else 7, 16, 16, 16)
    theirs = x.clone()
    theirs[:, [-4, -3]] = x[:, [-3, -4]]
    with torch.inference_mode():
        expected = load_stage(package, number)(theirs).logits[:, [1, 0, 2]]
        mine = begun(settings, number, start_weights(package, number, settings))(x)
    torch.testing.assert_close(mine.logits, expected, atol=1e-5, rtol=0)


def test_what_the_branch_gives_back_is_matched_by_name_as_well(write, settings):
    package = write(modalities=("T1ce", "T1", "T2", "FLAIR"))
    x = torch.randn(1, 4, 16, 16, 16)
    with torch.inference_mode():
        expected = load_stage(package, 1, with_vae=True)(x[:, [1, 0, 2, 3]], reconstruct=True).reconstruction
        mine = begun(settings, 1, start_weights(package, 1, settings))(x, reconstruct=True).reconstruction
    torch.testing.assert_close(mine, expected[:, [1, 0, 2, 3]], atol=1e-5, rtol=0)


def test_outputs_of_another_meaning_begin_anew(write, settings):
    state = start_weights(write(output_channels=("ED", "NCR", "ET")), 1, settings)
    missing = set(NvNet(settings.stage1).state_dict()) - set(state)
    assert missing == {"head.weight", "head.bias"}


def test_of_several_members_the_first_is_taken(write, settings):
    package = write(stage1=replace(settings.stage1, members=2))
    state = start_weights(package, 1, settings)
    first = load_stage(package, 1).state_dict()
    assert torch.equal(state["stem.weight"], first["stem.weight"])
    assert not any(name.startswith("others.") for name in state)


@pytest.mark.parametrize(
    "change", [{"filters": 16}, {"groups": 8}, {"blocks_down": (1, 1, 1, 2)}, {"architecture": "attention_add"}]
)
def test_another_network_is_refused_and_both_are_named(write, settings, change):
    with pytest.raises(TrainingError, match="start_from: stage 1 of mine is another network than the recipe's"):
        start_weights(write(), 1, replace(settings, stage1=replace(settings.stage1, **change)))


def test_stage_2_begins_with_stage_1s_answer_for_the_images_but_for_its_gates(settings):
    torch.manual_seed(3)
    first = NvNet(settings.stage1).eval()
    state = hand_on(first.state_dict(), settings.stage2)
    second = begun(settings, 2, state)
    with torch.inference_mode():
        for masks in (torch.zeros(1, 3, 16, 16, 16), torch.ones(1, 3, 16, 16, 16)):
            images = torch.randn(1, 4, 16, 16, 16)
            features = second.encode(torch.cat([masks, images], 1))
            for mine, theirs in zip(features, first.encode(images), strict=True):
                torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=0)
    assert set(NvNet(settings.stage2).state_dict()) - set(state) == {
        name for name in second.state_dict() if "gates." in name
    }


def test_a_branch_of_another_crop_is_not_handed_on(settings):
    wider = replace(settings.stage2, vae_crop=(32, 32, 32))
    state = hand_on(NvNet(settings.stage1).state_dict(), wider)
    assert state and not any(name.startswith("vae.") for name in state)


def test_all_of_a_stage_2_is_handed_on(settings):
    state = NvNet(settings.stage2).state_dict()
    again = hand_on(state, settings.stage2)
    assert set(again) == set(state) and all(torch.equal(again[name], tensor) for name, tensor in state.items())
