"""What both stages' networks do, beyond the numbers of the golden values."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.core.settings import PRESETS, StageSettings, without_vae
from BrainTumorVAESegLib.networks.nvnet import NvNet
from smallnetworks import count_parameters

CROP = (16, 16, 32)
SMALL = StageSettings(filters=8, groups=4, blocks_down=(1, 1, 1, 1), vae_crop=CROP, latent=6, dropout=0.0)
SECOND = replace(SMALL, architecture="attention_add", in_channels=7)


def build(settings: StageSettings, seed: int = 0) -> NvNet:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return NvNet(settings)


def images(channels: int = 4, size: tuple[int, ...] = CROP) -> torch.Tensor:
    return torch.randn(1, channels, *size, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("settings", [SMALL, SECOND], ids=["stage1", "stage2"])
@pytest.mark.parametrize("size", [(8, 8, 8), (8, 24, 16), (40, 16, 8)])
def test_any_size_that_is_a_multiple_of_8_is_answered_at_its_own_size(settings, size):
    network = build(without_vae(settings)).eval()
    with torch.inference_mode():
        output = network(images(settings.in_channels, size))
    assert output.logits.shape == (1, 3, *size)
    halves = [(1, 1, *(n // 2**level for n in size)) for level in (1, 2, 3)]
    assert [gate.shape for gate in output.gates] == (halves if settings is SECOND else [])


def test_the_branch_refuses_another_size_than_its_crop_and_names_both():
    with pytest.raises(ValueError, match=r"\[16, 16, 32\], not \[32, 16, 16\]"):
        build(SMALL)(images(size=(32, 16, 16)), reconstruct=True)


@pytest.mark.parametrize("settings", [SMALL, SECOND], ids=["stage1", "stage2"])
def test_the_reconstruction_is_of_the_four_images(settings):
    output = build(settings)(images(settings.in_channels), reconstruct=True)
    assert output.reconstruction.shape == (1, 4, *CROP)
    assert output.latent.mean.shape == output.latent.spread.shape == (1, 6)


def test_nothing_is_reconstructed_unless_asked():
    output = build(SMALL)(images())
    assert output.latent is None and output.reconstruction is None
    assert build(without_vae(SMALL))(images(), reconstruct=True).reconstruction is None


@pytest.mark.parametrize("settings", [SMALL, SECOND], ids=["stage1", "stage2"])
def test_the_mask_does_not_depend_on_the_sample(settings):
    """Two networks of the same weights, since a pass in training mode moves the gates' running statistics."""
    x = images(settings.in_channels)
    alone = build(settings).train()(x).logits
    torch.manual_seed(2)
    first = build(settings).train()(x, reconstruct=True)
    torch.manual_seed(3)
    second = build(settings).train()(x, reconstruct=True)
    assert torch.equal(first.logits, alone) and torch.equal(second.logits, alone)
    assert not torch.equal(first.reconstruction, second.reconstruction)


def test_the_sample_follows_the_seed_in_training_and_is_the_mean_in_evaluation():
    network, x = build(SMALL), images()
    torch.manual_seed(4)
    first = network(x, reconstruct=True).reconstruction
    torch.manual_seed(4)
    assert torch.equal(network(x, reconstruct=True).reconstruction, first)
    output = network.eval()(x, reconstruct=True)
    assert torch.equal(output.reconstruction, network(x, reconstruct=True).reconstruction)
    assert torch.equal(output.reconstruction, network.vae.decode(output.latent.mean))
    assert not torch.equal(output.reconstruction, first)


def test_the_gradient_reaches_every_weight_through_mask_and_reconstruction():
    network = build(SECOND).train()
    output = network(images(7), reconstruct=True)
    (output.logits.square().sum() + output.reconstruction.square().sum()).backward()
    without = [name for name, p in network.named_parameters() if p.grad is None or not bool(p.grad.any())]
    # A bias before a batch's normalization is taken away again by it.
    assert all(name.startswith("gates.") and name.endswith(".0.bias") for name in without), without


def test_dropout_takes_whole_channels_of_the_first_convolution_in_training_alone():
    network = build(replace(SMALL, dropout=0.5))
    kept = network.dropout(torch.ones(1, 64, 2, 2, 2))
    assert {float(channel.unique()) for channel in kept[0]} == {0.0, 2.0}
    x = images()
    assert not torch.equal(network(x).logits, network(x).logits)
    network.eval()
    assert torch.equal(network(x).logits, network(x).logits)


def block(c: int) -> int:
    """Parameters of a residual block: two convolutions and two norms."""
    return 2 * (27 * c * c + c) + 2 * 2 * c


def up(c: int) -> int:
    """Parameters of a level upwards: the halving of the channels and a block."""
    return 2 * c * c + c + block(c)


def count_by_hand(inputs: int, f: int, gates: bool, cells: int) -> int:
    """Parameters of a network of f filters whose branch's dense layers span cells."""
    encoder = 27 * inputs * f + sum(n * block(c) for n, c in zip((1, 2, 2, 4), (f, 2 * f, 4 * f, 8 * f), strict=True))
    between = sum(27 * c * 2 * c for c in (f, 2 * f, 4 * f))
    decoder = sum(up(c) for c in (f, 2 * f, 4 * f)) + 3 * f + 3
    gate = sum(2 * c * c + 8 * c * c + 2 * c + 4 * c + c + 1 + 2 for c in (f, 2 * f, 4 * f)) if gates else 0
    dense = 16 * cells * 256 + 256 + 128 * 128 * cells + 128 * cells
    around = 2 * 8 * f + 27 * 8 * f * 16 + 16 + 128 * 8 * f + 8 * f + sum(up(c) for c in (f, 2 * f, 4 * f)) + 4 * f + 4
    return encoder + between + decoder + gate + dense + around


def test_the_count_by_hand_gives_the_published_numbers():
    assert count_by_hand(4, 32, False, 2**3) == 20_317_303
    assert count_by_hand(7, 32, True, 2**3) == 20_536_512


@pytest.mark.parametrize(
    ("preset", "stage", "expected"),
    [
        ("paper", "stage1", count_by_hand(4, 32, False, 8 * 12 * 10)),
        ("paper", "stage2", count_by_hand(7, 32, True, 8**3)),
        ("standard", "stage1", count_by_hand(4, 16, False, 5 * 6 * 5)),
        ("small", "stage1", count_by_hand(4, 12, False, 5 * 6 * 5)),
        ("small", "stage2", count_by_hand(7, 12, True, 5**3)),
    ],
)
def test_the_presets_can_be_built_and_have_as_many_parameters_as_counted_by_hand(preset, stage, expected):
    with torch.device("meta"):
        assert count_parameters(NvNet(getattr(PRESETS[preset], stage))) == expected


def test_the_members_of_a_stage_are_averaged_before_the_sigmoid():
    settings = StageSettings(filters=8, groups=4, vae_crop=(16, 16, 16), latent=4, members=3)
    torch.manual_seed(0)
    network = NvNet(settings).eval()
    x = torch.randn(1, 4, 16, 16, 16)
    with torch.inference_mode():
        output = network(x, reconstruct=True)
        first = network.decode(network.encode(x)).logits
        rest = [other(x).logits for other in network.members[1:]]
    torch.testing.assert_close(output.logits, (first + rest[0] + rest[1]) / 3)
    assert len({float(part.sum()) for part in (first, *rest)}) == 3
    assert output.reconstruction.shape == x.shape
    assert [member.vae is not None for member in network.members] == [True, False, False]


@pytest.mark.parametrize("members", [0, 17])
def test_a_stage_has_a_number_of_members_within_reason(members):
    with pytest.raises(PackageError, match="1 to 16 networks"):
        StageSettings(members=members)
