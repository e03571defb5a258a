"""Patients that moved between two series, and heads with a skull around the brain, on small grids."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import SimpleITK as sitk
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.transform import Transform
from BrainTumorVAESegLib.core.volume import Study, Volume


def motion(degrees: float, shift: tuple[float, float, float]) -> Transform:
    """Return a turn around the head-foot axis and a shift in LPS mm: where the reference's points come to lie."""
    angle = np.radians(degrees)
    matrix = np.eye(4)
    matrix[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    matrix[:3, 3] = shift
    return Transform.of(matrix)


def moved(volume: Volume, by: Transform) -> Volume:
    """Return a volume whose header puts it elsewhere: registration has to find `by`."""
    back = Transform.of(np.linalg.inv(by.array))
    return replace(volume, geometry=back.bring(volume.geometry))


def with_moved(study: Study, modality: Modality, by: Transform) -> Study:
    """Return a study one of whose volumes moved."""
    return replace(study, volumes={**study.volumes, modality: moved(study[modality], by)})


def mean_error(found: Transform, true: Transform, grid_corners: np.ndarray) -> float:
    """Return the mean distance in mm between where two transforms take points (n, 3)."""
    return float(np.linalg.norm(found.points(grid_corners) - true.points(grid_corners), axis=1).mean())


def with_skull(study: Study, half_axes: np.ndarray, places: np.ndarray) -> Study:
    """Return a study of heads: a shell of bone and scalp around a brain of these half axes; places: (3, z, y, x)."""
    radius = np.sqrt(((places / half_axes[:, None, None, None]) ** 2).sum(axis=0))
    volumes = {}
    for n, modality in enumerate(MODALITIES):
        array = study[modality].array.copy()
        array[(radius >= 1.04) & (radius < 1.12)] = 60 + 10 * n
        array[(radius >= 1.12) & (radius < 1.3)] = 900 - 120 * n
        volumes[modality] = replace(study.volumes[modality], array=array)
    return replace(study, volumes=volumes)


_LAYERS = {
    Modality.T1: (0.25, 0.08, 0.45, 1.1),
    Modality.T1CE: (0.25, 0.08, 0.4, 1.0),
    Modality.T2: (1.8, 0.1, 0.4, 0.9),
    Modality.FLAIR: (0.15, 0.1, 0.4, 0.9),
}
"""Brightness of fluid, bone, marrow and scalp as shares of the brain's."""
_DEPTHS_MM = (2.5, 4.0, 6.0, 8.0, 14.0)
"""Where fluid, outer bone, marrow, inner bone and scalp end, outside the brain."""


def grow_head(study: Study, brain: np.ndarray, seed: int = 0) -> Study:
    """Return a head grown around a stripped brain (z, y, x; bool) of 1 mm voxels: fluid, bone, marrow, scalp, air."""
    rng = np.random.default_rng(seed)
    distance = sitk.GetArrayFromImage(
        sitk.SignedMaurerDistanceMap(sitk.GetImageFromArray(brain.astype(np.uint8)), squaredDistance=False)
    )
    rough = sitk.GetArrayFromImage(
        sitk.SmoothingRecursiveGaussian(sitk.GetImageFromArray(rng.normal(size=brain.shape)), 2)
    )
    texture = 1 + 0.12 * rough / rough.std()
    volumes = {}
    for modality in study:
        array = study[modality].array.astype(np.float32)
        level = float(np.median(array[brain]))
        fluid, bone, marrow, scalp = (level * share for share in _LAYERS[modality])
        head, near = array.copy(), 0.0
        for far, value in zip(_DEPTHS_MM, (fluid, bone, marrow, bone, scalp), strict=True):
            layer = ~brain & (distance > near) & (distance <= far)
            head[layer] = value * texture[layer]
            near = far
        head += (distance > near) * np.abs(rng.normal(0, 0.015 * level, brain.shape))
        volumes[modality] = replace(study.volumes[modality], array=np.maximum(head, 0).astype(np.int16))
    return replace(study, volumes=volumes)
