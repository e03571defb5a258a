"""A segmentation measured: `measure` is the way in."""

from __future__ import annotations

import numpy as np

from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.labels import ENHANCING, NCR, REGIONS, Region, channels_from_labels
from ..core.segmentation import Segmentation
from .diameters import measure_axially, measure_in_3d
from .distances import nearest_distances
from .lesions import find_lesions
from .midline import Midline, find_midline
from .rano import choose_targets, is_measurable, sum_of_products
from .results import MOST_LESIONS, Burden, Lesion, Measures, Side
from .slicing import Slicing, slice_axially


def measure(segmentation: Segmentation, brain: np.ndarray | None = None) -> Measures:
    """Measure a segmentation on its own grid, in the patient's millimeters.

    brain: mask (z, y, x; bool) on the same grid, by whose plane of symmetry sides are told; without it, or where it
    is not symmetric, sides are None. An empty segmentation has volumes of 0 and no lesions. Raises InputError for a
    mask of another shape.
    """
    labels, geometry = segmentation.labels, segmentation.geometry
    if brain is not None and brain.shape != labels.shape:
        raise InputError(f"The brain's mask {brain.shape} does not fit the segmentation {labels.shape}; resample it.")
    slicing = slice_axially(geometry)
    volumes = segmentation.volumes_ml()
    midline = find_midline(brain, geometry) if brain is not None and labels.any() else None
    core = volumes["TC"]
    return Measures(
        volumes,
        _measure_region(labels, geometry, slicing, midline, ENHANCING),
        _measure_region(labels, geometry, slicing, midline, REGIONS[0]),
        volumes[NCR.key] / core if core else None,
        volumes[ENHANCING.key] / core if core else None,
        _side(midline, _places(np.argwhere(labels), geometry)),
        slicing.axis,
        slicing.tilt_degrees,
    )


def _measure_region(
    labels: np.ndarray, geometry: Geometry, slicing: Slicing, midline: Midline | None, region: Region
) -> Burden:
    found = find_lesions(channels_from_labels(labels, (region.key,))[0] > 0)
    kept, others = found[:MOST_LESIONS], found[MOST_LESIONS:]
    places = [_places(voxels, geometry) for voxels in kept]
    nearest = nearest_distances(places)
    lesions = choose_targets(
        [
            _measure_lesion(number, voxels, at, geometry.voxel_volume, slicing, midline, distance)
            for number, (voxels, at, distance) in enumerate(zip(kept, places, nearest, strict=True), start=1)
        ]
    )
    others_ml = sum(map(len, others)) * geometry.voxel_volume
    return Burden(region.key, lesions, sum_of_products(lesions), len(others), others_ml)


def _measure_lesion(
    number: int,
    voxels: np.ndarray,
    places: np.ndarray,
    voxel_ml: float,
    slicing: Slicing,
    midline: Midline | None,
    nearest: float | None,
) -> Lesion:
    pixels = slicing.arrange(voxels)
    slices = len(np.unique(pixels[:, 0]))
    diameters = measure_axially(pixels, slicing)
    x, y, z = (float(value) for value in places.mean(axis=0))
    return Lesion(
        number, len(voxels) * voxel_ml, (x, y, z), slices, diameters, measure_in_3d(pixels, slicing),
        is_measurable(diameters, slices, slicing.thickness_mm), False, nearest, _side(midline, places),
    )  # fmt: skip


def _side(midline: Midline | None, places: np.ndarray) -> Side | None:
    return midline.side_of(places) if midline is not None and len(places) else None


def _places(voxels: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the places (n, 3) in LPS millimeters of voxels (n, 3), each (z, y, x)."""
    matrix = geometry.index_to_physical
    return np.asarray(voxels[:, ::-1] @ matrix[:3, :3].T + matrix[:3, 3])
