"""What the host offers for Slicer's, CTK's and Qt's names, held against the lists: it must not offer what they lack."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .api import Api, UnknownClass
from .pythonfiles import ANYTHING, read_module

_OURS = {"mrml_signals", "staticMetaObject"}
_VIRTUAL = {"paintEvent", "sizeHint", "minimumSizeHint"}  # what Qt calls


def check_classes(classes: Iterable[type], api: Api) -> list[str]:
    """Return what stand-ins of Qt classes have and the real ones lack, or have as something else."""
    problems = []
    for cls in classes:
        try:
            members = api.members(cls.__name__)
        except UnknownClass as error:
            problems.append(f"{error}.")
            continue
        for name, value in vars(cls).items():
            if name.startswith("_") or name in _OURS | _VIRTUAL:
                continue
            kind = {"Property": "property", "Signal": "signal"}.get(type(value).__name__, "method")
            if members.get(name) != kind:
                problems.append(f"{cls.__name__}.{name} is a {kind} here and {members.get(name, 'nothing')} in Slicer.")
        for signature in getattr(cls, "mrml_signals", {}):
            if signature not in api.signals(cls.__name__):
                problems.append(f"{cls.__name__} has no signal {signature}.")
    return problems


def check_modules(folder: Path, api: Api) -> list[str]:
    """Return what the stand-ins of Slicer's Python files have and the real ones lack: names and arguments."""
    problems = []
    for path in sorted(folder.rglob("*.py")):
        name = ".".join(path.relative_to(folder).with_suffix("").parts)
        real = api.modules[name]
        for member, described in read_module(path).items():
            if member not in real:
                problems.append(f"{name} has no {member}.")
            else:
                problems += _compare(f"{name}.{member}", described, real[member])
    return problems


def _compare(label: str, mine: Any, real: Any) -> list[str]:
    if isinstance(mine, list):
        known = real if isinstance(real, list) else []
        return [f"{label} takes no {a}." for a in mine if a not in known and a != ANYTHING and ANYTHING not in known]
    if isinstance(mine, dict) and isinstance(real, dict):
        public = {name: value for name, value in mine.items() if name and not name.startswith("_")}
        return [f"{label} has no {name}." for name in public if name not in real]
    return []
