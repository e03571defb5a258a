"""The lists of what exists, to be asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OF_PYTHONQT = {"name": "property"} | dict.fromkeys(("className", "connect", "delete", "disconnect"), "method")
"""What PythonQt gives to every QObject."""


class UnknownClass(LookupError):  # noqa: N818
    """A class that the lists do not hold; the message says how to extend them."""

    def __init__(self, name: str) -> None:
        script = "slicerapi.extract_slicer" if name.startswith(("ctk", "qMRML", "qSlicer")) else "slicerapi.extract_qt"
        super().__init__(f"{name} is not in the lists; add it to CLASSES in {script} and run that")


@dataclass(frozen=True)
class Api:
    """What Slicer, CTK and Qt have.

    classes: by name, {"base", "properties", "methods", "signals", ...}. modules: Python modules by name, their members
    by name: the arguments of a function, the members of a class, or None. newer: what the oldest Slicer lacks.
    """

    classes: dict[str, dict[str, Any]]
    modules: dict[str, dict[str, Any]]
    newer: frozenset[str]

    @classmethod
    def load(cls) -> Api:
        """Read the committed lists."""
        slicer = json.loads((HERE / "slicer.json").read_text(encoding="utf-8"))
        qt = json.loads((HERE / "qt.json").read_text(encoding="utf-8"))
        return cls(qt | slicer["classes"], slicer["modules"], frozenset(slicer["newer"]))

    @cached_property
    def _members(self) -> dict[str, dict[str, str]]:
        return {}

    def members(self, class_name: str) -> dict[str, str]:
        """Return name -> "property", "method" or "signal" of all members of a class; signals without arguments."""
        if class_name not in self._members:
            if class_name not in self.classes:
                raise UnknownClass(class_name)
            own = self.classes[class_name]
            found = self.members(own["base"]) if own["base"] else {}
            kinds = {"signals": "signal", "methods": "method", "properties": "property"}
            for kind, name in kinds.items():
                found = found | {member.partition("(")[0]: name for member in own[kind].split()}
            self._members[class_name] = found | (OF_PYTHONQT if class_name == "QObject" else {})
        return self._members[class_name]

    def line_of(self, class_name: str) -> list[str]:
        """Return a class and its base classes."""
        line = [class_name]
        while self.classes.get(line[-1], {}).get("base"):
            line.append(self.classes[line[-1]]["base"])
        return line

    def signals(self, class_name: str) -> set[str]:
        """Return the signatures of a class's signals."""
        return {s for name in self.line_of(class_name) for s in _signatures(self.classes[name]["signals"])}

    def is_overloaded(self, class_name: str, signal: str) -> bool:
        """Say whether a signal's name stands for several in Qt 5 or Qt 6."""
        for name in self.line_of(class_name):
            own = self.classes[name]
            here = [s for s in _signatures(own["signals"]) if s.startswith(f"{signal}(") and not s.endswith("()")]
            if signal in own.get("overloaded", "").split() or len(here) > 1:
                return True
        return False

    def returned(self, class_name: str, method: str) -> str:
        """Return the class of the object that a method returns, "" where it is not known."""
        found = (self.classes[name].get("returns", {}).get(method, "") for name in self.line_of(class_name))
        return next((name for name in found if name), "")

    def is_newer(self, owner: str, name: str) -> bool:
        """Say whether the oldest Slicer lacks a member of a module or of a class."""
        return any(f"{each}.{name}" in self.newer for each in self.line_of(owner))


def _signatures(text: str) -> list[str]:
    return text.replace("unsigned ", "unsigned_").split()
