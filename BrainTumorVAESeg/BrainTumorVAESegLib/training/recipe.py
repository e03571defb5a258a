"""Reading a recipe from a YAML file; an unknown key is an error that names the nearest."""

from __future__ import annotations

import dataclasses
import difflib
import math
import types
import typing
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..core.disk.guarded import UnreadableError, cause_of, fault_of, guarded, parse_yaml, read_regular
from ..core.errors import PackageError, TrainingError
from ..core.resources import resources_folder
from ..core.settings import PRESETS, Preprocessing, StageSettings
from ..core.text import QUOTED, printable, shorten
from ..models.manifest import check_arrangement
from .settings import Recipe

_MOST_NAMED = 5
_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def read_recipe(name_or_path: str | Path) -> Recipe:
    """Read a recipe that ships (by its name) or a file.

    A recipe with a `base`, another recipe's name or file (from its own folder), says only what it changes: tables are
    merged key by key, everything else is replaced. Raises TrainingError for a missing file, key or value.
    """
    path = _find(name_or_path, Path())
    where = printable(path)
    with guarded(lambda reason: TrainingError(f"{where}: is no recipe ({reason}); look at those that ship.")):
        return _build_recipe({"name": printable(path.stem), **_read_values(path, ())}, where)


def _find(name_or_path: str | Path, folder: Path) -> Path:
    path = folder / name_or_path
    if path.suffix not in (".yaml", ".yml"):
        path = resources_folder() / "Recipes" / f"{name_or_path}.yaml"
    fault = fault_of(path) or ("is a folder" if path.is_dir() else None)
    if fault is None:
        return path
    named = shorten(printable(str(name_or_path)))
    if not fault.startswith("does not exist"):
        raise TrainingError(f"{named}: {fault}; give a YAML file.")
    known = ", ".join(sorted(p.stem for p in (resources_folder() / "Recipes").glob("*.yaml")))
    raise TrainingError(f"{named}: no such recipe; give a YAML file or one of {known}.")


def _read_values(path: Path, above: tuple[Path, ...]) -> dict[str, Any]:
    """Return a file's values, those of its base below them; above: the recipes that it is the base of."""
    if path.resolve() in above:
        raise TrainingError(f"{path}: is its own base; name another one.")
    try:
        values = parse_yaml(read_regular(path))
    except OSError as error:
        raise TrainingError(f"{printable(path)}: {cause_of(error)}; give another recipe.") from error
    except UnreadableError as error:
        raise TrainingError(f"{printable(path)}: is not valid YAML ({error}).") from error
    if not isinstance(values, dict):
        raise TrainingError(f"{path}: a recipe is a table of keys and values.")
    base = values.pop("base", None)
    if base is None:
        return values
    if not isinstance(base, str):
        raise TrainingError(f"{path}: base: must be a recipe's name or file, not {shorten(repr(base))}.")
    below = _read_values(_find(base, path.parent), (*above, path.resolve()))
    return _merge({key: value for key, value in below.items() if key != "name"}, values)


def _merge(below: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a table changed by another one."""
    merged = dict(below)
    for key, value in values.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _build_recipe(values: dict[str, Any], where: str) -> Recipe:
    preset = values.pop("preset", "paper")
    if not isinstance(preset, str) or preset not in PRESETS:
        raise TrainingError(
            f"{where}: the preset {shorten(repr(preset))} is not known; known are {', '.join(PRESETS)}."
        )
    changes = dict(_table(values.pop("networks", {}), f"{where}: networks"))
    settings = PRESETS[preset]
    parts: dict[str, type] = {"preprocessing": Preprocessing, "stage1": StageSettings, "stage2": StageSettings}
    for key, kind in parts.items():
        below = getattr(settings, key)
        if key == "stage2" and changes.get(key, below) is None:  # a first stage alone
            changes.pop(key, None)
            settings = replace(settings, stage2=None)
            continue
        place = f"{where}: networks: {key}"
        values_of = dataclasses.asdict(below) if below else {}
        settings = replace(settings, **{key: _build(kind, {**values_of, **_table(changes.pop(key, {}), place)}, place)})
    if changes:
        raise TrainingError(f"{where}: networks: {_unknown(sorted(map(str, changes)), list(parts))}")
    recipe = _build(Recipe, {**values, "settings": settings}, where)
    try:
        check_arrangement(settings, f"{where}: networks")
    except PackageError as error:
        raise TrainingError(
            f"{where}: networks: the numbers do not fit each other or are out of all reason."
        ) from error
    return recipe


def _build(cls: type, values: Mapping[str, Any], where: str) -> Any:
    """Build a frozen class from a table, nested ones and tuples included, every key and kind checked."""
    hints = typing.get_type_hints(cls)
    unknown = sorted(str(key) for key in values if key not in hints)
    if unknown:
        raise TrainingError(f"{where}: {_unknown(unknown, list(hints))}")
    built = {key: _convert(hints[key], value, f"{where}: {key}") for key, value in values.items()}
    try:
        return cls(**built)
    except (ArithmeticError, TypeError, ValueError, PackageError, TrainingError) as error:
        raise TrainingError(f"{where}: {error}") from error


def _convert(hint: Any, value: Any, where: str) -> Any:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if value is None and type(None) in options:
        return None
    kind = next(option for option in options if option is not type(None))
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return value if isinstance(value, kind) else _build(kind, _table(value, where), where)
    if typing.get_origin(kind) is tuple:
        if not isinstance(value, list | tuple):
            raise TrainingError(f"{where}: must be a list, not {shorten(repr(value))}.")
        parts = typing.get_args(kind)
        if parts[-1] is not Ellipsis and len(value) != len(parts):
            raise TrainingError(f"{where}: must be a list of {len(parts)}, not {shorten(repr(value))}.")
        return tuple(_convert(parts[0], item, where) for item in value)
    if kind is float and isinstance(value, str):  # YAML takes 1e-4, without a point, for a text
        with suppress(ValueError):
            value = float(value)
    number = kind is float and isinstance(value, int) and not isinstance(value, bool)
    if not number and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
        raise TrainingError(f"{where}: must be {_KINDS[kind]}, not {shorten(repr(value))}.")
    if kind is float and not math.isfinite(value):
        raise TrainingError(f"{where}: must be a finite number, not {shorten(repr(value))}.")
    return float(value) if kind is float else value


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TrainingError(f"{where}: must be a table of keys and values, not {shorten(repr(value))}.")
    return value


def _unknown(unknown: list[str], known: list[str]) -> str:
    parts = []
    for key in unknown[:_MOST_NAMED]:
        near = difflib.get_close_matches(key[:QUOTED], known, 1)
        parts.append(
            f"unknown key {shorten(repr(key))}"
            + (f", did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}.")
        )
    if len(unknown) > _MOST_NAMED:
        parts.append(f"And {len(unknown) - _MOST_NAMED} more.")
    return " ".join(parts)
