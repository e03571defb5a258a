"""A package's scores beside those of another one on the same cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ...cohort.summary import describe_package
from .screen import Screen

if TYPE_CHECKING:
    from ...evaluation.scoring import CaseScore
    from ...models.package import ModelPackage

_COLUMNS = ("Difference", "Mean", "95 % from", "to", "Larger", "Smaller")


def compare_with(other: ModelPackage, scores: Sequence[CaseScore], others: Sequence[CaseScore]) -> dict[str, Any]:
    """Return what another package scored, and the scores' differences to it, as plain JSON values."""
    from ...evaluation.paired import compare_pairs
    from ...evaluation.records import to_plain
    from ...evaluation.summary import summarize

    differences = compare_pairs([score.regions for score in scores], [score.regions for score in others])
    return {
        "package": describe_package(other),
        **to_plain(others, summarize(score.regions for score in others)),
        "differences": {
            region: {measure: asdict(each) for measure, each in measures.items()}
            for region, measures in differences.items()
        },
    }


def show_difference(screen: Screen, against: Mapping[str, Any]) -> None:
    """Print the mean differences of Dice and HD95 with their intervals, and in how many cases they go which way."""
    from ...reporting.tables import difference_rows

    other = against["package"]
    screen.line(
        f"\nThe same cases by {other['name']} {other['version']}; differences to it, with intervals of the mean"
    )
    screen.table(_COLUMNS, difference_rows(against["differences"]), numbers=len(_COLUMNS) - 1)
