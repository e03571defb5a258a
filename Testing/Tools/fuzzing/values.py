"""Hostile values, and ways to put them into plain values and bytes; shared by the kinds that read JSON and YAML."""

from __future__ import annotations

import copy
import random
from typing import Any

HOSTILE: tuple[Any, ...] = (
    10**400, -(10**400), 2**63, -1, 0, 1, 1e308, -0.5, 1e-300, True, False, None, "", " ", "x" * 200_000, "..",
    "../../a", "/etc/passwd", "con", "a\0b", "\ud800", "\u202e", "\x1b[2J", "%s%n", "a\nb", "é" * 300, [], {}, [[]],
    [1], [1] * 5000, {"a": 1}, {"": ""}, {"x" * 100_000: 1}, "nan", "inf", 16, 1024, 10**9, [16, 16, 16], [1e9] * 3,
    "\udcff",
)  # fmt: skip
"""Values of every kind that a field may hold in place of its own."""


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value within plain values, the whole first."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in pairs for place in places(item, (*path, key)))]


def spoil(chance: random.Random, values: Any) -> Any:
    """Change one place of plain values: another value, none, a foreign key, another place, or deep brackets."""
    path = chance.choice(places(values)[1:])
    parent = values
    for key in path[:-1]:
        parent = parent[key]
    what = chance.randrange(8)
    if what == 0:
        del parent[path[-1]]
    elif what == 1 and isinstance(parent, dict):
        parent[chance.choice(("training", "x", "", "a" * 50_000, "sha256", "\ud800"))] = copy.deepcopy(
            chance.choice(HOSTILE)
        )
    elif what == 2:
        other: Any = values
        for key in chance.choice(places(values)[1:])[:2]:
            other = other[key]
        parent[path[-1]] = copy.deepcopy(other)
    elif what == 3:
        deep: Any = 1
        for _ in range(chance.choice((10, 100, 900))):
            deep = [deep]
        parent[path[-1]] = deep
    else:
        parent[path[-1]] = copy.deepcopy(chance.choice(HOSTILE))
    return values


def damage(chance: random.Random, data: bytes) -> bytes:
    """Return bytes with some flipped, cut off, doubled, zeroed or put in."""
    changed = bytearray(data)
    what = chance.randrange(6)
    at = chance.randrange(max(len(changed), 1))
    if what <= 1 and changed:
        changed[at] ^= 1 << chance.randrange(8)
    elif what == 2:
        del changed[at:]
    elif what == 3:
        changed[at:at] = changed[at : at + chance.randrange(1, 2000)]
    elif what == 4:
        end = min(at + chance.randrange(1, 500), len(changed))
        changed[at:end] = bytes(end - at)
    else:
        changed[at:at] = chance.randbytes(chance.randrange(1, 40))
    return bytes(changed)
