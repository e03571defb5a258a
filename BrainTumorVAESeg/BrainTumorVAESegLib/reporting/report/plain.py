"""Values from a result's JSON, whatever they are, as what a page can lay out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.wire import is_finite_number


def as_mapping(value: Any) -> Mapping[str, Any]:
    """Return a value that is a mapping, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def as_sequence(value: Any) -> Sequence[Any]:
    """Return a value that is a list or a tuple, else an empty one."""
    return value if isinstance(value, list | tuple) else ()


def as_number(value: Any) -> float:
    """Return a value that is a finite number, else 0."""
    return float(value) if is_finite_number(value) else 0.0
