"""What each stage sees of the images: the same in training and in inference, since GroupNorm looks at all of it.

Arrays and tensors are (channels, z, y, x) or (z, y, x); boxes are (start, size) in (z, y, x).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..core.settings import StageSettings

Slices = tuple[slice, ...]


@dataclass(frozen=True)
class Box:
    """A box of the prepared grid; start may be negative and the end beyond it, where zeros stand."""

    start: tuple[int, int, int]
    size: tuple[int, int, int]

    @property
    def stop(self) -> tuple[int, int, int]:
        """The index after the last voxel, (z, y, x)."""
        return tuple(a + n for a, n in zip(self.start, self.size, strict=True))  # type: ignore[return-value]

    def inside(self, shape: tuple[int, ...]) -> tuple[Slices, Slices]:
        """Return the slices of a whole of this shape, and of the box, that both cover; empty ones where none does."""
        sides = zip(self.start, self.stop, shape, strict=True)
        whole = tuple(slice(min(max(a, 0), n), min(max(b, 0), n)) for a, b, n in sides)
        part = tuple(slice(w.start - a, w.stop - a) for w, a in zip(whole, self.start, strict=True))
        return whole, part


def cut(whole: np.ndarray, box: Box) -> np.ndarray:
    """Return the box of (..., z, y, x), zeros where it reaches beyond the whole."""
    result = np.zeros((*whole.shape[:-3], *box.size), whole.dtype)
    (z, y, x), (c, b, a) = box.inside(whole.shape[-3:])
    result[..., c, b, a] = whole[..., z, y, x]
    return result


def first_field(shape: tuple[int, int, int], stage: StageSettings) -> Box:
    """Return what stage 1 sees of a prepared grid of this shape: all of it, centred, at least the stage's field.

    The size is a multiple of the network's unit in the stage's own, coarser voxels.
    """
    unit = stage.unit * stage.downsample
    least = stage.field or (0, 0, 0)
    sides = [max(-(-n // unit) * unit, field * stage.downsample) for n, field in zip(shape, least, strict=True)]
    start = [-((side - n) // 2) for side, n in zip(sides, shape, strict=True)]
    return Box((start[0], start[1], start[2]), (sides[0], sides[1], sides[2]))


def coarsen(x: Tensor, factor: int) -> Tensor:
    """Average (N, C, D, H, W) over cubes of factor voxels."""
    return x if factor == 1 else F.avg_pool3d(x, factor)


def refine(x: Tensor, factor: int) -> Tensor:
    """Interpolate (N, C, D, H, W) trilinearly to a grid factor times finer (cell-centered, undoing coarsen)."""
    return x if factor == 1 else F.interpolate(x, scale_factor=factor, mode="trilinear", align_corners=False)


def second_input(masks: np.ndarray, images: np.ndarray) -> Tensor:
    """Join the masks ED, NCR, ET (3, z, y, x) and the images (4, z, y, x) as stage 2 reads them, (1, 7, z, y, x)."""
    return torch.from_numpy(np.concatenate([masks.astype(np.float32), images.astype(np.float32)]))[None]
