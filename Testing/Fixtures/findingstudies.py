"""Studies with one thing changed, and findings to compare: for the tests of the checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from BrainTumorVAESegLib.core.findings import Finding, Severity
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.volume import Study, Volume

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
Change = Callable[[np.ndarray], np.ndarray]


def with_volume(study: Study, modality: Modality, volume: Volume) -> Study:
    return Study({**study.volumes, modality: volume}, study.reference)


def changed(study: Study, modality: Modality, change: Change) -> Study:
    """Return the study with one volume's array changed."""
    return with_volume(study, modality, replace(study[modality], array=change(study[modality].array.copy())))


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, Severity, Modality | None]]:
    return [(finding.code, finding.severity, finding.modality) for finding in findings]


def the_one(findings: tuple[Finding, ...]) -> Finding:
    assert len(findings) == 1, codes(findings)
    message = str(findings[0])
    assert "\n" not in message and message.endswith(".")
    return findings[0]
