"""Boxes and percentiles of tensors, in the part of Python that TorchScript compiles."""

# No annotations from __future__ here, as in `scripted`.
import torch
from torch import Tensor


def bounds(mask: Tensor) -> tuple[list[int], list[int]]:
    """Return start and size of the box of a mask's voxels; there must be one."""
    places = mask.nonzero()
    first, last = places.amin(0), places.amax(0)
    start = [int(a) for a in first.unbind(0)]
    return start, [int(b) + 1 - start[i] for i, b in enumerate(last.unbind(0))]


def cut(whole: Tensor, start: list[int], size: list[int]) -> Tensor:
    """Return a box of (C, z, y, x), zeros where it reaches beyond the whole."""
    result = torch.zeros([whole.shape[0], size[0], size[1], size[2]], dtype=whole.dtype, device=whole.device)
    a = [max(n, 0) for n in start]
    b = [min(start[i] + size[i], whole.shape[i + 1]) for i in range(3)]
    if a[0] < b[0] and a[1] < b[1] and a[2] < b[2]:
        to = [a[i] - start[i] for i in range(3)]
        end = [b[i] - start[i] for i in range(3)]
        part = whole[:, a[0] : b[0], a[1] : b[1], a[2] : b[2]]
        result[:, to[0] : end[0], to[1] : end[1], to[2] : end[2]] = part
    return result


def percentile(ordered: Tensor, q: float) -> float:
    """Return a percentile of sorted numbers, between two of them linearly."""
    place = (ordered.numel() - 1) * q / 100.0
    below = int(place)
    above = min(below + 1, ordered.numel() - 1)
    low, high = float(ordered[below]), float(ordered[above])
    return low + (high - low) * (place - below)
