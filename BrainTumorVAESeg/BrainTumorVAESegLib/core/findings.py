"""What a check found: a note, a warning or an error, about which volume, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import PurePath

from .modalities import Modality


class Severity(StrEnum):
    """How much a finding matters: a note informs, a warning asks for a look, an error stops unless forced."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One thing found in a study.

    code is stable, for machines. message and advice are sentences for people that do not name the volume: modality and
    source do, its file with the folder or its node. modality is None where the finding concerns all volumes.
    """

    code: str
    severity: Severity
    message: str
    advice: str = ""
    modality: Modality | None = None
    source: str = ""

    def __str__(self) -> str:
        return str(FindingGroup((self,), self.message))

    def as_dict(self) -> dict[str, str | None]:
        """Return the finding as plain JSON values."""
        return {
            **asdict(self),
            "severity": self.severity.value,
            "modality": self.modality.value if self.modality else None,
        }


@dataclass(frozen=True)
class FindingGroup:
    """The same fault of one or more volumes, told once: message holds for all of them."""

    findings: tuple[Finding, ...]
    message: str

    @property
    def severity(self) -> Severity:
        """How much each of them matters."""
        return self.findings[0].severity

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """The volumes concerned; none where it is the whole study."""
        return tuple(finding.modality for finding in self.findings if finding.modality is not None)

    def __str__(self) -> str:
        """Say where, what and what to do: `T1, T2 (PATIENT-1): only 180 to 190 ml of brain. Check it.` and the like."""
        names = ", ".join(self.modalities)
        place = _shared_place([finding.source for finding in self.findings])
        where = f"{names} ({place})" if names and place else names or place
        parts = (f"{where}:" if where else "", self.message, self.findings[0].advice)
        return " ".join(part for part in parts if part)


def group_findings(findings: Iterable[Finding]) -> tuple[FindingGroup, ...]:
    """Put together what is the same fault of several volumes, in the order of the first of each.

    The same are findings of one code, severity and advice whose messages differ by single numbers at most, which then
    become a range.
    """
    alike: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        wording = _NUMBER.sub("#", finding.message)
        alike.setdefault((finding.code, finding.severity, wording, finding.advice), []).append(finding)
    groups = (FindingGroup(tuple(same), _shared_message([f.message for f in same])) for same in alike.values())
    return tuple(groups)


_NUMBER = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w]|\.\d)(?! x )(?<! x \d)")
"""A number that stands alone: no part of a size such as 512x512x34 or 1 x 1 x 5, nor of a name."""


def _shared_message(messages: Sequence[str]) -> str:
    """Return one message for several that differ by numbers at most: each number that differs becomes a range."""
    if len(set(messages)) == 1:
        return messages[0]
    columns = iter([sorted(set(numbers), key=float) for numbers in zip(*map(_NUMBER.findall, messages), strict=True)])

    def fill(_: re.Match[str]) -> str:
        numbers = next(columns)
        return numbers[0] if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"

    return _NUMBER.sub(fill, messages[0])


def _shared_place(sources: Sequence[str]) -> str:
    """Return the one source, or the folder that several files share, or nothing."""
    if len(sources) == 1:
        return sources[0]
    folders = {str(PurePath(source).parent) for source in sources}
    return folders.pop() if len(folders) == 1 and "." not in folders else ""
