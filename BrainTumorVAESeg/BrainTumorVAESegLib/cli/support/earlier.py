"""A benchmark's figures beside those of an earlier one, by ratios, so that another day's machine can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.disk.guarded import UnreadableError, cause_of, parse_json, read_regular
from ...core.errors import InputError
from ...core.text import printable


@dataclass(frozen=True)
class Change:
    """A side's time and memory over the public side's, then and now; None where there was no such side then."""

    side: str
    time: float
    memory: float
    time_then: float | None = None
    memory_then: float | None = None


def read_earlier(path: Path) -> dict[str, Any]:
    """Return what `benchmark --save` wrote. Raises InputError where the file is not such a one."""
    try:
        found = parse_json(read_regular(path))
        for side in found["sides"]:
            float(side["time_ratio"]), float(side["memory_ratio"]), str(side["side"])
    except (OSError, UnreadableError) as error:
        raise InputError(f"{printable(path)} {cause_of(error)}; give what benchmark --save wrote.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{printable(path)} is no benchmark; give what benchmark --save wrote.") from error
    return dict(found)


def compare_sides(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[Change]:
    """Return each side of today's figures with those of the same side then."""
    before = {side["side"]: side for side in then["sides"]}
    changes = []
    for side in now["sides"]:
        old = before.get(side["side"], {})
        changes.append(
            Change(
                side["side"], side["time_ratio"], side["memory_ratio"], old.get("time_ratio"), old.get("memory_ratio")
            )
        )
    return changes
