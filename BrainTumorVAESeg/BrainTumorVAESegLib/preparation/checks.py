"""What may be wrong with a study, found before it is segmented: one small function for each kind of fault."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from ..core.errors import CheckError
from ..core.findings import Finding, Severity, group_findings
from ..core.modalities import Modality
from ..core.volume import Study
from .pair_checks import PAIR_CHECKS
from .statistics import Statistics, measure
from .volume_checks import VOLUME_CHECKS

CHECKS: tuple[Callable[[Study, Statistics], Iterator[Finding]], ...] = (*VOLUME_CHECKS, *PAIR_CHECKS)
"""All checks, in the order of their findings within a severity."""


def check(study: Study, optional: Collection[Modality] = ()) -> tuple[Finding, ...]:
    """Return what was found wrong or noteworthy in a study, errors first; nothing is changed.

    optional: modalities whose absence is a warning alone, since the model can do without.
    Most is judged by points 3 mm apart, so that a check of four volumes of 240x240x155 takes a fraction of a second.
    """
    statistics = measure(study)
    found = [*_missing(study, optional), *(finding for find in CHECKS for finding in find(study, statistics))]
    order = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def stop_on_errors(findings: Iterable[Finding]) -> None:
    """Raise CheckError with every error among the findings, in one line; do nothing where there is none."""
    findings = tuple(findings)
    errors = group_findings(finding for finding in findings if finding.severity is Severity.ERROR)
    if errors:
        raise CheckError(" ".join(map(str, errors)), findings)


def _missing(study: Study, optional: Collection[Modality]) -> Iterator[Finding]:
    for modality in study.missing:
        if modality in optional:
            message = "there is no such volume; the model goes on without it."
            advice = "The answer is less sure than with all four."
            yield Finding("missing", Severity.WARNING, message, advice, modality)
        else:
            yield Finding("missing", Severity.ERROR, "there is no such volume.", "Give all four.", modality)
