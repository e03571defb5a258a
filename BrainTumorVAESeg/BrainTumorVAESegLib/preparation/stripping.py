"""The brain mask of a study whose images have a skull: made once, on the reference, and carried to all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import SimpleITK as sitk

from ..core.errors import CheckError
from ..core.geometry import Geometry
from ..core.modalities import Modality
from ..core.volume import Study, Volume
from ..images.itk import image_from_array
from .extracting import BrainExtractor
from .masking import LEAST_ML
from .statistics import Statistics

_MOST_ML = 2500.0
_NOTCH_MM = 5.0
"""Radius of a ball that does not fit into a notch of a brain's outline: a tumor that reaches the skull is cut there."""


def needs_stripping(statistics: Statistics) -> tuple[Modality, ...]:
    """Return the volumes that show more than a brain."""
    return tuple(modality for modality, volume in statistics.items() if volume.is_image and not volume.is_stripped)


def strip(study: Study, extractor: BrainExtractor, device: str = "cpu") -> Study:
    """Return the study with the brain mask that an extractor finds in the reference.

    Raises CheckError where that is no brain's size.
    """
    reference = study.reference_volume
    mask = close_notches(_largest(extractor.find(reference, device), reference), reference.geometry)
    ml = int(np.count_nonzero(mask)) * reference.geometry.voxel_volume
    if not LEAST_ML <= ml <= _MOST_ML:
        name = f"{study.reference} ({reference.source})" if reference.source else str(study.reference)
        raise CheckError(
            f"{name}: {extractor.name} found {ml:.0f} ml of brain, which is no brain's size; give a brain mask, or"
            " choose another reference."
        )
    return replace(study, brain=Volume(mask, reference.geometry, extractor.name))


def _largest(mask: np.ndarray, volume: Volume) -> np.ndarray:
    """Return the largest connected part of a mask (z, y, x; bool), what it encloses included."""
    parts = sitk.ConnectedComponent(image_from_array(np.ascontiguousarray(mask), volume.geometry))
    sizes = np.bincount(sitk.GetArrayViewFromImage(parts).ravel())
    if len(sizes) < 2:
        return np.zeros(mask.shape, bool)
    whole = sitk.BinaryFillhole(parts == int(np.argmax(sizes[1:]) + 1))
    return np.asarray(sitk.GetArrayFromImage(whole) > 0)


def close_notches(mask: np.ndarray, grid: Geometry) -> np.ndarray:
    """Return a mask (z, y, x; bool) with its notches filled: closed by a ball, by distances in mm."""
    if not mask.any():
        return mask
    pad = [int(_NOTCH_MM / spacing) + 2 for spacing in reversed(grid.spacing)]
    padded = np.pad(mask, [(side, side) for side in pad])
    grown = distance_to(padded, grid) <= _NOTCH_MM
    closed = distance_to(~grown, grid) > _NOTCH_MM
    inner = tuple(slice(side, -side) for side in pad)
    return np.asarray(mask | closed[inner])


def distance_to(mask: np.ndarray, grid: Geometry) -> np.ndarray:
    """Return the distance to a mask in mm, 0 or less within it."""
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing(grid.spacing)
    distance = sitk.SignedMaurerDistanceMap(image, squaredDistance=False, useImageSpacing=True)
    return np.asarray(sitk.GetArrayFromImage(distance))
