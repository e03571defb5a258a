"""A tumor of one case in the brain of another, as CarveMix (Zhang et al. 2021) and TumorCP (Yang et al. 2021) do.

The tumor comes with a margin of the tissue around it, turned, mirrored and scaled, in the intensities of the brain that
it is put into, and fades out. It lies within that brain, where little or none of another tumor is.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ...core.boxes import Box, bounding_box
from ...core.labels import LABELS
from .blending import brain_of, fade, healthy_statistics
from .warping import draw_affine, warp

_MARGIN_MM = 3.0
_REACH_MM = 10.0
_ROTATION, _ZOOM = 30.0, 0.15
_VOLUME_ML = (2.0, 100.0)
"""Volumes that tumors are scaled to, though by no more than `_SCALE`: most of the cases' own are larger."""
_SCALE = (0.8, 2.0)
_TRIES, _SAMPLED = 24, 1000
_LEAST_WITHIN = 0.8
"""Share of a tumor that must find brain, or else it is not put in."""
_VALUES = torch.tensor([0, *(label.value for label in LABELS)], dtype=torch.uint8)


def paste(
    images: np.ndarray,
    labels: np.ndarray,
    others: tuple[np.ndarray, np.ndarray],
    random: np.random.RandomState,
    spacing: float,
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return images (4, z, y, x) and labels (z, y, x) with the tumor of others, the same of another case, in them.

    None where the other case has no tumor, or this brain no room for it. spacing: mm of a voxel.
    """
    mine, theirs = healthy_statistics(images, labels), healthy_statistics(*others)
    taken = _take(*others, random, spacing)
    if mine is None or theirs is None or taken is None:
        return None
    patch, found, there = taken
    brain = brain_of(images)
    start = _find_room(np.argwhere(found > 0), brain, labels, random)
    if start is None:
        return None
    target, source = Box.at(start, found.shape).inside(labels.shape)
    share = fade(torch.from_numpy(found > 0), _MARGIN_MM / spacing).numpy() * there
    share = share[source] * brain[target]
    factor, offset = mine[1] / theirs[1], mine[0] - theirs[0] * mine[1] / theirs[1]
    fitted = patch[(slice(None), *source)] * factor[:, None, None, None] + offset[:, None, None, None]
    result, marked = np.array(images, np.float32), np.array(labels)
    part = result[(slice(None), *target)]
    part += share * (fitted - part)
    marked[target] = np.where(share > 0.5, found[source], marked[target])
    return result, marked


def _take(
    images: np.ndarray, labels: np.ndarray, random: np.random.RandomState, spacing: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Cut out a tumor with what is around it, changed in its place: images, labels, and where there is brain."""
    reach = round(_REACH_MM / spacing)
    tumor = np.asarray(labels) > 0
    box = bounding_box(tumor, reach, within=True)
    if box is None:
        return None
    part = torch.from_numpy(np.array(images[(slice(None), *box)], np.float32))
    marks = torch.from_numpy(np.array(labels[box]))
    hot = torch.stack([marks == value for value in _VALUES[1:]]).float()
    x = torch.cat([part, (part != 0).any(0, keepdim=True).float(), hot])
    x = x.flip([axis for axis in (1, 2, 3) if random.random_sample() < 0.5])
    factor = _draw_scale(random, float(tumor.sum()) * spacing**3 / 1000)
    size = [round(n * (1 + _ZOOM) / factor) for n in x.shape[1:]]
    x = warp(x, size, draw_affine(random, _ROTATION, _ZOOM) * factor, None)
    share, hot = x[4], x[5:]
    found = _VALUES[torch.where(hot.sum(0) >= 0.5, hot.argmax(0) + 1, 0)]
    return (x[:4] / share.clamp(min=0.5)).numpy(), _numpy(found), _numpy(share >= 0.5)


def _draw_scale(random: np.random.RandomState, volume: float) -> float:
    """Draw by which factor a tumor of a volume in ml becomes smaller."""
    wanted = np.exp(random.uniform(*np.log(_VOLUME_ML)))
    return float(np.clip((volume / wanted) ** (1 / 3), *_SCALE))


def _find_room(
    tumor: np.ndarray, brain: np.ndarray, labels: np.ndarray, random: np.random.RandomState
) -> list[int] | None:
    """Return where the patch of a tumor's voxels (n, 3) is to begin, or None: the best of some random places."""
    places = np.flatnonzero(brain)
    if not len(tumor) or not len(places):
        return None
    middle = tumor.mean(0).round().astype(int)
    voxels = tumor[random.randint(len(tumor), size=_SAMPLED)]
    best, most = None, 0.0
    for place in places[random.randint(len(places), size=_TRIES)]:
        start = np.array(np.unravel_index(place, brain.shape)) - middle
        index = voxels + start
        index = index[((index >= 0) & (index < brain.shape)).all(1)]
        z, y, x = index.T
        within = float(brain[z, y, x].sum()) / _SAMPLED
        score = within - float((labels[z, y, x] > 0).sum()) / _SAMPLED
        if within >= _LEAST_WITHIN and score > most:
            best, most = [int(n) for n in start], score
    return best


def _numpy(x: Tensor) -> np.ndarray:
    array: np.ndarray = x.numpy()
    return array
