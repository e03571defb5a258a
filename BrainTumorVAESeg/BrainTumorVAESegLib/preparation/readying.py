"""A study made ready: brain mask, registration and shading, each where it was asked for and is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from ..core.findings import Finding, Severity
from ..core.modalities import Modality
from ..core.preparation import (
    GIVEN,
    MASK_STAGE,
    SHADING_STAGE,
    Alignment,
    Needs,
    Outcome,
    PreparationOptions,
    Prepared,
    Register,
    Strip,
)
from ..core.volume import Study, Volume
from .aligning import align, findings_of, misaligned, needs_registration
from .extracting import choose_extractor
from .masking import brain_of
from .shading import shaded, unshade
from .statistics import Statistics, measure
from .stripping import needs_stripping, strip

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Ready:
    """A study with its transforms and its brain mask, what was done to it, and what a person should know of that."""

    study: Study
    prepared: Prepared = field(default_factory=Prepared)
    findings: tuple[Finding, ...] = ()


def find_needs(study: Study, statistics: Statistics | None = None) -> Needs:
    """Return what a study needs by its images alone, however it will be prepared."""
    statistics = statistics or measure(study)
    return Needs(needs_registration(study, statistics), needs_stripping(statistics))


def make_ready(study: Study, options: PreparationOptions, device: str = "cpu", tell: Tell = lambda _: None) -> Ready:
    """Give a study what it needs and options allow: the mask from the reference first, then each volume's transform.

    Skull-stripped volumes that lie in place are left as they are. tell: takes the name of each step (see
    `core.preparation`). Raises DependencyError where what removes the skull is not installed, DeviceError where
    the memory is too small for it, CheckError where it finds no brain.
    """
    needs = find_needs(study)
    mask = GIVEN if study.brain is not None else ""
    if options.strip is not Strip.OFF and needs.strip and not mask:
        tell(MASK_STAGE)
        study, mask = _masked(study, needs, options.strip, device)
    alignments: dict[Modality, Alignment] = {}
    findings: list[Finding] = []
    if needs.register and (options.register is not Register.OFF or needs.strip):
        aligned, found = align(study, needs.register, options.register is Register.AFFINE, tell)
        if options.register is Register.OFF:  # the check by the brains' outlines says nothing of heads
            findings += misaligned(found, study)
        else:
            study, alignments = aligned, found
            findings += findings_of(found, study)
    unshaded = tuple(study) if options.n4 else ()
    if unshaded:
        study = _unshaded(study, tell)
    findings += _on_shading(unshaded) if options.n4 else shaded(study, measure(study))
    brain_ml = 0.0
    if mask:
        brain_ml = int(np.count_nonzero(brain_of(study))) * study.reference_volume.geometry.voxel_volume
    return Ready(study, Prepared(alignments, mask, brain_ml, unshaded), tuple(findings))


def unsettled(findings: Iterable[Finding], prepared: Prepared) -> tuple[Finding, ...]:
    """Return findings without what registration has settled: that a volume which lies in place has another grid."""
    settled = {modality for modality, each in prepared.alignments.items() if each.outcome is not Outcome.KEPT}
    return tuple(
        finding for finding in findings if finding.code not in ("grid", "position") or finding.modality not in settled
    )


def _masked(study: Study, needs: Needs, how: Strip, device: str) -> tuple[Study, str]:
    """Return the study with a mask and who made it: the reference itself where it came stripped."""
    if study.reference in needs.strip:
        extractor = choose_extractor(how)
        return strip(study, extractor, device), extractor.name
    reference = study.reference_volume
    mask = Volume(brain_of(study), reference.geometry, str(study.reference))
    return replace(study, brain=mask), str(study.reference)


def _unshaded(study: Study, tell: Tell) -> Study:
    volumes = {}
    for modality in study:
        tell(f"{SHADING_STAGE} {modality}")
        corrected = unshade(study[modality], study.brain)
        volumes[modality] = replace(study.volumes[modality], array=corrected.array)
    return replace(study, volumes=volumes)


def _on_shading(modalities: tuple[Modality, ...]) -> list[Finding]:
    message = "the shading was corrected by N4, which may take a tumor for a bright field and weaken it."
    return [Finding("n4", Severity.NOTE, message, "Compare with the answer without it.", m) for m in modalities]
