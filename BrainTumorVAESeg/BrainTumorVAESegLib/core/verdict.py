"""Whether a study looks like those that a package learned from, and why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .modalities import Modality

INTERVAL_COVERAGE = 0.8
"""Share of cases whose true volume the interval that is told with it is made to hold."""


class Familiarity(StrEnum):
    """How much a study is like the training data."""

    FAMILIAR = "familiar"
    UNUSUAL = "unusual"
    UNLIKE = "unlike the training data"


@dataclass(frozen=True)
class Reason:
    """One thing that is unusual of a study.

    code: stable, for machines. message: for people. percentile: share in % of the held-out cases that show less of it,
    None where it is not a matter of degree. modality: None where it concerns all.
    """

    code: str
    message: str
    percentile: float | None = None
    modality: Modality | None = None


@dataclass(frozen=True)
class Verdict:
    """The judgment of the input check, its reasons (the weightiest first), and what could not be looked at and why."""

    familiarity: Familiarity
    reasons: tuple[Reason, ...] = ()
    unavailable: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((f"Input: {self.familiarity}.", *(reason.message for reason in self.reasons)))

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as plain JSON values."""
        return {
            "familiarity": self.familiarity.value,
            "reasons": [
                {
                    "code": reason.code,
                    "message": reason.message,
                    "percentile": reason.percentile,
                    "modality": reason.modality.value if reason.modality else None,
                }
                for reason in self.reasons
            ],
            "unavailable": list(self.unavailable),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Verdict:
        """Return the verdict of plain JSON values. Raises KeyError, TypeError or ValueError where they are none."""
        reasons = tuple(
            Reason(
                str(reason["code"]),
                str(reason["message"]),
                None if reason["percentile"] is None else float(reason["percentile"]),
                None if reason["modality"] is None else Modality(reason["modality"]),
            )
            for reason in values["reasons"]
        )
        return cls(Familiarity(values["familiarity"]), reasons, tuple(map(str, values["unavailable"])))
