"""A pass in slabs gives what one pass gives, reports all its work, and can be stopped between slabs."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from BrainTumorVAESegLib.core.errors import Cancelled
from BrainTumorVAESegLib.core.settings import StageSettings
from BrainTumorVAESegLib.inference.slabs import count_work, forward_in_slabs, least_bytes, output_in_slabs
from BrainTumorVAESegLib.networks.nvnet import NvNet

STAGE1 = StageSettings(filters=8, groups=4, blocks_down=(1, 1, 1, 2))
STAGES = {
    "stage1": STAGE1,
    "stage2": replace(STAGE1, architecture="attention_add", in_channels=7),
    "segresnet": replace(STAGE1, architecture="segresnet", blocks_up=(3, 1, 2)),
}
ONE_ROW = 1
"""A limit that no slab can keep leaves slabs of one row."""


def volume(channels: int, size: tuple[int, int, int], seed: int = 0) -> torch.Tensor:
    """Noise around a mean far from 0, with zeros around it as outside a brain."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(1, channels, *size, generator=generator) + 2
    x[:, :, : size[0] // 4] = 0
    x[..., -size[2] // 4 :] = 0
    return x


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("align_corners", [True, False])
@pytest.mark.parametrize("slab_bytes", [ONE_ROW, 100_000, 1 << 30])
@pytest.mark.parametrize("size", [(24, 40, 16), (8, 8, 8)])
def test_slabs_give_what_one_pass_gives(trained_like, stage, align_corners, slab_bytes, size):
    network = trained_like(replace(STAGES[stage], align_corners=align_corners))
    x = volume(network.settings.in_channels, size)
    with torch.inference_mode():
        whole = network(x).logits
        found = forward_in_slabs(network, x.clone(), slab_bytes)
    assert found.shape == whole.shape
    torch.testing.assert_close(found, whole, rtol=0, atol=2e-5)


@pytest.mark.parametrize("stage", STAGES)
def test_slabs_leave_what_one_pass_leaves_beside_the_logits(trained_like, stage):
    network = trained_like(STAGES[stage])
    x = volume(network.settings.in_channels, (24, 40, 16))
    with torch.inference_mode():
        whole, found = network(x), output_in_slabs(network, x.clone(), 100_000)
    torch.testing.assert_close(found.end, whole.end, rtol=0, atol=2e-5)
    assert len(found.gates) == len(whole.gates)
    for gate, expected in zip(found.gates, whole.gates, strict=True):
        torch.testing.assert_close(gate, expected, rtol=0, atol=2e-5)


def test_the_statistics_are_those_of_the_whole_and_not_of_a_slab(trained_like):
    """The upper half differs from the lower one: a normalization slab by slab would take the difference away."""
    network = trained_like(STAGE1)
    x = volume(4, (32, 16, 16))
    x[:, :, 16:] = 3 * x[:, :, 16:] + 5
    with torch.inference_mode():
        whole, halves = network(x).logits, torch.cat([network(part).logits for part in x.split(16, dim=2)], dim=2)
        found = forward_in_slabs(network, x.clone(), 50_000)
    assert (found - whole).abs().max() < 1e-4 < 0.01 < (halves - whole).abs().max()


def test_the_statistics_of_many_voxels_are_as_exact_as_those_of_few(trained_like):
    """Single precision, adding up one by one, would be wrong in the fifth digit for this many."""
    network, x = trained_like(STAGE1), volume(4, (64, 64, 64))
    with torch.inference_mode():
        found = forward_in_slabs(network, x.clone(), 1 << 30)
        torch.testing.assert_close(found, network(x).logits, rtol=0, atol=2e-5)


def test_the_input_is_left_as_it_is(trained_like):
    x = volume(4, (16, 16, 16))
    before = x.clone()
    with torch.inference_mode():
        forward_in_slabs(trained_like(STAGE1), x, 50_000)
    assert torch.equal(x, before)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("slab_bytes", [ONE_ROW, 100_000])
def test_the_work_told_adds_up_to_the_work_counted(trained_like, stage, slab_bytes):
    network, told = trained_like(STAGES[stage]), []
    with torch.inference_mode():
        forward_in_slabs(network, volume(network.settings.in_channels, (24, 40, 16)), slab_bytes, told.append)
    assert sum(told) == pytest.approx(count_work(network, (24, 40, 16)))
    assert max(told) < sum(told) / 4, "progress must not jump"


def test_the_work_counted_is_that_of_the_convolutions():
    """Stage 1 at 8 filters by hand, in units of the finest level's voxels."""
    with torch.device("meta"):
        network = NvNet(replace(STAGE1, blocks_down=(1, 2, 2, 4)))
    voxels, c = 8 * 16 * 24, 8
    block = 2 * 27
    finest = 27 * 4 * c + block * c**2 + block * c**2 + 3 * c
    second = (27 * 2 * c**2 + 2 * block * (2 * c) ** 2 + block * (2 * c) ** 2 + 2 * c * c) / 8
    third = (27 * 8 * c**2 + 2 * block * (4 * c) ** 2 + block * (4 * c) ** 2 + 8 * c * c) / 64
    last = (27 * 32 * c**2 + 4 * block * (8 * c) ** 2 + 32 * c * c) / 512
    assert count_work(network, (8, 16, 24)) == pytest.approx(voxels * (finest + second + third + last))


def test_smaller_slabs_tell_more_often(trained_like):
    def ticks(slab_bytes: int) -> int:
        told: list[float] = []
        with torch.inference_mode():
            forward_in_slabs(trained_like(STAGE1), volume(4, (32, 16, 16)), slab_bytes, told.append)
        return len(told)

    assert ticks(ONE_ROW) > ticks(100_000) > ticks(1 << 30)


@pytest.mark.parametrize("after", [1, 7, 30])
def test_an_error_in_the_report_stops_the_pass_at_once(trained_like, after):
    calls = 0

    def stop(_: float) -> None:
        nonlocal calls
        calls += 1
        if calls == after:
            raise Cancelled("enough")

    with pytest.raises(Cancelled), torch.inference_mode():
        forward_in_slabs(trained_like(STAGE1), volume(4, (32, 16, 16)), ONE_ROW, stop)
    assert calls == after


def test_the_members_of_a_stage_are_walked_one_after_another(trained_like):
    network = trained_like(replace(STAGE1, members=2))
    x = volume(4, (32, 16, 16))
    told: list[float] = []
    with torch.inference_mode():
        torch.testing.assert_close(
            forward_in_slabs(network, x, 100_000, told.append), network(x).logits, atol=1e-4, rtol=1e-4
        )
    assert sum(told) == pytest.approx(count_work(network, (32, 16, 16)))
    assert count_work(network, (32, 16, 16)) == 2 * count_work(NvNet(STAGE1), (32, 16, 16))


def test_the_least_memory_counts_two_maps_of_the_finest_level():
    with torch.device("meta"):
        network = NvNet(STAGE1)
    assert least_bytes(network, (16, 16, 16)) >= 4 * 16**3 * (2 * 8 + 4 + 3)
    assert least_bytes(network, (32, 16, 16)) == 2 * least_bytes(network, (16, 16, 16))
