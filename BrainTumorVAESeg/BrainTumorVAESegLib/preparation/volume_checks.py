"""Faults of one volume by itself: what it holds, its background, the size of its brain, its intensities."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import SimpleITK as sitk

from ..core.findings import Finding, Severity
from ..core.volume import Study, is_finite
from .similarity import neighbor_correlation
from .statistics import Statistics, VolumeStatistics

_BRAIN_ML = (300.0, 2300.0)
"""Of a child's or adult's brain, with much to spare; a part of one is warned of."""
LEAST_BRAIN_ML = 100.0
"""Less is no brain that these networks know, and no part of one that they could judge."""
_BRAIN_MM = (80.0, 230.0)
"""Shortest and longest side of the box around a brain in any direction, with much to spare."""
_SLAB_MM, _WIDE_MM = 40.0, 100.0
"""An image that is thinner than the first and wider than the second is a few slices of a head, or a localizer."""
_MOST_MM = 600.0
"""No scan of a head is longer."""
_MOST_SPACING, _THICK_SPACING, _LEAST_SPACING = 6.0, 3.0, 0.2
_MOST_SATURATED = 0.01
_MOST_HOLES = 0.05
"""Share of a brain that may be background within it, as where a mask has holes."""
_LEAST_CORRELATION = 0.25
"""Of neighboring voxels; the noisiest images seen have 0.67."""
_UNITS = {"micrometers": 1e-3, "centimeters": 10.0, "meters": 1e3}
"""Units in mm that a spacing may have been meant in."""


def _non_finite(study: Study, statistics: Statistics) -> Iterator[Finding]:
    for volume in statistics.values():
        if is_finite(volume.volume.array):
            continue
        strange = ~np.isfinite(volume.volume.array)
        least = 1
        if math.isnan(volume.background.value):
            strange, least = _enclosed(strange), 1 + int(_MOST_HOLES * np.count_nonzero(~strange))
        count = int(np.count_nonzero(strange))
        if count >= least:
            message = f"{count} voxels are NaN or infinite." if count > 1 else "1 voxel is NaN or infinite."
            yield _error("non_finite", volume, message, "Export it again; where forced, they count as 0.")


def _content(study: Study, statistics: Statistics) -> Iterator[Finding]:
    for volume in statistics.values():
        array = volume.volume.array
        advice = "Choose the image itself."
        if not len(volume.brain) and (array == array.flat[0]).all():
            value = float(array.flat[0])
            word = "constant" if value else "empty"
            yield _error("constant", volume, f"the image is {word}: every voxel is {value:g}.", advice)
        elif volume.is_label_map:
            count = len(np.unique(volume.brain))
            values = f"{count} value{'' if count == 1 else 's'}"
            yield _error("few_values", volume, f"only {values} beside 0, like a label map or a mask.", advice)
        elif volume.is_blank:
            exact = np.count_nonzero(volume.background.remove(array)) * volume.volume.geometry.voxel_volume
            beside = ", where the others show brain" if volume.expected_ml else ""
            message = f"the image is all but empty: it shows {_milliliters(exact)}{beside}."
            yield _error("blank", volume, message, f"{advice[:-1]}, and check its voxel spacing.")


def _background(study: Study, statistics: Statistics) -> Iterator[Finding]:
    for volume in statistics.values():
        if not volume.background.is_zero and not volume.is_blank:
            message = f"the background is {volume.background}, not 0; it is taken as 0."
            yield Finding("background", Severity.NOTE, message, "", volume.modality, volume.source)


def _brain_size(study: Study, statistics: Statistics) -> Iterator[Finding]:
    for volume in statistics.values():
        if not volume.is_image:
            continue
        ml, sides = volume.brain_ml, " x ".join(f"{side:.3g}" for side in volume.brain_mm)
        if max(volume.brain_mm) > _MOST_MM or ml < LEAST_BRAIN_ML:
            message = f"the brain has {_milliliters(ml)} ({sides} mm), which is no brain's size{_units_meant(ml)}."
            yield _error("brain_size", volume, message, "Correct the voxel spacing, or choose the whole brain.")
        elif not volume.is_stripped:
            message = f"the image looks not skull-stripped: {ml:.0f} ml of it are not 0."
            advice = "Remove the skull first, for instance with HD-BET or SynthStrip; outside the brain all must be 0."
            yield _error("not_stripped", volume, message, advice)
        elif ml < _BRAIN_ML[0]:
            message = f"only {ml:.0f} ml of brain, suspiciously little."
            yield _warning("small_brain", volume, message, "Check the brain mask and the voxel spacing.")
        elif min(volume.brain_mm) < _BRAIN_MM[0] or max(volume.brain_mm) > _BRAIN_MM[1]:
            message = f"the brain measures {sides} mm, which is no brain's shape."
            yield _warning("brain_shape", volume, message, "Check the voxel spacing and that the whole brain is there.")


def _slab(study: Study, statistics: Statistics) -> Iterator[Finding]:
    for volume in statistics.values():
        geometry = volume.volume.geometry
        sides = [n * spacing for n, spacing in zip(geometry.size, geometry.spacing, strict=True)]
        if volume.is_image and min(sides) < _SLAB_MM and max(sides) > _WIDE_MM:
            count = geometry.size[int(np.argmin(sides))]
            message = f"only {count} slices that cover {min(sides):.0f} mm, no whole brain."
            yield _error("slab", volume, message, "Choose the whole series, not a localizer or a part.")


def _noise(study: Study, statistics: Statistics) -> Iterator[Finding]:
    for volume in statistics.values():
        if volume.is_image:
            correlation = neighbor_correlation(volume.volume.array, volume.background)
            if correlation is not None and correlation < _LEAST_CORRELATION:
                message = "the image is noise: neighboring voxels have nothing to do with each other"
                message += f" (correlation {correlation:.2f})."
                yield _error("noise", volume, message, "Convert or export it again.")


def _saturated(study: Study, statistics: Statistics) -> Iterator[Finding]:
    for volume in statistics.values():
        if volume.is_image:
            largest = volume.brain.max()
            share = np.count_nonzero(volume.brain == largest) / len(volume.brain)
            if share > _MOST_SATURATED:
                shown = float(largest) + (0.0 if math.isnan(volume.background.value) else volume.background.value)
                message = f"{100 * share:.1f} % of the brain have its largest value, {shown:g}."
                yield _warning("saturated", volume, message, "Export it without clipping its intensities.")


def _spacing(study: Study, statistics: Statistics) -> Iterator[Finding]:
    for volume in statistics.values():
        spacing = volume.volume.geometry.spacing
        text = " x ".join(f"{s:.3g}" for s in spacing)
        if max(spacing) > _MOST_SPACING or min(spacing) < _LEAST_SPACING:
            message = f"the voxel spacing of {text} mm is unusual."
            yield _warning("spacing", volume, message, "Check it; the networks need slices of a few mm at most.")
        elif max(spacing) >= _THICK_SPACING:
            message = f"the slices are thick ({text} mm), so that fine structures are lost."
            yield Finding("thick_slices", Severity.NOTE, message, "", volume.modality, volume.source)


def _told_by_reader(study: Study, statistics: Statistics) -> Iterator[Finding]:
    for volume in statistics.values():
        for note in volume.volume.notes:
            message = f"the file {note.message}"
            yield replace(note, message=message, modality=volume.modality, source=volume.source)


VOLUME_CHECKS: tuple[Callable[[Study, Statistics], Iterator[Finding]], ...] = (
    _non_finite, _content, _slab, _brain_size, _noise, _saturated, _background, _spacing, _told_by_reader,
)  # fmt: skip
"""The checks of each volume by itself."""


def _enclosed(strange: np.ndarray) -> np.ndarray:
    """Return which voxels of a mask are not connected with the array's border: holes within a brain."""
    filled = sitk.BinaryFillhole(sitk.GetImageFromArray((~strange).astype(np.uint8)))
    return (sitk.GetArrayViewFromImage(filled) > 0) & strange  # of a name: a view does not keep its image


def _milliliters(ml: float) -> str:
    """Write a volume so that it can be read, however small or large."""
    return f"{ml:.0f} ml" if ml >= 10 else f"{ml:.2g} ml" if ml >= 0.001 else "less than 0.001 ml"


def _units_meant(ml: float) -> str:
    """Return a clause that names the unit which the spacing must have been in for a brain of these ml."""
    for unit, mm in _UNITS.items():
        if _BRAIN_ML[0] <= ml * mm**3 <= _BRAIN_ML[1]:
            return f"; its spacing seems to be in {unit} and was read as mm"
    return ""


def _error(code: str, volume: VolumeStatistics, message: str, advice: str) -> Finding:
    return Finding(code, Severity.ERROR, message, advice, volume.modality, volume.source)


def _warning(code: str, volume: VolumeStatistics, message: str, advice: str) -> Finding:
    return Finding(code, Severity.WARNING, message, advice, volume.modality, volume.source)
