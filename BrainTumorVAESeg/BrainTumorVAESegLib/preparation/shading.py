"""Shading: a coil's slow change of brightness across an image, measured, and on request corrected by N4.

N4: Tustison et al., IEEE TMI 2010, by SimpleITK, on coarse voxels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import SimpleITK as sitk

from ..core.findings import Finding, Severity
from ..core.modalities import Modality
from ..core.volume import Study, Volume
from ..images.itk import image_from_array, orient
from .masking import mask_on
from .registration import coarsen
from .statistics import Statistics, VolumeStatistics

_LIMITS = {Modality.T1: 0.125, Modality.T1CE: 0.125, Modality.T2: 0.45, Modality.FLAIR: 0.45}
"""Largest slope of the log brightness from side to side, for 80 mm. A tumor is itself bright on one side of T2 and
FLAIR; in T1 and T1ce a head without shading stays below 0.1, and a field of 0.7 to 1.3 gives 0.13 and more."""
_WIDTH_MM = 130.0
"""Of a brain."""
_SCALE_MM = 80.0
_FEWEST = 500
_COARSE_MM = 6.0
_ITERATIONS = (20, 10, 10)


def side_slope(volume: VolumeStatistics) -> float | None:
    """Return by how much the log of the brightness grows towards the patient's left for 80 mm; None for too little.

    A quadratic in the place is fitted to the log of the intensities, with weights that leave out what lies far from it
    (Tukey's kind, reweighted): a head is much the same on both sides, a coil's sensitivity is not.
    """
    values, grid = orient(volume.values, volume.grid)
    values = values[::2, ::2, ::2]
    inside = values > 0
    if np.count_nonzero(inside) < _FEWEST:
        return None
    z, y, x = np.nonzero(inside)
    places = 2 * np.stack([x, y, z], axis=1) * np.array(grid.spacing) / _SCALE_MM
    x, y, z = (places - places.mean(axis=0)).T
    terms = np.stack([np.ones_like(x), x, y, z, x * x, y * y, z * z, x * y, x * z, y * z], axis=1)
    brightness = np.log(values[inside].astype(np.float64))
    weights = np.ones(len(brightness))
    for _ in range(5):
        weighted = terms * weights[:, None]
        found = np.linalg.lstsq(weighted.T @ terms, weighted.T @ brightness, rcond=None)[0]
        rest = brightness - terms @ found
        rest -= np.median(rest)
        spread = 1.4826 * np.median(np.abs(rest)) + 1e-6
        weights = 1 / (1 + (rest / (1.5 * spread)) ** 2) ** 2
    return float(found[1])


def shaded(study: Study, statistics: Statistics) -> Iterator[Finding]:
    """Find volumes with strong shading from side to side, by whose skull is off."""
    for modality, volume in statistics.items():
        slope = side_slope(volume) if volume.is_image and volume.is_stripped else None
        if slope is None or abs(slope) < _LIMITS[modality]:
            continue
        percent = 100 * (np.exp(abs(slope) * _WIDTH_MM / _SCALE_MM) - 1)
        side = "left" if slope > 0 else "right"
        message = f"the image is about {percent:.0f} % brighter on the patient's {side} than on the other side."
        advice = "Such shading misleads the networks; look at the answer with care, or try --n4."
        yield Finding("shading", Severity.WARNING, message, advice, modality, volume.source)


def unshade(volume: Volume, brain: Volume | None = None) -> Volume:
    """Return a volume (float32) divided by the field that N4 finds within the brain; 0 stays 0.

    brain: a mask in the volume's space; without it what is not 0. N4 may take a tumor for a bright field.
    """
    values = np.nan_to_num(volume.array.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    inside = values > 0
    if brain is not None:
        inside &= mask_on(brain, volume.geometry)
    image = image_from_array(values, volume.geometry)
    coarse = coarsen(image, _COARSE_MM)
    mask = coarsen(image_from_array(inside.astype(np.float32), volume.geometry), _COARSE_MM) > 0.5
    n4 = sitk.N4BiasFieldCorrectionImageFilter()
    n4.SetMaximumNumberOfIterations(_ITERATIONS)
    n4.Execute(coarse, mask)
    field = np.exp(sitk.GetArrayFromImage(n4.GetLogBiasFieldAsImage(image)))
    return replace(volume, array=(values / field).astype(np.float32))
