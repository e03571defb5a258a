"""Scores as plain values: rows for a table, CSV, and JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ..core.disk import tables
from .scoring import CaseScore
from .summary import MEASURES, Statistic

Record = dict[str, Any]
"""One region of one case: `case`, `region`, and each measure by its name (None where it has no value)."""


def to_records(scores: Sequence[CaseScore]) -> list[Record]:
    """Return one row for each case and region, in the order of the cases."""
    return [
        {"case": score.name, "region": key, **asdict(region)}
        for score in scores
        for key, region in score.regions.items()
    ]


def to_csv(records: Sequence[Record]) -> str:
    """Return the rows as CSV with six significant digits; a measure that has no value is an empty cell."""
    rows = ((record["case"], record["region"], *(_cell(record[name]) for name in MEASURES)) for record in records)
    return tables.to_csv([("case", "region", *MEASURES), *rows])


def to_plain(scores: Sequence[CaseScore], summary: Mapping[str, Mapping[str, Statistic]]) -> dict[str, Any]:
    """Return cases and summary as plain JSON values."""
    return {
        "cases": [
            {
                "name": score.name,
                "seconds": score.seconds,
                "volumes_ml": score.volumes,
                "true_volumes_ml": score.true_volumes,
                "numbering": dict(score.numbering),
                "cavity_ml": dict(score.cavity_ml),
                "regions": {key: asdict(region) for key, region in score.regions.items()},
            }
            for score in scores
        ],
        "summary": {
            region: {measure: asdict(statistic) for measure, statistic in measures.items()}
            for region, measures in summary.items()
        },
    }


def _cell(value: float | int | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.6g}"
