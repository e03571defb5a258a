"""Faults between a study's volumes: other grids, the same image twice, other places, one mirrored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from ..core.findings import Finding, Severity
from ..core.geometry import Geometry
from ..core.modalities import Modality
from ..core.volume import Study
from ..images.itk import orient
from .similarity import GradientField, agreement, correlate
from .statistics import Statistics, VolumeStatistics

_SAME_IMAGE = 0.999
"""Correlation; two sequences of one brain stay below 0.95, an image stored twice in other units is above."""
_LEAST_DICE, _LEAST_COVERED = 0.8, 0.9
_LEAST_OVERLAP = 0.1
"""Share of the reference's brain; below it there is nothing to judge by."""
_MIRRORED, _LEAST_AGREEMENT = 1.12, 0.07
"""How much better a mirrored volume must agree with the reference (in place it does by a factor of 1.18 and more), and
how well at least, since what has nothing in common agrees by chance."""
_COARSEST = 6.0
"""Largest distance in mm of points between which an image's gradients tell something."""
_DIRECTIONS = {"L": "left to right", "R": "left to right", "A": "front to back", "P": "front to back"}


def _grid(study: Study, statistics: Statistics) -> Iterator[Finding]:
    reference = study.reference_volume.geometry
    target = _canonical(reference)
    for volume in statistics.values():
        own = volume.volume.geometry
        if own == reference:
            continue
        grid = _canonical(own)
        if not grid.same_grid(target):
            differences, code = _differences(grid, target)
            message = f"the grid is another than that of {study.reference}: {differences}."
            yield _warning(code, volume, message, "It is resampled; check that both show the same place.")
        elif own.axis_codes != reference.axis_codes:
            message = f"the axes are stored otherwise ({own.axis_codes}) than those of {study.reference}"
            message += f" ({reference.axis_codes}); they are turned by the header."
            yield Finding("axes", Severity.NOTE, message, "", volume.modality, volume.source)


def _duplicate(study: Study, statistics: Statistics) -> Iterator[Finding]:
    images = [volume for volume in statistics.values() if not volume.is_blank]
    points = [volume.on_reference[::2, ::2, ::2] for volume in images]
    for (first, a), (second, b) in combinations(zip(images, points, strict=True), 2):
        either = (a != 0) | (b != 0)
        correlation = correlate(a[either], b[either])
        if correlation is not None and correlation > _SAME_IMAGE:
            file = f" ({first.source})" if first.source else ""
            message = f"the image is the same as that given for {first.modality}{file}."
            yield _error("duplicate", second, message, "Give each modality its own image.")


def _alignment(study: Study, statistics: Statistics) -> Iterator[Finding]:
    reference = statistics[study.reference]
    brain = reference.on_reference != 0
    size = np.count_nonzero(brain)
    for volume in statistics.values():
        if volume is reference or reference.is_blank or volume.is_blank:
            continue
        own = volume.on_reference != 0
        both, within = np.count_nonzero(brain & own), np.count_nonzero(brain & volume.covered)
        if both < _LEAST_OVERLAP * size:
            message = (
                f"the image overlaps with that of {study.reference} {'hardly' if both else 'not at all'} in space."
            )
            yield _error("apart", volume, message, "Choose images of one examination, registered to each other.")
            continue
        if within < _LEAST_COVERED * size:
            message = f"only {100 * within / size:.0f} % of the brain in {study.reference} are covered."
            yield _warning("coverage", volume, message, "What is not covered is judged without it.")
        dice = 2 * both / (within + np.count_nonzero(own))
        if dice < _LEAST_DICE and volume.is_stripped and reference.is_stripped:
            message = f"the brain fits that in {study.reference} badly (Dice {dice:.2f})."
            yield _warning("misaligned", volume, message, "Register the images to each other first.")


def _mirrored(study: Study, statistics: Statistics) -> Iterator[Finding]:
    """Find volumes that agree better with the reference where they are mirrored, or the reference by most others."""
    reference = statistics[study.reference]
    fields = {m: GradientField(v.on_reference) for m, v in statistics.items() if v.is_image and v.is_stripped}
    if study.reference not in fields or max(reference.grid.spacing) > _COARSEST:
        return
    axes: dict[Modality, int] = {}
    for modality, field in fields.items():
        found = agreement(fields[study.reference], field) if modality is not study.reference else None
        best = max(found[1], default=0.0) if found is not None else 0.0
        if found is not None and best > max(_MIRRORED * found[0], _LEAST_AGREEMENT):
            axes[modality] = int(np.argmax(found[1]))
    against = str(study.reference)
    if 2 * len(axes) > len(fields) and len(set(axes.values())) == 1:
        against = ", ".join(axes)
        axes = {study.reference: next(iter(axes.values()))}
    for modality, axis in axes.items():
        direction = _DIRECTIONS.get(reference.grid.axis_codes[2 - axis], "top to bottom")
        message = f"the image looks mirrored {direction} against {against}."
        yield _warning("mirrored", statistics[modality], message, "Look at them side by side, and convert it again.")


PAIR_CHECKS: tuple[Callable[[Study, Statistics], Iterator[Finding]], ...] = (
    _duplicate, _alignment, _mirrored, _grid,
)  # fmt: skip
"""The checks of the volumes against each other."""


def _canonical(geometry: Geometry) -> Geometry:
    return orient(np.broadcast_to(np.uint8(0), geometry.shape), geometry)[1]


def _differences(grid: Geometry, target: Geometry) -> tuple[str, str]:
    """Say how a grid differs from another of the same axes, and the finding's code for it."""
    parts = []
    if grid.size != target.size:
        parts.append(f"{'x'.join(map(str, grid.size))} voxels instead of {'x'.join(map(str, target.size))}")
    if not np.allclose(grid.spacing, target.spacing, rtol=1e-3):
        parts.append(f"{_spacing_text(grid)} mm instead of {_spacing_text(target)} mm")
    code = "grid" if parts else "position"
    cosine = (np.trace(np.reshape(grid.direction, (3, 3)).T @ np.reshape(target.direction, (3, 3))) - 1) / 2
    angle = float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    if angle > 0.05:
        parts.append(f"turned by {angle:.1f} degrees")
    shift = float(np.linalg.norm(grid.corners().mean(axis=0) - target.corners().mean(axis=0)))
    if shift > 0.05 or not parts:
        parts.append(f"its center {shift:.2f} mm away")
    return ", ".join(parts), code


def _spacing_text(geometry: Geometry) -> str:
    return "x".join(f"{s:.4g}" for s in geometry.spacing)


def _error(code: str, volume: VolumeStatistics, message: str, advice: str) -> Finding:
    return Finding(code, Severity.ERROR, message, advice, volume.modality, volume.source)


def _warning(code: str, volume: VolumeStatistics, message: str, advice: str) -> Finding:
    return Finding(code, Severity.WARNING, message, advice, volume.modality, volume.source)
