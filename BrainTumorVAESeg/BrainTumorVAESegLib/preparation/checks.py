"""What may be wrong with a study, found before it is segmented: one small function for each kind of fault."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np

from ..core.findings import Finding, Severity
from ..core.geometry import Geometry
from ..core.modalities import Modality
from ..core.volume import Study
from ..images.itk import orient
from .statistics import Look, look_at

MOST_BRAIN_ML = 2300.0
"""A brain has 900 to 2000 ml; more than this is a head."""
LEAST_BRAIN_ML = 300.0
_BRAIN_MM = (80.0, 230.0)
"""Shortest and longest side of the box around a brain in any direction, with much to spare."""
_MOST_SPACING, _THICK_SPACING, _LEAST_SPACING = 6.0, 3.0, 0.2
_MOST_SATURATED = 0.01
_FEWEST_VALUES = 8
_SAME_IMAGE = 0.999
"""Correlation; two sequences of one brain stay below 0.95, an image stored twice in other units is above."""
_LEAST_DICE, _LEAST_COVERED = 0.8, 0.9

Looks = Mapping[Modality, Look]


def check(study: Study, optional: Collection[Modality] = ()) -> tuple[Finding, ...]:
    """Return what was found wrong or noteworthy in a study, errors first; nothing is changed.

    optional: modalities whose absence is a warning alone, since the model can do without.
    Most is judged by points 3 mm apart, so that a check of four volumes of 240x240x155 takes a fraction of a second.
    """
    looks = look_at(study)
    found = [*_missing(study, optional), *(finding for find in CHECKS for finding in find(study, looks))]
    order = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def _told_by_reader(study: Study, looks: Looks) -> Iterator[Finding]:
    for look in looks.values():
        for note in look.volume.notes:
            yield replace(note, message=f"{look.name} {note.message}", modality=look.modality)


def _missing(study: Study, optional: Collection[Modality]) -> Iterator[Finding]:
    for modality in study.missing:
        if modality in optional:
            message = "there is no such volume; the model goes on without it."
            advice = "The answer is less sure than with all four."
            yield Finding("missing", Severity.WARNING, message, advice, modality)
        else:
            yield Finding("missing", Severity.ERROR, "there is no such volume.", "Give all four.", modality)


def _non_finite(study: Study, looks: Looks) -> Iterator[Finding]:
    for look in looks.values():
        if not look.finite:
            count = int(np.count_nonzero(~np.isfinite(look.volume.array)))
            message = f"{look.name} holds {count} voxels that are NaN or infinite."
            yield _error("non_finite", look, message, "Export it again; where forced, they count as 0.")


def _constant(study: Study, looks: Looks) -> Iterator[Finding]:
    for look in looks.values():
        value = look.volume.array.flat[0]
        if (look.coarse == value).all() and (look.volume.array == value).all():
            message = f"{look.name} is {'constant' if value else 'empty'}: every voxel is {float(value):g}."
            yield _error("constant", look, message, "Choose the image itself.")
        elif 0 < len(look.values) <= _FEWEST_VALUES:
            message = f"{look.name} holds {_number(len(look.values), 'value')} beside 0, like a label map or a mask."
            yield _error("few_values", look, message, "Choose the image itself.")


def _not_stripped(study: Study, looks: Looks) -> Iterator[Finding]:
    advice = "Remove the skull first, for instance with HD-BET or SynthStrip; outside the brain all must be 0."
    for look in looks.values():
        if not _is_image(look) or _is_stripped(look):
            continue
        lowest = look.coarse.min()
        if (look.coarse != 0).all() and (look.coarse == lowest).mean() > 0.2:
            message = f"{look.name} has a background of {lowest:g}, not of 0."
            yield _error("background", look, message, "Set the voxels outside the brain to 0.")
        else:
            message = f"{look.name} looks not skull-stripped: {look.brain_ml:.0f} ml of it are not 0."
            yield _error("not_stripped", look, message, advice)


def _brain_size(study: Study, looks: Looks) -> Iterator[Finding]:
    for look in looks.values():
        if not _is_image(look) or not _is_stripped(look):
            continue
        if look.brain_ml < LEAST_BRAIN_ML:
            message = f"{look.name} shows {look.brain_ml:.0f} ml of brain, suspiciously little."
            yield _warning("small_brain", look, message, "Check the brain mask and the voxel spacing.")
        elif min(look.brain_mm) < _BRAIN_MM[0] or max(look.brain_mm) > _BRAIN_MM[1]:
            sides = " x ".join(f"{side:.0f}" for side in look.brain_mm)
            message = f"the brain in {look.name} measures {sides} mm, which is no brain's shape."
            yield _warning("brain_shape", look, message, "Check the voxel spacing, and that the whole brain is there.")


def _saturated(study: Study, looks: Looks) -> Iterator[Finding]:
    for look in looks.values():
        if len(look.values) <= _FEWEST_VALUES:
            continue
        share = float((look.brain == look.values[-1]).mean())
        if share > _MOST_SATURATED:
            message = f"{100 * share:.1f} % of the brain in {look.name} have its largest value, {look.values[-1]:g}."
            yield _warning("saturated", look, message, "Export it without clipping its intensities.")


def _spacing(study: Study, looks: Looks) -> Iterator[Finding]:
    for look in looks.values():
        spacing = look.volume.geometry.spacing
        text = " x ".join(f"{s:.3g}" for s in spacing)
        if max(spacing) > _MOST_SPACING or min(spacing) < _LEAST_SPACING:
            message = f"{look.name} has an unusual voxel spacing of {text} mm."
            yield _warning("spacing", look, message, "Check it; the networks need slices of a few mm at most.")
        elif max(spacing) >= _THICK_SPACING:
            message = f"{look.name} has thick slices ({text} mm), so that fine structures are lost in it."
            yield Finding("thick_slices", Severity.NOTE, message, "", look.modality)


def _grid(study: Study, looks: Looks) -> Iterator[Finding]:
    reference = study.reference_volume.geometry
    target = _canonical(reference)
    for look in looks.values():
        own = look.volume.geometry
        grid = _canonical(own)
        if grid.same_grid(target):
            if own.axis_codes != reference.axis_codes:
                message = f"{look.name} is stored along other axes ({own.axis_codes}) than {study.reference}"
                message += f" ({reference.axis_codes}); it is turned by its header."
                yield Finding("axes", Severity.NOTE, message, "", look.modality)
            continue
        differences, code = _differences(grid, target)
        message = f"{look.name} lies on another grid than {study.reference}: {differences}."
        yield _warning(code, look, message, "It is resampled; check that both show the same place.")


def _duplicate(study: Study, looks: Looks) -> Iterator[Finding]:
    for first, second in combinations(looks.values(), 2):
        either = (first.shared != 0) | (second.shared != 0)
        a, b = first.shared[either].astype(np.float64), second.shared[either].astype(np.float64)
        if a.size and a.std() > 0 and b.std() > 0 and np.corrcoef(a, b)[0, 1] > _SAME_IMAGE:
            message = f"{second.name} holds the same image as {first.name}, given for {first.modality}."
            yield _error("duplicate", second, message, "Give each modality its own image.")


def _alignment(study: Study, looks: Looks) -> Iterator[Finding]:
    reference = looks[study.reference]
    brain = reference.shared != 0
    for look in looks.values():
        if look is reference or not brain.any() or not len(look.brain):
            continue
        within = brain & look.covered
        own = look.shared != 0
        if not (within & own).any():
            message = f"{look.name} does not overlap with {study.reference} ({reference.name}) in space."
            yield _error("apart", look, message, "Choose images of one examination, registered to each other.")
            continue
        covered = within.sum() / brain.sum()
        if covered < _LEAST_COVERED:
            message = f"{look.name} covers {100 * covered:.0f} % of the brain in {study.reference}."
            yield _warning("coverage", look, message, "What it does not cover is judged without it.")
        dice = 2 * (within & own).sum() / (within.sum() + own.sum())
        if dice < _LEAST_DICE and _is_stripped(look) and _is_stripped(reference):
            message = f"the brain in {look.name} fits that in {study.reference} badly (Dice {dice:.2f})."
            yield _warning("misaligned", look, message, "Register the images to each other first.")


CHECKS: tuple[Callable[[Study, Looks], Iterator[Finding]], ...] = (
    _non_finite, _constant, _not_stripped, _duplicate, _alignment, _brain_size, _saturated, _grid, _spacing,
    _told_by_reader,
)  # fmt: skip
"""All checks, in the order of their findings within a severity."""


def _is_image(look: Look) -> bool:
    return len(look.values) > _FEWEST_VALUES


def _is_stripped(look: Look) -> bool:
    return look.brain_ml <= MOST_BRAIN_ML and len(look.brain) < look.coarse.size


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


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _error(code: str, look: Look, message: str, advice: str) -> Finding:
    return Finding(code, Severity.ERROR, message, advice, look.modality)


def _warning(code: str, look: Look, message: str, advice: str) -> Finding:
    return Finding(code, Severity.WARNING, message, advice, look.modality)
