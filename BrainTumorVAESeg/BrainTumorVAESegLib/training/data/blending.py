"""What a part that is put into a brain fades out by, and what makes it fit: shares, and the tissue's statistics.

Arrays are (4, z, y, x) or (z, y, x), on the prepared grid.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from .axis_maps import along, gaussian_map

_STEP = 3
"""One of so many voxels along each axis tells a brain's statistics."""
_LEAST = 1e-3


def blur(x: Tensor, sigma: float) -> Tensor:
    """Blur (C, z, y, x) by a Gaussian of sigma voxels."""
    return along(x, [gaussian_map(length, sigma) for length in x.shape[1:]])


def fade(mask: Tensor, margin: float) -> Tensor:
    """Return a share of 1 in a mask (z, y, x; bool) and close around it, which falls to 0 within 2 to 3 margins.

    margin: in voxels.
    """
    return torch.maximum((4 * blur(mask.float()[None], margin)[0]).clamp(max=1), mask.float())


def brain_of(images: np.ndarray) -> np.ndarray:
    """Return where any of the images (4, z, y, x) is not 0, (z, y, x; bool)."""
    return (images != 0).any(0)


def healthy_statistics(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the mean and the standard deviation (4,) of each image outside the tumor, or None where nothing is."""
    part = np.asarray(images[:, ::_STEP, ::_STEP, ::_STEP], np.float32)
    values = part[:, brain_of(part) & (labels[::_STEP, ::_STEP, ::_STEP] == 0)]
    if not values.size:
        return None
    return values.mean(1), np.maximum(values.std(1), _LEAST)


def standardize(images: np.ndarray, brain: np.ndarray) -> np.ndarray:
    """Return each image (4, z, y, x) with a mean of 0 and a standard deviation of 1 in the brain (z, y, x; bool).

    An image that is the same throughout becomes 0.
    """
    result = np.zeros(images.shape, np.float32)
    for image, new in zip(images, result, strict=True):
        values = image[brain].astype(np.float32)
        new[brain] = (values - values.mean()) / max(float(values.std()), _LEAST)
    return result
