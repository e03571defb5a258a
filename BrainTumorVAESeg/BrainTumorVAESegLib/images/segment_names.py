"""Which part of a tumor a segment's name or its codes mean."""

from __future__ import annotations

import re

from ..core.labels import ED, ET, LABELS, NCR, TC, WT, Label, Region

CAVITY = "resection cavity"
"""What a segment may be that this library has no label for."""
Part = Label | Region

_NAMES: tuple[tuple[re.Pattern[str], Part | str], ...] = (
    (re.compile(r"\b(?:rc|(?:resection|surgical) cavity|cavity)\b"), CAVITY),
    (re.compile(r"\b(?:ed|o?edema\w*|ödem|snfh|peritumou?ral\w*|(?:flair )?hyperintens\w*|invaded tissue)\b"), ED),
    (re.compile(r"\b(?:ncr|net|netc|necro\w*|nekro\w*|non ?enhanc\w*|ncrnet)\b"), NCR),
    (re.compile(r"\b(?:et|enhanc\w*|contrast enhanc\w*|active tumou?r)\b"), ET),
    (re.compile(r"\b(?:wt|(?:whole|entire|complete) tumou?r)\b"), WT),
    (re.compile(r"\b(?:tc|tumou?r core|core)\b"), TC),
)
"""In this order: non-enhancing tissue is no enhancing one, and the necrotic core no tumor core."""
_CODED: tuple[Part, ...] = (WT, TC, *LABELS)
_BY_CODE = {(part.type.scheme, part.type.value): part for part in _CODED}


def part_of_name(name: str) -> Part | str | None:
    """Return the label or region that a name means, `CAVITY`, or None where it tells nothing."""
    words = " ".join(re.findall(r"[a-zäöü]+|\d+", name.lower()))
    return next((part for pattern, part in _NAMES if pattern.search(words)), None)


def part_of_terminology(entry: str) -> Part | str | None:
    """Return what the codes of a segment mean as Slicer writes them (category, type and modifier between `~`), or None.

    The type's code counts, and where it is none of ours its meaning in words.
    """
    fields = entry.split("~")
    code = fields[2].split("^") if len(fields) > 2 else []
    if len(code) != 3:
        return None
    return _BY_CODE.get((code[0], code[1])) or part_of_name(code[2])
