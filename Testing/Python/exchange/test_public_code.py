"""Importing checkpoints of the public two-stage code, by the names and shapes of their tensors."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import replace

import pytest
import torch
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.core.settings import PAPER, StageSettings
from BrainTumorVAESegLib.exchange.importing import import_model
from BrainTumorVAESegLib.exchange.public_code import import_public_state, our_name, public_cascade
from BrainTumorVAESegLib.models.package import load_stage, read_package
from BrainTumorVAESegLib.networks.nvnet import NvNet

SMALL = {"filters": 8, "vae_crop": (16, 16, 16), "spread": "absolute", "latent": 4}
STAGE1 = StageSettings(**SMALL)
STAGE2 = StageSettings("attention_add", in_channels=7, **SMALL)


def public_names(settings: StageSettings) -> dict[str, str]:
    """This library's name -> the public code's, written out level by level, apart from the importer's own table."""
    block = [f"{part}.{kind}" for part in ("norm1", "norm2", "conv1", "conv2") for kind in ("weight", "bias")]
    norm = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    pairs = {"stem": "in_conv0.conv1", "head": "de_end.conv1"}
    blocks = {"encoder.0.0": "en_block0"}
    for level in (1, 2, 3):
        pairs[f"down.{level - 1}"] = f"en_down{level}.conv1"
        blocks |= {f"encoder.{level}.{i}": f"en_block{level}_{i}" for i in range(settings.blocks_down[level])}
    for level in (0, 1, 2):
        pairs[f"decoder.{level}.halve"] = f"de_up{level}.conv1"
        blocks[f"decoder.{level}.block"] = f"de_block{level}"
        pairs[f"vae.levels.{2 - level}.halve"] = f"vae.vd_block{level}.up0.conv1"
        blocks[f"vae.levels.{2 - level}.block"] = f"vae.vd_block{level}.block"
        for ours, theirs in (("gating", "W_g"), ("skip", "W_x"), ("psi", "psi")):
            pairs[f"gates.{level}.{ours}.0"] = f"ag_{level}.{theirs}.0"
            pairs |= {f"gates.{level}.{ours}.1.{kind}": f"ag_{level}.{theirs}.1.{kind}" for kind in norm}
    resample = {"norm": "gn1", "reduce": "conv1", "to_latent": "dense1", "from_latent": "dense2", "expand": "up0.conv1"}
    pairs |= {f"vae.{ours}": f"vae.vd_resample.{theirs}" for ours, theirs in resample.items()}
    pairs["vae.head"] = "vae.vd_end"
    plain = {f"{ours}.{kind}": f"{theirs}.{kind}" for ours, theirs in pairs.items() for kind in ("weight", "bias")}
    return pairs | plain | {f"{ours}.{part}": f"{theirs}.{part}" for ours, theirs in blocks.items() for part in block}


def public_state(network: NvNet) -> OrderedDict[str, torch.Tensor]:
    names = public_names(network.settings)
    return OrderedDict((names[name], tensor.clone()) for name, tensor in network.state_dict().items())


@pytest.fixture(scope="module", params=[STAGE1, STAGE2], ids=["stage1", "stage2"])
def network(request) -> NvNet:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return NvNet(request.param).eval()


def test_the_settings_are_read_from_the_shapes(network):
    settings, state = import_public_state(public_state(network))
    assert settings == replace(network.settings, field=(16, 16, 16))
    assert list(state) == list(network.state_dict())
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(state[name], tensor, rtol=0, atol=0)


def test_a_checkpoint_without_the_branch_gives_a_network_without_it(network):
    kept = {name: tensor for name, tensor in public_state(network).items() if not name.startswith("vae.")}
    settings, state = import_public_state(kept)
    assert settings.vae_crop is None and not any(name.startswith("vae.") for name in state)
    NvNet(settings).load_state_dict(state, strict=True)


@pytest.mark.parametrize("crop", [(128, 192, 160), (128, 128, 128), (96, 96, 96), (48, 48, 48)])
def test_the_published_crops_and_cubes_are_recognised(crop):
    with torch.device("meta"):
        meta = NvNet(replace(STAGE1, vae_crop=crop)).state_dict()
    names = public_names(STAGE1)
    state = {names[name]: torch.zeros(()).expand(tensor.shape) for name, tensor in meta.items()}
    assert import_public_state(state)[0].vae_crop == crop


def test_another_crop_must_be_told(tmp_path):
    state = public_state(NvNet(replace(STAGE1, vae_crop=(16, 32, 48))))
    with pytest.raises(PackageError, match="crop"):
        import_public_state(state)
    assert import_public_state(state, vae_crop=(16, 32, 48))[0].vae_crop == (16, 32, 48)
    with pytest.raises(PackageError, match="crop"):
        import_public_state(state, vae_crop=(16, 16, 16))


def test_other_networks_are_refused_by_a_tensors_name():
    with pytest.raises(PackageError, match=r"convInit\.conv\.weight is no tensor of the public two-stage code"):
        import_public_state({"convInit.conv.weight": torch.zeros(8, 4, 3, 3, 3)})


@pytest.mark.parametrize(
    "damage",
    [
        lambda state: state.pop("in_conv0.conv1.weight"),
        lambda state: state.pop("de_end.conv1.bias"),
        lambda state: state.pop("en_block1_0.norm1.weight"),
        lambda state: [state.pop(name) for name in list(state) if name.startswith("en_block2_")],
        lambda state: state.pop("vae.vd_resample.dense1.weight"),
        lambda state: state.update({"de_end.conv1.bias": torch.zeros(5)}),
        lambda state: state.update({"in_conv0.conv1.weight": torch.zeros(3)}),
        lambda state: state.update({"in_conv0.conv1.weight": torch.zeros(9, 4, 3, 3, 3)}),
        lambda state: state.update({"en_block0.conv3.weight": torch.zeros(1)}),
        lambda state: state["de_end.conv1.bias"].fill_(math.inf),
    ],
)
def test_a_damaged_state_is_refused(damage):
    state = public_state(NvNet(STAGE1))
    damage(state)
    with pytest.raises(PackageError) as caught:
        import_public_state(state, where="old.pth")
    assert "\n" not in str(caught.value)


def test_half_and_double_precision_become_single():
    for kind in (torch.float16, torch.float64, torch.bfloat16):
        state = {name: tensor.to(kind) for name, tensor in public_state(NvNet(STAGE1)).items()}
        assert {tensor.dtype for tensor in import_public_state(state)[1].values()} == {torch.float32}


def test_names_of_no_network_have_no_translation():
    for name in (
        "",
        "vae.vd_block3.block.conv1.weight",
        "en_block0",
        "xin_conv0.conv1.weight",
        "en_down0.conv1.weight",
    ):
        assert our_name(name) is None


def test_the_imported_cascade_reads_and_answers_as_the_public_code_does():
    cascade = public_cascade(PAPER.stage1, PAPER.stage2)
    assert cascade.output_channels == ("ED", "NCR", "ET")
    assert cascade.modalities == ("T1", "T1ce", "T2", "FLAIR")
    assert cascade.preprocessing.clip == (0.0, 100.0), "its z-score clips nothing"


def test_checkpoints_become_a_package_that_gives_the_same_answer(tmp_path):
    networks = NvNet(STAGE1).eval(), NvNet(STAGE2).eval()
    paths = [tmp_path / "one.pth", tmp_path / "two.pth"]
    for path, network in zip(paths, networks, strict=True):
        torch.save({"state_dict": public_state(network)}, path)
    package = read_package(import_model(tmp_path / "out", "public", *paths).package.folder)
    assert package.training["imported"] == ["one.pth", "two.pth"] and package.has_vae
    assert package.settings.stage1.spread == "absolute" and "CC BY" not in (package.folder / "LICENSE").read_text()
    for stage, network in enumerate(networks, start=1):
        x = torch.randn((1, network.settings.in_channels, 16, 16, 16), generator=torch.Generator().manual_seed(stage))
        with torch.inference_mode():
            torch.testing.assert_close(load_stage(package, stage)(x).logits, network(x).logits, rtol=0, atol=0)


def test_stages_in_the_wrong_order_are_refused(tmp_path):
    for name, settings in (("one.pth", STAGE1), ("two.pth", STAGE2)):
        torch.save(public_state(NvNet(settings)), tmp_path / name)
    with pytest.raises(PackageError, match="do not fit each other"):
        import_model(tmp_path / "out", "public", tmp_path / "two.pth", tmp_path / "one.pth")
    assert not (tmp_path / "out").exists()
