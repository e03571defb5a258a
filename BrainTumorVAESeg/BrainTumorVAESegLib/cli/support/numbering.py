"""How the labels of label maps were told, and which hold a resection cavity: said to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_NAMED = 10


def numbering_items(cases: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Give a label and a text for each thing to say of the cases' plain values (see `evaluation.records.to_plain`)."""
    sides = list(dict.fromkeys(side for case in cases for side in case["numbering"]))
    told = []
    for side in sides:
        counts = Counter(case["numbering"][side] for case in cases)
        numbers = [name if len(counts) == 1 else f"{name} ({times})" for name, times in counts.most_common()]
        told.append(f"{side} {', '.join(numbers)}")
    if told:
        yield "labels", "; ".join(told)
    for side in sides:
        held = [f"{case['name']} {case['cavity_ml'][side]:.1f} ml" for case in cases if side in case["cavity_ml"]]
        if held:
            rest = f" and {len(held) - _NAMED} more" if len(held) > _NAMED else ""
            by_number = any(case["numbering"][side] == "brats2024" for case in cases)
            option = "--labels" if side == "prediction" else "--truth-labels"
            yield (
                "note",
                f"{side}: a resection cavity{' (label 4)' if by_number else ''} is in no region and was left out:"
                f" {', '.join(held[:_NAMED])}{rest}."
                + (f" If 4 is enhancing tumor, give {option} brats2021." if by_number else ""),
            )
