"""Lesions: the connected parts of a mask, from the largest to the smallest."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from ..core.boxes import bounding_box


def find_lesions(mask: np.ndarray) -> list[np.ndarray]:
    """Return the voxels (n, 3), each (z, y, x), of each lesion of a mask (z, y, x; bool), the largest first.

    Voxels that share a face, an edge or a corner belong to one lesion (26 neighbors, as BraTS counts lesions). Of
    lesions that are equally large the one with the first voxel comes first.
    """
    box = bounding_box(mask)
    if box is None:
        return []
    image = sitk.GetImageFromArray(np.ascontiguousarray(mask[box]).astype(np.uint8))
    parts = sitk.GetArrayFromImage(sitk.ConnectedComponent(image, True))
    voxels = np.argwhere(parts)
    numbers = parts[tuple(voxels.T)]
    order = np.argsort(numbers, kind="stable")
    _, starts = np.unique(numbers[order], return_index=True)
    lesions = np.split((voxels + np.array(box.start))[order], starts[1:])
    return sorted(lesions, key=lambda lesion: (-len(lesion), lesion[0].tolist()))
