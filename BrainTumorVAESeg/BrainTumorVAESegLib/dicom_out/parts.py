"""What of an answer becomes a segment of its own: labels, nested regions, and the lesions that were measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.labels import ENHANCING, LABELS, REGIONS, WT, Code, Label, Region, channels_from_labels
from ..core.segmentation import Segmentation
from ..measures.lesions import find_lesions
from ..measures.results import Burden, Lesion, Measures

LEAST_TOLD = 3
"""So many lesions of a region are told one by one, and beyond them those that are measurable."""


@dataclass(frozen=True)
class Part:
    """One segment. mask: (z, y, x; bool) on the answer's grid, not empty. key: tells it from the answer's others."""

    key: str
    name: str
    mask: np.ndarray
    category: Code
    type: Code
    color: tuple[float, float, float]


def label_parts(segmentation: Segmentation) -> list[Part]:
    """Return the disjoint labels that have a voxel."""
    masks = [segmentation.labels == label.value for label in LABELS]
    return [_part(label, mask) for label, mask in zip(LABELS, masks, strict=True) if mask.any()]


def region_parts(segmentation: Segmentation) -> list[Part]:
    """Return the nested regions that have a voxel, from the outside in."""
    masks = channels_from_labels(segmentation.labels, tuple(region.key for region in REGIONS)) > 0
    return [_part(region, mask) for region, mask in zip(REGIONS, masks, strict=True) if mask.any()]


def lesion_parts(segmentation: Segmentation, measures: Measures) -> list[Part]:
    """Return the lesions that are told one by one, enhancing ones before those of the whole tumor."""
    parts = []
    for region, burden in burdens(measures):
        told = {lesion.number for lesion in told_lesions(burden)}
        found = find_lesions(channels_from_labels(segmentation.labels, (region.key,))[0] > 0) if told else []
        for number, voxels in enumerate(found, start=1):
            if number in told:
                mask = np.zeros(segmentation.labels.shape, bool)
                mask[tuple(voxels.T)] = True
                name = lesion_name(region, number)
                parts.append(Part(lesion_key(region, number), name, mask, region.category, region.type, region.color))
    return parts


def burdens(measures: Measures) -> Sequence[tuple[Region, Burden]]:
    """Return the regions whose lesions were measured, with them."""
    return (ENHANCING, measures.enhancing), (WT, measures.whole)


def told_lesions(burden: Burden) -> list[Lesion]:
    """Return the lesions of a region that are told one by one."""
    return [lesion for lesion in burden.lesions if lesion.measurable or lesion.number <= LEAST_TOLD]


def lesion_key(region: Region, number: int) -> str:
    """Return the key of a lesion, such as `ET 1`."""
    return f"{region.key} {number}"


def lesion_name(region: Region, number: int) -> str:
    """Return what a lesion is called."""
    return f"{region.name}, lesion {number}"


def _part(each: Label | Region, mask: np.ndarray) -> Part:
    return Part(each.key, each.name, mask, each.category, each.type, each.color)
