"""What is known of a label map's numbering besides its values: by its data set, by who wrote it, by its case's name."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..cases.channels import find_table
from ..cases.label_tables import convention_of_table
from ..cases.labelled import convention_of
from ..core.labels import LabelConvention

_WRITTEN = "_seg.nii.gz"
"""How `segment` ends a label map's name; `CASE.json` beside it says which numbering was asked for."""
_LARGEST = 1 << 26


def known_numbering(path: Path) -> LabelConvention | None:
    """Return the numbering that a data set's table tells, or the summary that `segment` wrote beside the file."""
    if path.name.endswith(_WRITTEN):
        summary = _read(path.with_name(path.name.removesuffix(_WRITTEN) + ".json"))
        if "package" in summary and summary.get("labels") in list(LabelConvention):
            return LabelConvention(summary["labels"])
    table = find_table(path.parent)
    return None if table is None else convention_of_table(_read(table).get("labels"))


def known_truth_numbering(path: Path, name: str) -> LabelConvention | None:
    """Return what is known of a ground truth's numbering: as `known_numbering`, and by its case's name."""
    return known_numbering(path) or convention_of(name)


def _read(path: Path) -> dict[str, Any]:
    """Return the object that a JSON file holds; an empty one where it holds none."""
    with suppress(OSError, ValueError, RecursionError):
        if path.is_file() and path.stat().st_size <= _LARGEST:
            values = json.loads(path.read_text(encoding="utf-8"))
            return values if isinstance(values, dict) else {}
    return {}
