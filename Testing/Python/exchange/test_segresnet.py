"""MONAI's SegResNet against ours: names, shapes and axes both ways, and the same answer."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.core.settings import StageSettings
from BrainTumorVAESegLib.exchange.importing import import_model
from BrainTumorVAESegLib.exchange.segresnet import import_segresnet_state, monai_state
from BrainTumorVAESegLib.models.package import load_stage
from BrainTumorVAESegLib.networks.nvnet import NvNet
from monai.networks.nets import SegResNet, SegResNetVAE

SMALL = {"init_filters": 8, "in_channels": 4, "out_channels": 3, "blocks_down": (1, 1), "blocks_up": (1,)}
ZOO = {**SMALL, "init_filters": 16, "blocks_down": (1, 2, 2, 4), "blocks_up": (1, 1, 1), "dropout_prob": 0.2}
SHAPES = [ZOO, {**SMALL, "blocks_down": (2, 1, 1), "blocks_up": (3, 1)}, {**SMALL, "out_channels": 2}]


def built(kind: type = SegResNet, seed: int = 0, **options: object) -> torch.nn.Module:
    """One of MONAI's networks whose norms are not what they start with."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = kind(**{**SMALL, **options}).eval()
        for parameter in network.parameters():
            if parameter.ndim == 1:
                parameter.data.add_(0.3 * torch.randn_like(parameter))
    return network


def ours_of(state: dict[str, torch.Tensor], **options: object) -> NvNet:
    settings, tensors = import_segresnet_state(state, **options)
    network = NvNet(settings).eval()
    network.load_state_dict(tensors, strict=True)
    return network


def answers(network: torch.nn.Module, ours: NvNet, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Both networks' logits (1, C, x, y, z) of an input (1, C, x, y, z)."""
    with torch.inference_mode():
        theirs = network(x)
        found = ours(x.permute(0, 1, 4, 3, 2)).logits.permute(0, 1, 4, 3, 2)
    return (theirs[0] if isinstance(theirs, tuple) else theirs), found


def noise(*size: int) -> torch.Tensor:
    return torch.randn(1, 4, *size, generator=torch.Generator().manual_seed(1)) + 1


@pytest.mark.parametrize("shape", SHAPES)
def test_an_imported_network_answers_as_monais_own_with_the_axes_turned(shape):
    network = built(**shape)
    theirs, found = answers(network, ours_of(network.state_dict()), noise(16, 24, 8))
    torch.testing.assert_close(found, theirs, rtol=0, atol=1e-4)
    assert theirs.std() > 0.01, "the comparison must be of numbers that differ"


def test_the_groups_are_the_ones_that_are_told():
    network = built(norm=("GROUP", {"num_groups": 4}))
    theirs, found = answers(network, ours_of(network.state_dict(), groups=4), noise(8, 8, 8))
    torch.testing.assert_close(found, theirs, rtol=0, atol=1e-4)
    _, wrong = answers(network, ours_of(network.state_dict(), groups=8), noise(8, 8, 8))
    assert (wrong - theirs).abs().max() > 0.01


@pytest.mark.parametrize("shape", SHAPES)
def test_the_settings_are_read_from_the_shapes(shape):
    settings, _ = import_segresnet_state(built(**shape).state_dict())
    expected = StageSettings(
        "segresnet", 4, shape["out_channels"], shape["init_filters"], 8,
        shape["blocks_down"], tuple(reversed(shape["blocks_up"])), align_corners=False,
    )  # fmt: skip
    assert settings == expected


@pytest.mark.parametrize("shape", SHAPES)
def test_a_network_goes_back_to_monai_as_it_came(shape):
    state = built(**shape).state_dict()
    back = monai_state(ours_of(state))
    assert back.keys() == state.keys()
    assert all(torch.equal(back[name], tensor) for name, tensor in state.items())


def test_a_branch_of_our_own_stays_out_of_monais_state():
    settings, _ = import_segresnet_state(built(**{**ZOO, "init_filters": 8}).state_dict())
    network = NvNet(replace(settings, vae_crop=(16, 16, 16), latent=4))
    assert monai_state(network).keys() == built(**{**ZOO, "init_filters": 8}).state_dict().keys()
    assert network(noise(16, 16, 16), reconstruct=True).reconstruction.shape == (1, 4, 16, 16, 16)


def test_of_a_segresnet_with_a_branch_the_mask_alone_is_taken():
    network = built(SegResNetVAE, input_image_size=(16, 16, 16), vae_estimate_std=True)
    theirs, found = answers(network, ours_of(network.state_dict()), noise(16, 16, 16))
    torch.testing.assert_close(found, theirs, rtol=0, atol=1e-4)


@pytest.mark.parametrize("kind", [SegResNet, SegResNetVAE])
def test_a_checkpoint_becomes_a_package_that_says_what_was_left_out_and_taken(tmp_path, kind):
    extra = {"input_image_size": (16, 16, 16)} if kind is SegResNetVAE else {}
    network = built(kind, **extra)
    torch.save({"state_dict": {f"network.{k}": v for k, v in network.state_dict().items()}}, tmp_path / "seg.ckpt")
    imported = import_model(tmp_path / "out", "seg", tmp_path / "seg.ckpt")
    settings = imported.package.settings
    assert (settings.modalities, settings.output_channels) == (("T1ce", "T1", "T2", "FLAIR"), ("TC", "WT", "ET"))
    assert (settings.preprocessing.foreground, settings.preprocessing.clip) == ("channel", (0.0, 100.0))
    assert (settings.stage2, imported.package.has_vae) == (None, False)
    assert any("VAE branch" in note for note in imported.notes) == (kind is SegResNetVAE)
    assert all(note in imported.package.card for note in imported.notes)
    theirs, found = answers(network, load_stage(imported.package, 1), noise(8, 8, 8))
    torch.testing.assert_close(found, theirs, rtol=0, atol=1e-4)


def test_what_a_person_says_of_the_channels_is_taken(tmp_path):
    torch.save(built().state_dict(), tmp_path / "seg.pt")
    order, meaning = ("FLAIR", "T1", "T1ce", "T2"), ("WT", "TC", "ET")
    imported = import_model(tmp_path / "out", "seg", tmp_path / "seg.pt", modalities=order, channels=meaning)
    assert (imported.package.settings.modalities, imported.package.settings.output_channels) == (order, meaning)
    assert not any("channels are" in note for note in imported.notes)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"upsample_mode": "deconv"}, r"up_samples\.0\.1\.deconv\.weight .*upsample_mode"),
        ({"norm": ("BATCH", {})}, r"running_mean .*norm"),
        ({"norm": ("INSTANCE", {})}, r"missing .*norm1\.bias"),
        ({"spatial_dims": 2}, "not 3D"),
        ({"blocks_down": (1, 1, 1)}, "another grid"),
        ({"init_filters": 12}, r"12 filters .* 8 groups"),
    ],
)
def test_other_options_of_segresnet_are_refused_by_name(options, complaint):
    norm = options.get("norm", ("GROUP", {"num_groups": 4}))
    state = SegResNet(**{**SMALL, **options, "norm": norm}).state_dict()
    with pytest.raises(PackageError, match=complaint) as caught:
        import_segresnet_state(state, where="seg.pt")
    assert str(caught.value).startswith("seg.pt: ") and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "tensor", "complaint"),
    [
        ("up_samples.0.0.conv.weight", None, "up_samples.0.0.conv.weight"),
        ("up_samples.0.0.conv.weight", torch.zeros(8, 4, 1, 1, 1), "up_samples.0.0.conv.weight has the shape"),
        ("conv_final.0.bias", torch.zeros(9), r"conv_final.0.bias has the shape \[9\], the network needs \[8\]"),
        ("conv_final.0.bias", torch.full((8,), math.nan), "conv_final.0.bias .* not finite"),
        ("convInit.conv.weight", None, "missing"),
        ("surprise", torch.zeros(1), "surprise"),
    ],
)
def test_a_damaged_state_is_refused_by_monais_own_name_of_the_tensor(name, tensor, complaint):
    state = built().state_dict()
    state.pop(name, None)
    if tensor is not None:
        state[name] = tensor
    with pytest.raises(PackageError, match=complaint):
        import_segresnet_state(state, where="seg.pt")


@pytest.mark.parametrize(("inputs", "outputs"), [(1, 3), (4, 2)])
def test_a_segresnet_for_other_images_makes_no_package(tmp_path, inputs, outputs):
    torch.save(built(in_channels=inputs, out_channels=outputs).state_dict(), tmp_path / "seg.pt")
    with pytest.raises(PackageError, match=f"reads {inputs} channels and answers {outputs}"):
        import_model(tmp_path / "out", "seg", tmp_path / "seg.pt")
    assert not (tmp_path / "out").exists()
