"""What was found, as a measure of the input: how large it is, and whether the images show it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.modalities import Modality

_SHOWING = (Modality.FLAIR, Modality.T2)
_LEAST_ML = 0.1


def measure_tumor(
    images: np.ndarray, brain: np.ndarray, tumor: np.ndarray, modalities: Sequence[Modality]
) -> dict[str, float]:
    """Return measures of a tumor (z, y, x; bool) in prepared images (n, z, y, x), voxels of 1 mm.

    tumor: the logarithm of its ml, those of a voxel cube of 0.1 ml where there is none. contrast: by how many SD its
    FLAIR (T2 where that is missing) is brighter than the rest of the brain, the absence of which speaks for none.
    """
    found = {"tumor": float(np.log(max(float(tumor.sum()) / 1000.0, _LEAST_ML)))}
    here = dict(zip(modalities, images, strict=True))
    image = next((here[modality] for modality in _SHOWING if modality in here and here[modality].any()), None)
    rest = brain & ~tumor
    if image is not None and tumor.any() and rest.any():
        found["contrast"] = float(image[tumor].mean() - image[rest].mean())
    return found
