"""The page that shows a cohort: a row for each case, the one that needs a look most first; no network is needed."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.disk.files import write_bytes
from ..core.labels import REGIONS
from ..core.verdict import Familiarity
from .outcome import Outcome
from .summary import DISCLAIMER
from .table import severity

_TEMPLATES = Path(__file__).parent / "templates"
_KINDS = {
    Familiarity.UNLIKE.value: "unlike",
    Familiarity.UNUSUAL.value: "unusual",
    Familiarity.FAMILIAR.value: "familiar",
}
_NOT_JUDGED = "not judged"
_RANKS = ("failed", "set aside", "stopped", *list(_KINDS)[:2], _NOT_JUDGED, Familiarity.FAMILIAR.value)
"""What the second column says, from the worst."""


def write_index(
    path: Path,
    title: str,
    subtitle: str,
    rows: Iterable[Mapping[str, Any]],
    failures: Sequence[Outcome],
    links: Mapping[str, str],
) -> None:
    """Write the page, whole or not at all. Raises OutputError.

    rows: of the table (see `table`). failures: the cases without a result, which come first. links: case -> the file
    in its folder that its row leads to; its summary where none is told.
    """
    ordered = sorted(rows, key=severity)
    cells = [*map(_failure, sorted(failures, key=lambda each: each.name)), *(_cells(row, links) for row in ordered)]
    script = _template("index.js")
    parts = {
        "TITLE": html.escape(title),
        "SUBTITLE": html.escape(subtitle),
        "USE": html.escape(DISCLAIMER),
        "STYLE": _template("index.css"),
        "HASH": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "DATA": _json({"ranks": _RANKS, "rows": cells}),
        "SCRIPT": script,
    }
    head, *pieces = _template("index.html").split("@")
    text = [head, *(parts.get(piece, piece) for piece in pieces)]
    write_bytes(path, "".join(text).encode())


def _cells(row: Mapping[str, Any], links: Mapping[str, str]) -> list[Any]:
    """Return what the page's script shows of a row: see `line` in index.js."""
    verdict, case = row["verdict"], row["case"]
    ends = [[row[f"{region.key}_low_ml"], row[f"{region.key}_high_ml"]] for region in REGIONS]
    return [
        case,
        verdict or _NOT_JUDGED,
        *(row[f"{region.key}_ml"] for region in REGIONS),
        None if None in ends[0] else ends,
        links.get(case, f"{case}.json"),
        _KINDS.get(verdict, "open"),
        row["ET_longest_mm"] if row["ET_longest_mm"] is not None else row["WT_longest_mm"],
        row["WT_lesions"],
        row["total_s"],
        " ".join(text for text in (row["reasons"], row["findings"], row["notes"]) if text),
    ]


def _failure(outcome: Outcome) -> list[Any]:
    return [
        outcome.name,
        outcome.state.value,
        None,
        None,
        None,
        None,
        None,
        "failed",
        None,
        None,
        None,
        outcome.message,
    ]


def _json(values: Any) -> str:
    """Return JSON that nothing in a page can take for markup."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("@", "\\u0040")


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")
