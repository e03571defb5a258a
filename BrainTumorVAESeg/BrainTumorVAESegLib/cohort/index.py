"""The page that shows a cohort: a row for each case, the one that needs a look most first; no network is needed."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.disk.files import write_bytes
from ..core.labels import REGIONS
from ..core.verdict import INTERVAL_COVERAGE, Familiarity
from .outcome import Outcome, State
from .summary import DISCLAIMER
from .table import FINDINGS_APART, severity

_TEMPLATES = Path(__file__).parent / "templates"
_NOT_JUDGED = "not judged"
_RANKS = {
    State.FAILED.value: "failed",
    State.SET_ASIDE.value: "failed",
    State.STOPPED.value: "failed",
    Familiarity.UNLIKE.value: "unlike",
    Familiarity.UNUSUAL.value: "unusual",
    _NOT_JUDGED: "open",
    Familiarity.FAMILIAR.value: "familiar",
}
"""What the column Input says, from the worst, and the kind of row that it makes."""


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
    texts = _Texts()
    shown = [_failure(each, texts) for each in sorted(failures, key=lambda each: each.name)]
    shown += [_finished(row, links, texts) for row in sorted(rows, key=severity)]
    script = _template("index.js")
    parts = {
        "TITLE": html.escape(title),
        "SUBTITLE": html.escape(subtitle),
        "COVERAGE": f"{100 * INTERVAL_COVERAGE:.0f}",
        "USE": html.escape(DISCLAIMER),
        "STYLE": _template("index.css"),
        "HASH": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "DATA": _json({"ranks": list(_RANKS.items()), "texts": list(texts.places), "rows": shown}),
        "SCRIPT": script,
    }
    head, *pieces = _template("index.html").split("@")
    text = [head, *(parts.get(piece, piece) for piece in pieces)]
    write_bytes(path, "".join(text).encode())


@dataclass
class _Texts:
    """Each text that rows tell, once: thousands of rows tell the same few. places: text -> its number."""

    places: dict[str, int] = field(default_factory=dict)

    def numbers(self, texts: Iterable[str | None]) -> list[int]:
        """Return the numbers of those that say something."""
        return [self.places.setdefault(text, len(self.places)) for text in texts if text]


def _finished(row: Mapping[str, Any], links: Mapping[str, str], texts: _Texts) -> list[Any]:
    """Return what the page's script shows of a row, in the order of `CELL` in index.js; numbers as they are shown."""
    ends = [row[f"{region.key}_{end}_ml"] for region in REGIONS for end in ("low", "high")]
    findings = (row["findings"] or "").split(FINDINGS_APART)
    return [
        row["case"],
        list(_RANKS).index(row["verdict"] or _NOT_JUDGED),
        *(_rounded(row[f"{region.key}_ml"], 1) for region in REGIONS),
        0 if None in ends else [_rounded(end, 1) for end in ends],
        _rounded(row["WT_longest_mm"], 0),
        row["WT_lesions"],
        _rounded(row["total_s"], 1),
        texts.numbers((row["reasons"], *findings, row["notes"])),
        links.get(row["case"], 0),
        [_rounded(row["ET_longest_mm"], 0), row["ET_lesions"]] if row["ET_lesions"] else 0,
    ]


def _failure(outcome: Outcome, texts: _Texts) -> list[Any]:
    rank = list(_RANKS).index(outcome.state.value)
    return [outcome.name, rank, None, None, None, 0, None, None, None, texts.numbers([outcome.message]), 0, 0]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits or None)


def _json(values: Any) -> str:
    """Return JSON that nothing in a page can take for markup."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("@", "\\u0040")


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")
