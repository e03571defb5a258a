"""Short lines with a colored mark for findings and problems, in the rich text of Qt's labels."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ...core.findings import Finding, Severity

COLORS: dict[Severity, str] = {
    Severity.ERROR: "#d64541",
    Severity.WARNING: "#d68910",
    Severity.NOTE: "#7f8c8d",
}
"""Readable on Slicer's light and dark style alike."""
_MARKS: dict[Severity, str] = {Severity.ERROR: "✖", Severity.WARNING: "▲", Severity.NOTE: "•"}


def marked(severity: Severity, text: str) -> str:
    """Return a line of rich text with the severity's mark; text is plain and is escaped."""
    return f'<span style="color:{COLORS[severity]}">{_MARKS[severity]}</span> {escape(text)}'


def faint(text: str) -> str:
    """Return a line of rich text that stands back; text is plain and is escaped."""
    return f'<span style="color:{COLORS[Severity.NOTE]}">{escape(text)}</span>'


def finding_line(finding: Finding) -> str:
    """Return a finding's line: what is wrong and what to do."""
    text = f"{finding.message} {finding.advice}".strip()
    return marked(finding.severity, text[:1].upper() + text[1:])


def lines(parts: Iterable[str]) -> str:
    """Join lines of rich text."""
    return "<br>".join(parts)
