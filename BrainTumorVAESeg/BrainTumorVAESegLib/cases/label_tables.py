"""Which numbering a data set's own table of labels tells, be it value to name, name to value or nested regions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..core.labels import CAVITY_VALUE, ED, ET, LABELS, NCR, LabelConvention

_CAVITY = "RC"


def convention_of_table(table: object) -> LabelConvention | None:
    """Return the numbering that a table such as `{"1": "edema", ...}` or `{"edema": 1, ...}` tells, or None.

    nnU-Net's tables of regions (`{"whole tumor": [1, 2, 3], ...}`) tell it too: what a region has more than the next.
    """
    if not isinstance(table, Mapping):
        return None
    regions = any(isinstance(value, list | tuple) for value in table.values())
    said = _of_regions(table) if regions else dict(_values(table))
    cavity = said.pop(_CAVITY, None)
    for convention in LabelConvention:
        if all(said.get(label.key) == label.values[convention] for label in LABELS):
            if cavity is None:
                return convention
            mine = convention in (LabelConvention.BRATS2023, LabelConvention.BRATS2024)
            return LabelConvention.BRATS2024 if mine and cavity == CAVITY_VALUE else None
    return None


def _values(table: Mapping[Any, Any]) -> Iterator[tuple[str, int]]:
    """Give key and value of each label that a table names, be it value to name or name to value."""
    for key, value in table.items():
        number, name = (key, value) if str(key).isdecimal() else (value, key)
        label = _label_called(str(name).lower())
        if label is not None and str(number).isdecimal():
            yield label, int(number)


def _label_called(name: str) -> str | None:
    if "cavity" in name or name == "rc":
        return _CAVITY
    if "edema" in name or "oedema" in name or "snfh" in name or "hyperintens" in name or name == "ed":
        return ED.key
    if "non" in name or "necro" in name or name in ("ncr", "net", "netc"):
        return NCR.key
    return ET.key if "enhanc" in name or name == "et" else None


def _of_regions(table: Mapping[Any, Any]) -> dict[str, int]:
    """Return the values of the labels by nested regions, where each has just one value more than the next."""
    whole, core, enhancing = (_members(table, *names) for names in (("whole", "wt"), ("core", "tc"), ("enhanc", "et")))
    parts = {ED.key: whole - core, NCR.key: core - enhancing, ET.key: enhancing}
    cavity = _members(table, "cavity", "rc")
    parts |= {_CAVITY: cavity} if cavity else {}
    return {key: next(iter(values)) for key, values in parts.items() if len(values) == 1}


def _members(table: Mapping[Any, Any], word: str, short: str) -> set[int]:
    for name, values in table.items():
        if word in str(name).lower() or str(name).lower() == short:
            several = values if isinstance(values, list | tuple) else [values]
            return {value for value in several if isinstance(value, int)}
    return set()
