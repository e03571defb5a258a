"""A network's forward pass, layer by layer in slabs along z, with the normalization's statistics of the whole.

Each layer's whole input is there before it begins, so a slab needs one more row on each side and nothing is computed
twice: the answer is that of one pass, to rounding. What is saved is memory (two feature maps of the finest level at a
time, one of them the skip, and temporaries of a slab's size) and, on CPUs, the time that fresh large buffers cost.

Feature maps are (1, C, D, H, W), channels-last, so that a slab of rows in D is one piece of memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..networks.blocks import ResidualBlock, UpLevel, double
from ..networks.gate import AttentionGate
from ..networks.nvnet import NvNet, StageOutput

_VOXELS_AT_ONCE = 4096
"""Voxels whose moments single precision adds up to about one part in a million."""
Tick = Callable[[float], None]
"""Called after every slab with the multiplications it took; may raise to stop the pass."""


@dataclass(frozen=True)
class Moments:
    """Mean and variance of each channel over the whole map, float64, (C,)."""

    mean: Tensor
    variance: Tensor


class _Gatherer:
    """Joins the moments of pieces of a map, in float64 (Chan, Golub & LeVeque 1983).

    Nothing small outlives a slab: it would lie in the gap that the slab's temporary leaves, so that the next one no
    longer fits there and the memory grows with every slab.
    """

    def __init__(self, channels: int, device: torch.device) -> None:
        self.count = 0
        self.mean = torch.zeros(channels, dtype=torch.float64, device=device)
        self.squares = torch.zeros_like(self.mean)

    def add(self, slab: Tensor) -> None:
        count = slab.numel() // slab.shape[1]
        mean, squares = _channel_moments(slab)
        total = self.count + count
        difference = mean - self.mean
        self.mean += difference * (count / total)
        self.squares += squares + difference.square() * (self.count * count / total)
        self.count = total

    def moments(self) -> Moments:
        return Moments(self.mean, self.squares / self.count)


def forward_in_slabs(network: NvNet, x: Tensor, slab_bytes: int, tick: Tick = lambda _: None) -> Tensor:
    """Return the logits (1, 3, D, H, W) of an input (1, C, D, H, W), as `network(x).logits` in evaluation mode.

    slab_bytes: size of the largest temporary.
    """
    return output_in_slabs(network, x, slab_bytes, tick).logits


def output_in_slabs(network: NvNet, x: Tensor, slab_bytes: int, tick: Tick = lambda _: None) -> StageOutput:
    """Return what a stage answers, as `network(x)` in evaluation mode; see `forward_in_slabs`.

    The members of a stage run one after another.
    """
    first, *others = network.members
    output = _walk_through(first, x, slab_bytes, tick)
    logits = output.logits
    for other in others:
        logits += _walk_through(other, x, slab_bytes, tick).logits
    return replace(output, logits=logits / len(network.members)) if others else output


def _walk_through(network: NvNet, x: Tensor, slab_bytes: int, tick: Tick) -> StageOutput:
    walk = _Walk(slab_bytes, tick)
    x = x.to(memory_format=torch.channels_last_3d)
    maps = walk.encode(network, x)
    end, gates = maps[-1], []
    del x
    for level in reversed(range(len(network.decoder))):
        gate = cast(AttentionGate, network.gates[level]) if network.gates is not None else None
        weights = None if gate is None else walk.weigh(gate, maps)
        moments = walk.up(cast(UpLevel, network.decoder[level]), weights, maps)
        gates += [] if weights is None else [weights]
    (x,) = maps
    affine = None if network.head_norm is None else _affine(network.head_norm, moments, x)
    logits = walk.convolve(network.head, x, affine, _new(x, network.head.out_channels, x.shape[2:]))
    return StageOutput(logits, tuple(reversed(gates)), end=end)


class _Walk:
    """The steps of one pass; each writes a whole feature map, slab by slab."""

    def __init__(self, slab_bytes: int, tick: Tick) -> None:
        self.slab_bytes = slab_bytes
        self.tick = tick

    def encode(self, network: NvNet, x: Tensor) -> list[Tensor]:
        """Return the encoder's features, finest first."""
        gather = _Gatherer(network.stem.out_channels, x.device)
        x = self.convolve(network.stem, x, None, _new(x, network.stem.out_channels, x.shape[2:]), gather)
        features: list[Tensor] = []
        for level, blocks in enumerate(network.encoder):
            if level:
                down = network.down[level - 1]
                assert isinstance(down, nn.Conv3d)
                gather = _Gatherer(down.out_channels, x.device)
                x = self.convolve(down, x, None, _new(x, down.out_channels, [n // 2 for n in x.shape[2:]]), gather)
            moments = gather.moments()
            for block in cast(nn.Sequential, blocks):
                moments = self.block(cast(ResidualBlock, block), x, moments)
            features.append(x)
        return features

    def weigh(self, gate: AttentionGate, maps: list[Tensor]) -> Tensor:
        """Return a gate's coarse weights (1, 1, D, H, W) of the list's last two maps, skip and coarse."""
        skip, x = maps[-2:]
        projection = gate.skip[0]
        assert isinstance(projection, nn.Conv3d)
        half = [n // 2 for n in skip.shape[2:]]
        projected = self.convolve(projection, skip, None, _new(skip, projection.out_channels, half))
        return gate.weights(gate.skip[1](projected), x)

    def up(self, level: UpLevel, weights: Tensor | None, maps: list[Tensor]) -> Moments:
        """Go one level upwards: the list's last two maps, skip and coarse, become one; return the moments of that.

        weights: a gate's, coarse. The skip's memory becomes the answer's.
        """
        x, skip = maps.pop(), maps[-1]
        if weights is not None:
            weights = double(weights, align_corners=False)
        coarse = self.convolve(level.halve, x, None, _new(x, level.halve.out_channels, x.shape[2:]))
        del x
        gather = _Gatherer(skip.shape[1], skip.device)
        for first, last in self.slabs(skip):
            rows = skip[:, :, first:last]
            if weights is not None:
                rows.mul_(weights[:, :, first:last])
            rows.add_(_doubled_rows(coarse, first, last, level.align_corners))
            gather.add(rows)
        moments = self.block(level.block, skip, gather.moments())
        for block in level.more:
            moments = self.block(cast(ResidualBlock, block), skip, moments)
        return moments

    def block(self, block: ResidualBlock, x: Tensor, moments: Moments) -> Moments:
        """Apply a residual block to x in place and return the moments of the answer."""
        gather, after = (_Gatherer(x.shape[1], x.device) for _ in range(2))
        hidden = self.convolve(block.conv1, x, _affine(block.norm1, moments, x), torch.empty_like(x), gather)
        self.convolve(block.conv2, hidden, _affine(block.norm2, gather.moments(), x), x, after, add=True)
        return after.moments()

    def convolve(
        self,
        conv: nn.Conv3d,
        x: Tensor,
        affine: tuple[Tensor, Tensor] | None,
        out: Tensor,
        gather: _Gatherer | None = None,
        add: bool = False,
    ) -> Tensor:
        """Write conv(x), or conv(relu(scale * x + shift)), into out, or add it; gather the moments written."""
        kernel, stride, pad = conv.kernel_size[0], conv.stride[0], int(conv.padding[0])
        cost = conv.weight.numel() * out.shape[3] * out.shape[4]
        buffer: Tensor | None = None
        for first, last in self.slabs(out, x):
            begin, end = first * stride - pad, (last - 1) * stride - pad + kernel
            if buffer is None:
                buffer = _new(x, x.shape[1], [end - begin, *x.shape[3:]])
            answer = _answer(conv, _rows(x, begin, end, affine, buffer))
            part = out[:, :, first:last]
            part.add_(answer) if add else part.copy_(answer)
            del answer
            if gather is not None:
                gather.add(part)
            self.tick(float(cost * (last - first)))
        return out

    def slabs(self, *maps: Tensor) -> Iterator[tuple[int, int]]:
        """Yield the first and last row of slabs of the first map, none of which makes a temporary over the limit."""
        rows = maps[0].shape[2]
        largest = max(m[0].numel() * m.element_size() for m in maps)
        step = max(1, min(rows, self.slab_bytes * rows // largest))
        for first in range(0, rows, step):
            yield first, min(first + step, rows)


def _new(like: Tensor, channels: int, size: torch.Size | list[int]) -> Tensor:
    shape = (1, channels, *size)
    return torch.empty(shape, dtype=like.dtype, device=like.device, memory_format=torch.channels_last_3d)


def _rows(x: Tensor, begin: int, end: int, affine: tuple[Tensor, Tensor] | None, buffer: Tensor) -> Tensor:
    """Return rows begin to end of x, normalised and rectified where affine is given; rows beyond x are 0.

    They are written to the buffer, which has as many rows or more, unless x's own will do.
    """
    first, last = max(begin, 0), min(end, x.shape[2])
    source = x[:, :, first:last]
    if affine is None and (first, last) == (begin, end):
        return source
    rows = buffer[:, :, : end - begin]
    rows[:, :, : first - begin].zero_()
    rows[:, :, last - begin :].zero_()
    inside = rows[:, :, first - begin : last - begin]
    if affine is None:
        inside.copy_(source)
    else:
        scale, shift = affine
        torch.addcmul(shift, source, scale, out=inside)
        inside.relu_()
    return rows


def _answer(conv: nn.Conv3d, rows: Tensor) -> Tensor:
    """Return the convolution of rows that bring their own border in z."""
    if conv.kernel_size == (1, 1, 1):
        # A product of matrices; with few output channels torch's convolution is many times slower than this.
        flat = F.linear(rows.permute(0, 2, 3, 4, 1), conv.weight.flatten(1), conv.bias)
        return flat.permute(0, 4, 1, 2, 3)
    pad = int(conv.padding[0])
    return F.conv3d(rows, conv.weight, conv.bias, conv.stride, (0, pad, pad))


def _affine(norm: nn.GroupNorm, moments: Moments, like: Tensor) -> tuple[Tensor, Tensor]:
    """Return scale and shift (1, C, 1, 1, 1) that normalise a map of these channel moments as GroupNorm does."""
    groups = norm.num_groups
    mean = moments.mean.view(groups, -1)
    group_mean = mean.mean(1, keepdim=True)
    variance = (moments.variance.view(groups, -1) + (mean - group_mean).square()).mean(1, keepdim=True)
    scale = (variance + norm.eps).rsqrt().expand_as(mean).reshape(-1) * norm.weight.double()
    shift = norm.bias.double() - group_mean.expand_as(mean).reshape(-1) * scale
    shape = (1, -1, 1, 1, 1)
    return scale.to(like.dtype).view(shape), shift.to(like.dtype).view(shape)


def _channel_moments(slab: Tensor) -> tuple[Tensor, Tensor]:
    """Mean of each channel and the sum of the squares about it, float64, (C,)."""
    rows = slab.permute(0, 2, 3, 4, 1).reshape(-1, slab.shape[1])
    if slab.device.type != "cpu":
        variance, mean = torch.var_mean(rows.double(), dim=0, correction=0)
        return mean, variance * len(rows)
    # The statistics half of batch normalization: ten times faster on channels-last maps than var_mean, but it adds up
    # one by one in single precision. So the voxels are dealt into groups, as if there were as many times the channels:
    # one call for all of them, since where processors are shared each call may wait for a thread.
    groups = max(len(rows) // _VOXELS_AT_ONCE, 1)
    even = len(rows) - len(rows) % groups
    parts = [(rows[:even], groups), *([(rows[even:], 1)] if even < len(rows) else [])]
    pairs = [torch.batch_norm_update_stats(part.reshape(-1, n * part.shape[1]), None, None, 0.0) for part, n in parts]
    means = torch.cat([mean.view(-1, rows.shape[1]) for mean, _ in pairs]).double()
    variances = torch.cat([variance.view(-1, rows.shape[1]) for _, variance in pairs]).double()
    counts = means.new_tensor([[len(part) // n] for part, n in parts for _ in range(n)])
    mean = (counts * means).sum(0) / len(rows)
    return mean, (counts * (variances + (means - mean).square())).sum(0)


def _doubled_rows(coarse: Tensor, first: int, last: int, align_corners: bool) -> Tensor:
    """Return rows first to last of the map doubled by trilinear interpolation (along z by hand)."""
    size = coarse.shape[2]
    rows = torch.arange(first, last, device=coarse.device, dtype=torch.float64)
    place = rows * ((size - 1) / (2 * size - 1)) if align_corners else (rows / 2 - 0.25).clamp(min=0)
    below = place.floor().long().clamp(max=size - 1)
    above = (below + 1).clamp(max=size - 1)
    share = (place - below).to(coarse.dtype).view(-1, 1, 1, 1)
    planes = coarse[0].transpose(0, 1)  # (D, C, H, W), channels-last in the plane
    mixed = torch.lerp(planes[below], planes[above], share)
    wide = F.interpolate(mixed, scale_factor=2, mode="bilinear", align_corners=align_corners)
    return wide.transpose(0, 1)[None]


def count_work(network: NvNet, size: tuple[int, ...]) -> float:
    """Return the multiplications that `forward_in_slabs` reports in all, for an input of size (D, H, W)."""
    return len(network.members) * _count_one(network, size)


def _count_one(network: NvNet, size: tuple[int, ...]) -> float:
    voxels = float(size[0] * size[1] * size[2])
    total = voxels * (_weights(network.stem) + _weights(network.head))
    total += sum(voxels / 8**level * _weights(blocks) for level, blocks in enumerate(network.encoder))
    total += sum(voxels / 8 ** (level + 1) * _weights(down) for level, down in enumerate(network.down))
    for level, up in enumerate(network.decoder):
        here = voxels / 8**level
        halve = _weights(cast(UpLevel, up).halve)
        total += here * (_weights(up) - halve) + here / 8 * halve
        if network.gates is not None:
            total += here / 8 * _weights(cast(AttentionGate, network.gates[level]).skip)
    return total


def _weights(module: nn.Module) -> int:
    """Count the weights of a module's convolutions, biases left out."""
    return sum(p.numel() for p in module.parameters() if p.ndim == 5)


def least_bytes(network: NvNet, size: tuple[int, ...], element: int = 4) -> int:
    """Return the memory that a pass needs whatever the slabs: the finest level's two maps, input, answer and the rest.

    Counted over the weights, for an input of size (D, H, W).
    """
    voxels = size[0] * size[1] * size[2]
    filters = network.settings.filters
    finest = 2 * filters * voxels
    coarser = filters * voxels // 2 if network.gates is not None else filters * voxels // 4
    return element * (finest + coarser + (network.settings.in_channels + network.settings.out_channels) * voxels)
