"""The volumes of a study registered to its reference, where they do not lie in place already."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from ..core.findings import Finding, Severity
from ..core.modalities import Modality
from ..core.preparation import REGISTER_STAGE, Alignment, Outcome
from ..core.transform import Transform
from ..core.volume import Study
from .masking import brain_of
from .registration import Fit, register
from .statistics import Statistics

_SAME_PLACE = 0.98
"""Dice of two brains on one grid from which on they were put there together."""
_LITTLE_MM = 0.7
"""A registration that moves the brain by less on average found it in place."""
_LEAST_GAIN = 0.01
"""Share by which the mutual information must grow."""
_POINTS = 2000
_FAR_MM = 60.0
"""Farther than a head moves between two series of one examination."""

Tell = Callable[[str], None]


def needs_registration(study: Study, statistics: Statistics) -> tuple[Modality, ...]:
    """Return the volumes that are not known to lie in place: on another grid, or whose brain is not the reference's.

    Skull-stripped volumes that share grid and brain were put there together.
    """
    reference = statistics[study.reference]
    found = []
    for modality, volume in statistics.items():
        if modality is study.reference or not volume.is_image or not reference.is_image:
            continue
        same_grid = volume.volume.geometry.same_grid(reference.volume.geometry)
        known = same_grid and volume.is_stripped and reference.is_stripped
        if not known or _dice(volume.on_reference != 0, reference.on_reference != 0) < _SAME_PLACE:
            found.append(modality)
    return tuple(found)


def align(
    study: Study, modalities: tuple[Modality, ...], affine: bool = False, tell: Tell = lambda _: None
) -> tuple[Study, dict[Modality, Alignment]]:
    """Register volumes to the reference; return the study with the transforms, and what came of each.

    tell: takes the name of each step. A transform is taken only where it improves the mutual information.
    """
    reference = study.reference_volume
    region = brain_of(study)
    alignments, transforms = {}, dict(study.transforms)
    for modality in modalities:
        tell(f"{REGISTER_STAGE} {modality}")
        fit = register(reference, region, study.volumes[modality], affine)
        alignments[modality] = _judge(fit, _places(region, study))
        transform = alignments[modality].transform
        if transform is not None:
            transforms[modality] = transform
    return replace(study, transforms=transforms), alignments


def _judge(fit: Fit | None, places: np.ndarray) -> Alignment:
    """Return what came of a registration. places: points of the brain in the reference, (n, 3) in LPS mm."""
    if fit is None:
        return Alignment(Outcome.KEPT, 0.0, 0.0)
    moved = float(np.linalg.norm(fit.transform.points(places) - places, axis=1).mean())
    if moved < _LITTLE_MM:
        return Alignment(Outcome.ALIGNED, fit.before, fit.before)
    if fit.after < (1 + _LEAST_GAIN) * fit.before or fit.after <= 0:
        return Alignment(Outcome.KEPT, fit.before, fit.after)
    return Alignment(Outcome.REGISTERED, fit.before, fit.after, moved, fit.transform.turned_degrees, fit.transform)


def findings_of(alignments: Mapping[Modality, Alignment], study: Study) -> Iterator[Finding]:
    """Say which volumes were moved, and which could not be."""
    for modality, each in alignments.items():
        source = study[modality].place
        if each.outcome is Outcome.REGISTERED:
            severity = Severity.WARNING if each.moved_mm > _FAR_MM else Severity.NOTE
            message = f"registered to {study.reference}: moved by {each.moved_mm:.1f} mm on average"
            message += f" and turned by {each.turned_degrees:.1f} degrees."
            advice = "Check that both are of one examination." if severity is Severity.WARNING else ""
            yield Finding("registered", severity, message, advice, modality, source)
        elif each.outcome is Outcome.ALIGNED:
            message = f"lies in place: registration would move it by less than {_LITTLE_MM:g} mm, so it was left alone."
            yield Finding("aligned", Severity.NOTE, message, "", modality, source)
        else:
            message = f"no place was found where it fits {study.reference} better; it stays as the scanner says."
            yield Finding("not_registered", Severity.WARNING, message, "Look at both side by side.", modality, source)


def misaligned(alignments: Mapping[Modality, Alignment], study: Study) -> Iterator[Finding]:
    """Say which volumes lie elsewhere, where they are not to be registered."""
    for modality, each in alignments.items():
        if each.outcome is Outcome.REGISTERED:
            message = f"the image lies {each.moved_mm:.1f} mm from {study.reference} on average and is turned by"
            message += f" {each.turned_degrees:.1f} degrees."
            advice = "Register the images to each other first."
            yield Finding("misaligned", Severity.WARNING, message, advice, modality, study[modality].place)


def _places(region: np.ndarray, study: Study) -> np.ndarray:
    index = np.argwhere(region)
    index = index[:: max(1, len(index) // _POINTS)][:, ::-1]
    return Transform.of(study.reference_volume.geometry.index_to_physical).points(index)


def _dice(first: np.ndarray, second: np.ndarray) -> float:
    total = np.count_nonzero(first) + np.count_nonzero(second)
    return 2 * np.count_nonzero(first & second) / total if total else 0.0
