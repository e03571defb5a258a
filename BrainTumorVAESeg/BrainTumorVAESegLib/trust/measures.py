"""Simple measures of prepared images: what of the brain they lack, and the shape of what is there, without a network.

All take images z-scored over the brain, (z, y, x) in LPS, and the brain's mask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..core.boxes import bounding_box
from ..core.modalities import Modality


def measure_gaps(images: np.ndarray, brain: np.ndarray, modalities: Sequence[Modality]) -> dict[str, float]:
    """Return by `missing-MODALITY` the share of the brain where an image (modalities, z, y, x) has its lowest value.

    That is where its field of view ends before the others'; 1 of an image without contrast.
    """
    found = {}
    for modality, image in zip(modalities, images, strict=True):
        values = image[brain]
        found[f"missing-{modality}"] = float(np.mean(values == values.min())) if values.size else 1.0
    return found


def measure_shape(brain: np.ndarray) -> Mapping[str, float]:
    """Return measures of the brain's mask (z, y, x; voxels of 1 mm).

    brain_ml. cut-FACE: area of the outermost slice towards the feet, head, front, back, right and left, as a share of
    the largest slice's along that axis: near 0 for a brain, near 1 where the field of view cuts it. filled: share of
    its box that it fills. long, tall: its box from front to back and from feet to head, over that from right to left.
    uneven: the share of it that its mirror image, across the middle between right and left, does not cover.
    """
    box = bounding_box(brain)
    if box is None:
        return {}
    inside = brain[box]
    height, length, width = inside.shape
    found = {"brain_ml": float(inside.sum()) / 1000.0, "filled": float(inside.mean())}
    found |= {"long": length / width, "tall": height / width}
    found["uneven"] = 1.0 - float((inside & inside[..., ::-1]).sum() / inside.sum())
    for axis, (low, high) in enumerate((("feet", "head"), ("front", "back"), ("right", "left"))):
        areas = inside.sum(axis=tuple(other for other in range(3) if other != axis)).astype(float)
        found[f"cut-{low}"], found[f"cut-{high}"] = float(areas[0] / areas.max()), float(areas[-1] / areas.max())
    return found
