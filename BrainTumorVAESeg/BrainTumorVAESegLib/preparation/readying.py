"""A study made ready: brain mask, registration and shading, each where it was asked for and is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ..core.findings import Finding, Severity
from ..core.modalities import Modality
from ..core.preparation import (
    GIVEN,
    MASK_STAGE,
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
from .edema import with_edema
from .extracting import choose_extractor
from .masking import brain_of
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


def as_given(study: Study) -> Prepared:
    """Return what stands of a study to which nothing is done: the brain mask that it came with, where it has one."""
    return Prepared() if study.brain is None else Prepared(mask=GIVEN, brain_ml=_brain_ml(study))


def make_ready(study: Study, options: PreparationOptions, device: str = "cpu", tell: Tell = lambda _: None) -> Ready:
    """Give a study what it needs and options allow: the mask from the reference first, then each volume's transform.

    A mask that was made is then given the edema that it cut off, unless a volume lies nobody knows where. Stripped
    volumes that lie in place are left as they are. tell: takes the name of each step (see `core.preparation`). Raises
    DependencyError where what removes the skull is not installed, DeviceError where the memory is too small for it,
    CheckError where it finds no brain.
    """
    needs = find_needs(study)
    mask, made = GIVEN if study.brain is not None else "", False
    if options.strip is not Strip.OFF and needs.strip and not mask:
        tell(MASK_STAGE)
        made = study.reference in needs.strip
        study, mask = _masked(study, needs, options.strip, device)
    alignments: dict[Modality, Alignment] = {}
    findings: list[Finding] = []
    if needs.register and (options.register is not Register.OFF or needs.strip):
        aligned, found = align(study, needs.register, options.register is Register.AFFINE, tell)
        if options.register is Register.OFF:  # the check by the brains' outlines says nothing of heads
            findings += misaligned(found, study)
            made = made and not any(each.outcome is Outcome.REGISTERED for each in found.values())
        else:
            study, alignments = aligned, found
            findings += findings_of(found, study)
    if made and not any(each.outcome is Outcome.KEPT for each in alignments.values()):
        whole = with_edema(study)
        findings += _extended(study, whole)
        study = whole
    brain_ml = _brain_ml(study) if mask else 0.0
    return Ready(study, Prepared(alignments, mask, brain_ml), tuple(findings))


def _brain_ml(study: Study) -> float:
    return int(np.count_nonzero(brain_of(study))) * study.reference_volume.geometry.voxel_volume


def _extended(before: Study, after: Study) -> Iterator[Finding]:
    """Say by how much a brain mask grew, where it did."""
    if after is not before:
        ml = _brain_ml(after) - _brain_ml(before)
        message = f"the brain mask was extended by {ml:.1f} ml that FLAIR shows as edema beyond it."
        source = after.reference_volume.place
        yield Finding("mask_extended", Severity.NOTE, message, "Look at its border there.", after.reference, source)


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
