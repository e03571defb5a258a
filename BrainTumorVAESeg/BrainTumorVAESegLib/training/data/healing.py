"""A brain without its tumor: the other hemisphere, mirrored, in its place, so that an empty answer can be learned."""

from __future__ import annotations

import numpy as np
import torch

from ...core.boxes import bounding_box
from .blending import blur, brain_of, fade

_MARGIN_MM = 3.0
_REACH_MM = 10.0
_MOST_OFF_MM = 12.0
"""How far the middle of the brain may lie from that of its box."""
_MOST_MISSING = 0.15
"""Part of the tumor opposite which there may be no brain, or tumor as well."""
_FILL_MM = 6.0


def heal(images: np.ndarray, labels: np.ndarray, spacing: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the images (4, z, y, x) with the mirrored tissue of the other side in place of the tumor, and no labels.

    The last axis goes from one side of the head to the other. None where there is no tumor, where it reaches over the
    middle, or where the brain is too uneven. spacing: mm of a voxel.
    """
    tumor = labels > 0
    box = bounding_box(tumor, round(_REACH_MM / spacing), within=True)
    if box is None:
        return None
    brain = brain_of(images)
    total = find_middle(images, tumor, brain, spacing)
    size = labels.shape[2]
    opposite = total - np.arange(box[2].start, box[2].stop)
    there = (opposite >= 0) & (opposite < size)
    places = np.clip(opposite, 0, size - 1)

    def mirror(array: np.ndarray) -> np.ndarray:
        return array[..., box[0], box[1], places] * there

    mask, other = tumor[box], mirror(brain & ~tumor)
    share = fade(torch.from_numpy(mask), _MARGIN_MM / spacing).numpy() * brain[box]
    if (mask & ~other).sum() > _MOST_MISSING * mask.sum():
        return None
    healed = np.array(images, np.float32)
    part = healed[(slice(None), *box)]
    part += share * (_filled(mirror(healed), other, spacing) - part)
    return healed, np.zeros_like(labels)


def find_middle(images: np.ndarray, tumor: np.ndarray, brain: np.ndarray, spacing: float) -> int:
    """Return the sum of the indices along the last axis of two voxels that lie opposite each other.

    The one is taken at which both sides differ least, the tumor apart, in the first and third image and in the brain.
    """
    size = tumor.shape[2]
    box = bounding_box(brain)
    middle = box[2].start + box[2].stop - 1 if box else size - 1
    most = round(2 * _MOST_OFF_MM / spacing)
    few = np.asarray(images[::2, ::3, ::3], np.float32)
    inside, known = brain[::3, ::3], ~tumor[::3, ::3]

    def differ(total: int) -> float:
        first = np.arange(max(0, total - size + 1), min(size, total + 1))
        first = first[first < total - first]
        left, right = (..., first), (..., total - first)
        both = inside[left] & inside[right]
        sure = known[left] & known[right]
        unlike = (np.square(few[left] - few[right]).mean(0) * both)[sure].sum() + (inside[left] ^ inside[right]).sum()
        return float(unlike) / max(int(both.sum()), 1)

    return min(range(middle - most, middle + most + 1), key=differ)


def _filled(images: np.ndarray, there: np.ndarray, spacing: float) -> np.ndarray:
    """Return the images with what is not there blurred from around."""
    if there.all():
        return images
    x = torch.from_numpy(np.concatenate([images * there, there[None].astype(np.float32)]))
    wide = blur(x, _FILL_MM / spacing)
    return np.where(there, images, (wide[:-1] / wide[-1:].clamp(min=1e-3)).numpy())
