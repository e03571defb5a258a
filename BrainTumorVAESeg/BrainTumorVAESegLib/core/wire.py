"""Frozen dataclasses as plain JSON values and back, every value's kind checked against the class's annotations.

Known are dataclasses, tuples, mappings, enumerations of strings, unions and plain types.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from .disk.guarded import reason_of
from .text import shorten


class WireError(ValueError):
    """A value is not of the kind that its class says; the message names it, without a full stop."""


def to_wire(value: Any) -> Any:
    """Return a value as plain JSON values."""
    if dataclasses.is_dataclass(value):
        return {key.name: to_wire(getattr(value, key.name)) for key in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_wire(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_wire(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return str(value) if isinstance(value, StrEnum) else value


def from_wire(kind: Any, value: Any, where: str) -> Any:
    """Build what an annotation says from plain JSON values; where names the value in messages.

    A whole number is a float as well, a truth value is no number, and floats are finite. Raises WireError.
    """
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(get_args(kind), value, where)
    if origin is tuple:
        return _tuple(get_args(kind), value, where)
    if origin is Mapping:
        return _mapping(get_args(kind), value, where)
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, value, where)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if isinstance(value, str) and value in tuple(kind):
            return kind(value)
    elif kind is float:
        if is_finite_number(value):
            return float(value)
    elif type(value) is kind:
        return value
    raise WireError(f"{where} is not of its kind ({getattr(kind, '__name__', kind)})")


def is_finite_number(value: Any) -> bool:
    """Say whether a value is a number that a float can hold; a truth value is none."""
    try:
        return type(value) in (int, float) and math.isfinite(value)
    except OverflowError:
        return False


def _union(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    rest = [kind for kind in kinds if kind is not type(None)]
    for kind in rest[:-1]:
        try:
            return from_wire(kind, value, where)
        except WireError:
            continue
    return from_wire(rest[-1], value, where)


def _tuple(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise WireError(f"{where} is not a list")
    if kinds[-1] is Ellipsis:
        kinds = kinds[:1] * len(value)
    if len(kinds) != len(value):
        raise WireError(f"{where} has {len(value)} values, not {len(kinds)}")
    pairs = enumerate(zip(kinds, value, strict=True))
    return tuple(from_wire(kind, item, f"{where}[{n}]") for n, (kind, item) in pairs)


def _mapping(kinds: tuple[Any, ...], value: Any, where: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise WireError(f"{where} is not an object")
    return {
        from_wire(kinds[0], key, f"a key of {where}"): from_wire(kinds[1], item, f"{where}.{shorten(key)}")
        for key, item in value.items()
    }


def _dataclass(cls: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise WireError(f"{where} is not an object")
    hints = _hints(cls)
    unknown = sorted(set(value) - set(hints))
    if unknown:
        raise WireError(f"{where} has no {shorten(', '.join(unknown))}")
    built = {key: from_wire(hints[key], item, f"{where}.{key}") for key, item in value.items()}
    try:
        return cls(**built)
    except Exception as error:
        missing = [key.name for key in dataclasses.fields(cls) if _needed(key) and key.name not in built]
        if missing:
            raise WireError(f"{where} lacks {', '.join(missing)}") from error
        raise WireError(f"{where} is not valid: {reason_of(error)}") from error


def _needed(key: dataclasses.Field[Any]) -> bool:
    return key.default is dataclasses.MISSING and key.default_factory is dataclasses.MISSING


@cache
def _hints(cls: type[Any]) -> dict[str, Any]:
    return get_type_hints(cls)
