"""What a result says of itself, on the screen for people."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...cohort.summary import DISCLAIMER
from ...core.findings import Finding, Severity, group_findings
from ...core.text import printable
from .screen import Screen

NO_TUMOR = "No tumor was found: the segmentation is empty."
_STYLES = {Severity.NOTE: "bold", Severity.WARNING: "bold yellow", Severity.ERROR: "bold red"}


def folder_name(path: Path) -> str:
    """Return the name of a folder or file without those above it."""
    return printable(Path(os.path.abspath(path)).name)


def show_summary(screen: Screen, summary: Mapping[str, Any], findings: Sequence[Finding]) -> None:
    """Print a result: volumes, against the truth where the summary has it, findings, notes and timings."""
    package, timings = summary["package"], summary["timings_s"]
    screen.line()
    screen.line(f"{summary['name']}, by {package['name']} {package['version']} on {summary['device']}")
    if summary["empty"]:
        screen.line()
        screen.line(NO_TUMOR, style="bold")
    if summary.get("dice") or not summary["empty"]:
        _show_volumes(screen, summary)
        _show_lesions(screen, summary)
    else:
        screen.line()
    for group in group_findings(findings):
        screen.item(group.severity.value, str(group), _STYLES[group.severity])
    for note in summary["notes"]:
        # An empty segmentation was said in bold already.
        if not (summary["empty"] and "segmentation is empty" in note):
            screen.item("note", note)
    screen.item("seconds", ", ".join(f"{step} {seconds:.1f}" for step, seconds in timings.items()))


def _show_volumes(screen: Screen, summary: Mapping[str, Any]) -> None:
    from ...reporting.tables import comparison_rows, volume_rows

    if summary.get("dice"):
        rows = comparison_rows(summary["volumes_ml"], summary["true_volumes_ml"], summary["dice"])
        screen.table(("", "Region", "ml", "true ml", "Dice"), rows, numbers=3)
    else:
        screen.table(("", "Region", "ml"), volume_rows(summary["volumes_ml"]), numbers=1)


def _show_lesions(screen: Screen, summary: Mapping[str, Any]) -> None:
    from ...reporting.tables import LESION_COLUMNS, target_rows

    rows = target_rows(summary["measures"])
    if rows:
        screen.table(LESION_COLUMNS, rows, numbers=3)


def show_files(screen: Screen, paths: Sequence[Path]) -> None:
    """Print where the results lie, and what they may be used for."""
    for number, path in enumerate(paths):
        screen.line(f"{'' if number else 'written':<11}{path}")
    screen.line()
    screen.line(DISCLAIMER)
