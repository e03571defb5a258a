"""Tables as CSV, whose cells no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@")
"""What a cell begins with that a spreadsheet computes."""
_BREAK = re.compile(r"[\t\r\n\v\f]+")


def to_csv(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV, each on one line.

    A text that a spreadsheet would compute has an apostrophe before it, a number never; tabs and line ends in a text,
    which would hide such a beginning, are blanks.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str) or _is_number(value):
        return value
    text = _BREAK.sub(" ", value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
