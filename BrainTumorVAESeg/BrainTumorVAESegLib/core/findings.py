"""What a check found: a note, a warning or an error, about which volume, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

from .errors import CheckError
from .modalities import Modality


class Severity(StrEnum):
    """How much a finding matters: a note informs, a warning asks for a look, an error stops unless forced."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One thing found in a study. modality is None where it concerns all volumes; code is stable, for machines."""

    code: str
    severity: Severity
    message: str
    advice: str = ""
    modality: Modality | None = None

    def __str__(self) -> str:
        where = f"{self.modality}: " if self.modality else ""
        return f"{where}{self.message}{' ' + self.advice if self.advice else ''}"

    def as_dict(self) -> dict[str, str | None]:
        """Return the finding as plain JSON values."""
        return {
            **asdict(self),
            "severity": self.severity.value,
            "modality": self.modality.value if self.modality else None,
        }


def stop_on_errors(findings: tuple[Finding, ...] | list[Finding]) -> None:
    """Raise CheckError with every error among the findings, in one line; do nothing where there is none."""
    errors = [str(finding) for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise CheckError(" ".join(errors), tuple(findings))
