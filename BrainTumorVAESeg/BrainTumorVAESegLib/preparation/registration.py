"""One image registered to another: rigid or affine, by mutual information, from coarse to fine.

Mattes' mutual information (Mattes et al., IEEE TMI 2003) by SimpleITK, which sees the same tissue behind another
contrast. It starts from the scanner's coordinates and, where that leads to less, from the centers of mass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from ..core.geometry import Geometry
from ..core.transform import Transform
from ..core.volume import Volume
from ..images.itk import geometry_of, image_from_array

_LEVELS_MM = (6.0, 3.0, 1.8)
"""Voxels of the pyramid's levels; a side that is longer in the image stays as it is."""
_POINTS = 40000
"""Of the reference, drawn at random (by a fixed seed), at which the images are compared."""
_BINS = 32
_SEED = 20
_STEPS = 150
_RELAXATION = 0.85
"""By which a step shrinks where the gradient turns; with less the search ends before a turned head is straight."""
_LARGEST_STEP_MM = (4.0, 1.5, 0.5)
_SMALLEST_STEP_MM = (0.2, 0.05, 0.01)
_AROUND_MM = 8.0
"""Compared as well: what lies so near to the region, such as the outline of a brain."""
_BLUR_MM = 1.0
"""Standard deviation by which both are smoothed on the finest level, since slices are thick in one direction each."""
_AFFINE_STEP = 0.1
"""Largest step of an affine transform; with those of a rigid one a scale runs away."""
_MOST_TURNED = 60.0
"""Degrees; no head lies turned by more, a registration that says so has failed."""


@dataclass(frozen=True)
class Fit:
    """Where an image fits best: the transform, and the mutual information (nats) without it and with it."""

    transform: Transform
    before: float
    after: float


def register(fixed: Volume, region: np.ndarray, moving: Volume, affine: bool = False) -> Fit | None:
    """Return the transform that takes the points of an image to the same places in another one.

    region: where in the fixed image the two are compared (z, y, x; bool). None where nothing can be compared.
    """
    if not moving.array.any() or not region.any():
        return None
    pyramid = [_Level.of(fixed, region, moving, spacing) for spacing in _LEVELS_MM]
    center = _center(region, fixed.geometry)
    starts = [_euler(center)]
    shift = _center_of_mass(moving) - _center_of_mass(fixed)
    if np.linalg.norm(shift) > _LEVELS_MM[0]:
        starts.append(_euler(center, shift))
    ends = [end for end in (pyramid[0].improve(start, 0) for start in starts) if end is not None]
    if not ends:
        return None
    best = max(ends, key=pyramid[0].measure)
    for number, level in enumerate(pyramid[1:], start=1):
        best = level.improve(best, number) or best
    if affine:
        best = _affine(best, center)
        for number, level in enumerate(pyramid[1:], start=1):
            best = level.improve(best, number, _AFFINE_STEP) or best
    transform = Transform.of(_matrix(best))
    if transform.turned_degrees > _MOST_TURNED:
        return None
    last = pyramid[-1]
    return Fit(transform, last.measure(_euler(center)), last.measure(best))


@dataclass(frozen=True)
class _Level:
    """Both images in coarse voxels, and where they are compared."""

    fixed: sitk.Image
    mask: sitk.Image
    moving: sitk.Image

    @classmethod
    def of(cls, fixed: Volume, region: np.ndarray, moving: Volume, spacing: float) -> _Level:
        images = [coarsen(_image(volume), spacing) for volume in (fixed, moving)]
        if spacing == _LEVELS_MM[-1]:
            images = [sitk.SmoothingRecursiveGaussian(image, _BLUR_MM) for image in images]
        mask = coarsen(image_from_array(region.astype(np.float32), fixed.geometry), spacing) > 0.5
        mask = sitk.BinaryDilate(mask, [round(_AROUND_MM / side) for side in mask.GetSpacing()])
        return cls(images[0], mask, images[1])

    def improve(self, start: sitk.Transform, level: int, largest: float | None = None) -> sitk.Transform | None:
        """Return the best transform near one, itself where none is better; None where nothing is in common there."""
        method = self._method()
        method.SetOptimizerAsRegularStepGradientDescent(
            largest or _LARGEST_STEP_MM[level], _SMALLEST_STEP_MM[level], _STEPS, _RELAXATION, 1e-6
        )
        method.SetOptimizerScalesFromPhysicalShift()
        method.SetInitialTransform(start, inPlace=False)
        try:
            end = method.Execute(self.fixed, self.moving)
        except RuntimeError:
            return None
        return max(start, end, key=self.measure)

    def measure(self, transform: sitk.Transform) -> float:
        """Return the mutual information in nats; 0 where the images have nothing in common."""
        method = self._method()
        method.SetInitialTransform(transform)
        try:
            return -float(method.MetricEvaluate(self.fixed, self.moving))
        except RuntimeError:
            return 0.0

    def _method(self) -> sitk.ImageRegistrationMethod:
        method = sitk.ImageRegistrationMethod()
        method.SetMetricAsMattesMutualInformation(_BINS)
        method.SetMetricFixedMask(self.mask)
        inside = int(sitk.GetArrayViewFromImage(self.mask).sum())
        method.SetMetricSamplingStrategy(method.RANDOM)
        # The share is one of the whole image's voxels, of which the mask lets only some through.
        method.SetMetricSamplingPercentage(min(1.0, _POINTS / max(inside, 1)), _SEED)
        # Else the gradient is that of an image smoothed by a voxel of 6 mm, in which a thin scalp leads astray.
        method.MetricUseMovingImageGradientFilterOff()
        method.SetInterpolator(sitk.sitkLinear)
        return method


def coarsen(image: sitk.Image, spacing: float) -> sitk.Image:
    """Return an image whose voxels are means of as many as fit into a cube of so many mm."""
    sides = zip(image.GetSpacing(), image.GetSize(), strict=True)
    factors = [max(1, min(int(spacing / own + 0.01), n)) for own, n in sides]
    return sitk.BinShrink(image, factors) if max(factors) > 1 else image


def _image(volume: Volume) -> sitk.Image:
    values = np.nan_to_num(volume.array.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    return image_from_array(values, volume.geometry)


def _center(region: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return the center of a mask in LPS mm."""
    place = [
        float(np.average(np.arange(n), weights=region.sum(axis=_others(axis)))) for axis, n in enumerate(region.shape)
    ]
    return np.asarray((geometry.index_to_physical @ (*reversed(place), 1.0))[:3])


def _center_of_mass(volume: Volume) -> np.ndarray:
    """Return the center of what is brighter than the image's mean, in LPS mm."""
    image = coarsen(_image(volume), _LEVELS_MM[0])
    values = sitk.GetArrayViewFromImage(image)
    bright = values > values.mean()
    return _center(bright, geometry_of(image))


def _others(axis: int) -> tuple[int, ...]:
    return tuple(other for other in range(3) if other != axis)


def _euler(center: np.ndarray, shift: np.ndarray | None = None) -> sitk.Euler3DTransform:
    transform = sitk.Euler3DTransform()
    transform.SetCenter([float(value) for value in center])
    if shift is not None:
        transform.SetTranslation([float(value) for value in shift])
    return transform


def _affine(rigid: sitk.Transform, center: np.ndarray) -> sitk.AffineTransform:
    matrix = _matrix(rigid)
    transform = sitk.AffineTransform(3)
    transform.SetCenter([float(value) for value in center])
    transform.SetMatrix([float(value) for value in matrix[:3, :3].ravel()])
    transform.SetTranslation([float(value) for value in matrix[:3, :3] @ center + matrix[:3, 3] - center])
    return transform


def _matrix(transform: sitk.Transform) -> np.ndarray:
    """Return the 4x4 matrix of a linear transform, from three axes and where the origin goes."""
    origin = np.array(transform.TransformPoint((0.0, 0.0, 0.0)))
    result = np.eye(4)
    result[:3, 3] = origin
    for axis in range(3):
        result[:3, axis] = np.array(transform.TransformPoint(tuple(float(axis == k) for k in range(3)))) - origin
    return result
