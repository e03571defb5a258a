"""Short lines with a colored mark for findings and problems, in the rich text of Qt's labels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from ...core.findings import FindingGroup, Severity

COLORS: dict[Severity, str] = {
    Severity.ERROR: "#e05252",
    Severity.WARNING: "#b9770e",
    Severity.NOTE: "#7f8c8d",
}
GOOD, BUSY = "#229954", "#2e86d8"
"""These five stand out from Slicer's light and its dark style alike, by a contrast of 3 or more."""
_PIECE = 24
"""Letters of a word that the narrowest panel holds in a line."""
_LONG = re.compile(rf"\S{{{_PIECE + 1},}}")
_SPACE = "\u200b"
"""Has no width, and lets a line be broken."""
_MARKS: dict[Severity, str] = {Severity.ERROR: "✖", Severity.WARNING: "▲", Severity.NOTE: "•"}


def marked(severity: Severity, text: str) -> str:
    """Return a line of rich text with the severity's mark; text is plain and is escaped."""
    return f'<span style="color:{COLORS[severity]}">{_MARKS[severity]}</span> {_shown(text)}'


def faint(text: str) -> str:
    """Return a line of rich text that stands back; text is plain and is escaped."""
    return f'<span style="color:{COLORS[Severity.NOTE]}">{_shown(text)}</span>'


def colored(color: str, text: str) -> str:
    """Return a bold line of rich text in a color; text is plain and is escaped."""
    return f'<b style="color:{color}">{_shown(text)}</b>'


def plain(text: str) -> str:
    """Return a line of rich text as it is; text is plain and is escaped."""
    return _shown(text)


def tip(sentences: Iterable[str]) -> str:
    """Return a tooltip of plain sentences, a line each, escaped where Qt could take a name in them for HTML."""
    text = "\n".join(sentences)
    return escape(text).replace("\n", "<br>") if "<" in text or "&" in text else text


def _shown(text: str) -> str:
    """Escape a text, and let what has no spaces, as a name of a file, be broken so that it fits into the panel."""
    return escape(_LONG.sub(lambda word: _SPACE.join(re.findall(f".{{1,{_PIECE}}}", word[0])), text))


def finding_line(group: FindingGroup) -> str:
    """Return the line of a fault: of which volumes where there are several, what is wrong and what to do."""
    text = f"{group.message} {group.findings[0].advice}".strip()
    names = ", ".join(group.modalities) if len(group.findings) > 1 else ""
    return marked(group.severity, f"{names}: {text}" if names else text[:1].upper() + text[1:])


def lines(parts: Iterable[str]) -> str:
    """Join lines of rich text."""
    return "<br>".join(parts)
