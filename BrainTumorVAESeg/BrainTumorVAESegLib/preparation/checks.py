"""What may be wrong with a study, found before it is segmented: one small function for each kind of fault."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from ..core.errors import CheckError
from ..core.findings import Finding, Severity, group_findings
from ..core.modalities import Modality
from ..core.preparation import AS_GIVEN, PreparationOptions, Register, Strip
from ..core.volume import Study
from .pair_checks import PAIR_CHECKS
from .statistics import Statistics, measure
from .volume_checks import VOLUME_CHECKS

CHECKS: tuple[Callable[[Study, Statistics], Iterator[Finding]], ...] = (*VOLUME_CHECKS, *PAIR_CHECKS)
"""All checks, in the order of their findings within a severity."""


_REMOVED = "the image has a skull; it is removed before anything is computed."
_REGISTERED = "It is registered to {} first."


def check(
    study: Study, optional: Collection[Modality] = (), preparation: PreparationOptions = AS_GIVEN
) -> tuple[Finding, ...]:
    """Return what was found wrong or noteworthy in a study, errors first; nothing is changed.

    optional: modalities whose absence is a warning alone, since the model can do without. preparation: what will be
    done to the study; what that will mend is a note, and strong shading is told, which it can mend.
    Most is judged by points 3 mm apart, so that a check of four volumes of 240x240x155 takes a fraction of a second.
    """
    statistics = measure(study)
    found = [*_missing(study, optional), *(finding for find in CHECKS for finding in find(study, statistics))]
    if preparation.looks:
        found = [_before_preparing(finding, study, preparation) for finding in found]
    order = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def stop_on_errors(findings: Iterable[Finding]) -> None:
    """Raise CheckError with every error among the findings, in one line; do nothing where there is none."""
    findings = tuple(findings)
    errors = group_findings(finding for finding in findings if finding.severity is Severity.ERROR)
    if errors:
        raise CheckError(" ".join(map(str, errors)), findings)


def _before_preparing(finding: Finding, study: Study, preparation: PreparationOptions) -> Finding:
    """Return a finding as it stands before the study is prepared: a note where that will mend it."""
    if finding.code == "not_stripped" and preparation.strip is not Strip.OFF:
        return replace(finding, severity=Severity.NOTE, message=_REMOVED, advice="")
    if finding.code in ("misaligned", "apart", "grid", "position") and preparation.register is not Register.OFF:
        return replace(finding, severity=Severity.NOTE, advice=_REGISTERED.format(study.reference))
    return finding


def _missing(study: Study, optional: Collection[Modality]) -> Iterator[Finding]:
    for modality in study.missing:
        if modality in optional:
            message = "there is no such volume; the model goes on without it."
            advice = "The answer is less sure than with all four."
            yield Finding("missing", Severity.WARNING, message, advice, modality)
        else:
            yield Finding("missing", Severity.ERROR, "there is no such volume.", "Give all four.", modality)
