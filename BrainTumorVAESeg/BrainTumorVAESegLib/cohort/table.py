"""A finished case as a row: its measures, verdict, findings, times and what it was made from; rows as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.disk.files import replacing
from ..core.disk.tables import to_csv
from ..core.findings import Finding, Severity, group_findings
from ..core.labels import LABELS, REGIONS
from ..core.modalities import MODALITIES, Modality
from ..core.verdict import Familiarity

Row = dict[str, Any]
_STEPS = ("read", "check", "prepare", "stage 1", "stage 2", "restore", "judge", "write", "measure", "total")
_PARTS = (*(region.key for region in REGIONS), *(label.key for label in LABELS if label.key != "ET"))
_VERDICTS = (Familiarity.UNLIKE.value, Familiarity.UNUSUAL.value, None, Familiarity.FAMILIAR.value)
"""From the worst; None is a package that was not calibrated."""
FINDINGS_APART = "; "
"""Stands between a case's findings in its cell."""

COLUMNS: Mapping[str, type] = {
    "case": str,
    "verdict": str,
    "reasons": str,
    "worst_finding": str,
    "findings": str,
    "notes": str,
    **{f"{part}_ml": float for part in _PARTS},
    **{f"{region.key}_{end}_ml": float for region in REGIONS for end in ("low", "high")},
    "ET_lesions": int,
    "ET_longest_mm": float,
    "ET_perpendicular_mm": float,
    "sum_of_products_mm2": float,
    "WT_lesions": int,
    "WT_longest_mm": float,
    "necrotic_share": float,
    "enhancing_share": float,
    "side": str,
    "left_share": float,
    "across_mm": float,
    **{f"{step.replace(' ', '_')}_s": float for step in _STEPS},
    "device": str,
    "package": str,
    "package_version": str,
    "package_sha256": str,
    "library_version": str,
    "labels": str,
    **{f"{modality.value}_sha256": str for modality in MODALITIES},
    "key": str,
}
"""Columns of the table, in their order, and what each holds; a cell may be empty."""


def row_of(summary: Mapping[str, Any], key: str) -> Row:
    """Return the row of a case's summary (see `processing.process`). key: see `contents.Identity`."""
    verdict, measures = summary["input"] or {}, summary["measures"]
    package, side = summary["package"], measures["side"] or {}
    row: Row = {
        "case": summary["name"],
        "verdict": verdict.get("familiarity"),
        "reasons": " ".join(reason["message"] for reason in verdict.get("reasons", ())),
        "worst_finding": _worst(summary["findings"]),
        "findings": _told(summary["findings"]),
        "notes": " ".join(summary["notes"]),
        **{f"{part}_ml": summary["volumes_ml"].get(part) for part in _PARTS},
        **_intervals(summary["intervals_ml"]),
        **_lesions("ET", measures["enhancing"]),
        "sum_of_products_mm2": measures["enhancing"]["sum_of_products_mm2"],
        **_lesions("WT", measures["whole"]),
        "necrotic_share": measures["necrotic_share"],
        "enhancing_share": measures["enhancing_share"],
        "side": side.get("side"),
        "left_share": side.get("left_share"),
        "across_mm": side.get("across_mm"),
        **{f"{step.replace(' ', '_')}_s": summary["timings_s"].get(step) for step in _STEPS},
        "device": summary["device"],
        "package": package["name"],
        "package_version": package["version"],
        "package_sha256": package["sha256"],
        "library_version": summary["versions"]["braintumorvaeseg"],
        "labels": summary["labels"],
        **{f"{modality.value}_sha256": summary["images"].get(modality.value, {}).get("sha256")
           for modality in MODALITIES},
        "key": key,
    }  # fmt: skip
    return {column: row.get(column) for column in COLUMNS}


def severity(row: Mapping[str, Any]) -> tuple[int, int, str]:
    """Return what sorts rows from the one that needs a look most to the one that needs it least."""
    findings = ("error", "warning", "note", None)
    verdict, worst = row["verdict"], row["worst_finding"]
    return _VERDICTS.index(verdict), findings.index(worst), row["case"]


def write_csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as CSV, whole or not at all. Raises OutputError."""
    with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
        stream.write(to_csv([list(COLUMNS)]))
        for row in rows:
            stream.write(to_csv([["" if row[column] is None else row[column] for column in COLUMNS]]))


def write_parquet(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as Parquet with the columns' own types, whole or not at all. Raises OutputError."""
    import pyarrow
    from pyarrow import parquet

    kinds = {str: pyarrow.string(), float: pyarrow.float64(), int: pyarrow.int64()}
    schema = pyarrow.schema([(column, kinds[kind]) for column, kind in COLUMNS.items()])
    table = pyarrow.Table.from_pylist([dict(row) for row in rows], schema)
    with replacing(path) as part:
        parquet.write_table(table, part)


def write_failures(path: Path, failures: Iterable[tuple[str, str, str]]) -> None:
    """Write the cases without a result as CSV: case, what became of it, and why. Raises OutputError."""
    with replacing(path) as part:
        part.write_text(to_csv([("case", "state", "why"), *sorted(failures)]), encoding="utf-8")


def _intervals(intervals: Mapping[str, Sequence[float]]) -> Row:
    ends = {region: intervals.get(region, (None, None)) for region in (region.key for region in REGIONS)}
    return {f"{region}_{end}_ml": low_high[place] for region, low_high in ends.items()
            for place, end in enumerate(("low", "high"))}  # fmt: skip


def _lesions(region: str, burden: Mapping[str, Any]) -> Row:
    lesions = burden["lesions"]
    longest = max((lesion["diameters"] for lesion in lesions), key=lambda d: d["longest_mm"], default=None)
    return {
        f"{region}_lesions": len(lesions) + burden["others"],
        f"{region}_longest_mm": longest and longest["longest_mm"],
        f"{region}_perpendicular_mm": longest and longest["perpendicular_mm"],
    }


def _worst(findings: Sequence[Mapping[str, Any]]) -> str | None:
    found = {finding["severity"] for finding in findings}
    return next((name for name in ("error", "warning", "note") if name in found), None)


def _told(findings: Sequence[Mapping[str, Any]]) -> str:
    """Return findings in a line, the same one of several images once."""
    found = [
        Finding(
            each["code"],
            Severity(each["severity"]),
            each["message"],
            "",
            each["modality"] and Modality(each["modality"]),
        )
        for each in findings
    ]
    return FINDINGS_APART.join(f"{group.severity}: {str(group).rstrip('.')}" for group in group_findings(found))
