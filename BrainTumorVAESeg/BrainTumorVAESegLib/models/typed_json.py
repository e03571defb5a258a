"""Whether values read from JSON are what their dataclass says."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from ..core.disk.guarded import UnreadableError, cause_of, guarded, parse_json, read_regular
from ..core.errors import PackageError
from ..core.settings import from_plain
from ..core.wire import is_finite_number

_T = TypeVar("_T")


def fits(value: Any, hint: Any) -> bool:
    """Say whether a value is of a type hint's kind; known are dataclasses, tuples, unions and plain types.

    A whole number is a float as well, a truth value is no number, and floats are finite.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return any(fits(value, argument) for argument in arguments)
    if origin is tuple:
        kinds = arguments[:1] * len(value) if arguments[-1] is Ellipsis and isinstance(value, tuple) else arguments
        return isinstance(value, tuple) and len(value) == len(kinds) and all(map(fits, value, kinds))
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return isinstance(value, hint) and all(fits(getattr(value, key), kind) for key, kind in hints.items())  # type: ignore[arg-type]
    if hint in (int, float):
        return isinstance(value, (int, hint)) and is_finite_number(value)
    return isinstance(value, hint)


def build(cls: type[_T], values: Any, where: str) -> _T:
    """Build a frozen dataclass from JSON values, every value's kind checked.

    Raises PackageError naming where.
    """
    if not isinstance(values, Mapping):
        raise PackageError(f"{where} is not an object; install the package again.")
    with guarded(lambda reason: PackageError(f"{where} is not valid ({reason}); install the package again.")):
        try:
            built = from_plain(cls, values, where)
        except PackageError as error:
            raise error if str(error).startswith(where) else PackageError(f"{where}: {error}") from error
    for key, kind in get_type_hints(cls).items():
        if not fits(getattr(built, key), kind):
            raise PackageError(f"{where}: {key} has a value of a wrong kind; install the package again.")
    return built


def read_json(path: Path, where: str) -> dict[str, Any]:
    """Read a JSON object from a file, without NaN or infinity.

    Raises PackageError naming where if it is missing, too large, no JSON or no object.
    """
    try:
        values = parse_json(read_regular(path))
    except FileNotFoundError as error:
        raise PackageError(f"{where} is missing; install the package again.") from error
    except OSError as error:
        raise PackageError(f"{where} {cause_of(error)}; check its permissions.") from error
    except UnreadableError as error:
        raise PackageError(f"{where} is not valid JSON ({error}); install the package again.") from error
    if not isinstance(values, dict):
        raise PackageError(f"{where} is not a JSON object; install the package again.")
    return values
