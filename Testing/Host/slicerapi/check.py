"""The checker: a module's code against what Slicer, CTK and Qt have."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .api import Api, UnknownClass
from .pythonfiles import ANYTHING

_SELVES = ("ui", "_ui")


@dataclass(frozen=True)
class Thing:
    """What an expression stands for.

    kind: "module", "class", "object" (of a Qt class), "method", "signal", "property", "function", "python class",
    "python object", "ui" (the widgets by name). owner: the module or class it belongs to. name: its own.
    """

    kind: str
    owner: str = ""
    name: str = ""


def check_code(path: Path, api: Api, widgets: Mapping[str, str], wheel: Any = None) -> list[str]:
    """Return what a Python file uses that does not exist, one sentence each with file and line.

    Args:
        path: The file.
        api: The lists.
        widgets: The classes of the .ui file's widgets by name.
        wheel: The module `slicer` of the slicer-core wheel, whose vtk classes are real.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    first = _Checker(path, api, widgets, wheel, {})
    first.visit(tree)
    second = _Checker(path, api, widgets, wheel, first.attributes)
    second.visit(tree)
    return list(dict.fromkeys(second.problems))


class _Checker(ast.NodeVisitor):
    """Walks a file; what `self.x` stands for is gathered in a first walk and known in the second."""

    def __init__(self, path: Path, api: Api, widgets: Mapping[str, str], wheel: Any, known: dict[str, Thing]) -> None:
        self.path, self.api, self.widgets, self.wheel, self.known = path, api, widgets, wheel, known
        self.text = path.read_text(encoding="utf-8")
        self.attributes: dict[str, Thing] = {}
        self.problems: list[str] = []
        self.names: dict[str, Thing] = {}
        self.class_name = ""
        self.seen: dict[int, Thing | None] = {}

    # Names and scopes

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.name in ("slicer", "qt", "ctk", *self.api.modules):
                self._use_module(alias.name, node)
                name = alias.asname or alias.name.split(".")[0]
                self.names[name] = Thing("module", name=alias.name if alias.asname else name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level == 0 and node.module in ("slicer", "qt", "ctk", *self.api.modules):
            self._use_module(node.module, node)
            for alias in node.names:
                thing = self._member_of_module(node.module, alias.name, node)
                if thing is not None:
                    self.names[alias.asname or alias.name] = thing

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        before, self.class_name = self.class_name, node.name
        self.generic_visit(node)
        self.class_name = before

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        before = dict(self.names)
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            self.names.pop(argument.arg, None)
            thing = Thing("ui") if argument.arg in _SELVES else self._annotated(argument.annotation)
            self._bind(argument.arg, thing)
        self.generic_visit(node)
        self.names = before

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._assign(target, node.value)
            self.visit(target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.generic_visit(node)
        thing = self._annotated(node.annotation) or (self.resolve(node.value) if node.value else None)
        self._bind(ast.unparse(node.target), thing)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for each, its_value in zip(target.elts, value.elts, strict=True):
                self._assign(each, its_value)
        elif isinstance(target, ast.Name | ast.Attribute):
            self._bind(ast.unparse(target), self.resolve(value))

    def _bind(self, name: str, thing: Thing | None) -> None:
        store = self.names
        if name.startswith("self."):
            store, name = self.attributes, f"{self.class_name}.{name.removeprefix('self.')}"
        if thing is not None:
            store[name] = thing
        elif store is self.names:
            store.pop(name, None)

    def _annotated(self, annotation: ast.expr | None) -> Thing | None:
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            annotation = ast.parse(annotation.value, mode="eval").body
        if isinstance(annotation, ast.BinOp):  # a class or None
            annotation = annotation.left
        thing = self.resolve(annotation) if isinstance(annotation, ast.Name | ast.Attribute) else None
        return Thing("object", name=thing.name) if thing is not None and thing.kind == "class" else None

    # Uses

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self.generic_visit(node)
        thing = self.resolve(node)
        owner = self.resolve(node.value)
        stored = isinstance(node.ctx, ast.Store) and owner is not None and owner.kind == "object"
        if stored and thing is not None and thing.kind != "property":
            self._say(node, f"{owner.name}.{node.attr} is a {thing.kind}, not a property, and cannot be set")

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        thing = self.resolve(node.func)
        if thing is None:
            self._check_getattr(node)
        elif thing.kind == "property":
            self._say(node, f"{thing.owner}.{thing.name} is a property in PythonQt and is not called")
        elif thing.kind in ("function", "unbound", "python class"):
            self._check_keywords(node, thing)
        elif thing.kind == "method" and thing.name in ("connect", "disconnect"):
            self._check_signature(node, thing.owner)

    def _check_getattr(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) == 2:
            owner, name = node.args
            if isinstance(name, ast.Constant):
                self._member(self.resolve(owner), str(name.value), node)

    def _check_keywords(self, node: ast.Call, thing: Thing) -> None:
        described = self._described(thing)
        if isinstance(described, dict):
            described = described.get("__init__")
        label = f"{thing.owner}.{thing.name}"
        for keyword in node.keywords:
            new = keyword.arg if keyword.arg in (described or ()) else ANYTHING
            if keyword.arg and f"{label}({new})" in self.api.newer:
                self._say(node, f"{label} takes no {keyword.arg} in the oldest Slicer supported")
        if not isinstance(described, list) or ANYTHING in described:
            return
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg not in described:
                self._say(node, f"{label} takes no keyword {keyword.arg}; it takes {', '.join(described)}")
        if (
            thing.kind != "unbound"
            and len(node.args) > len(described)
            and not any(isinstance(a, ast.Starred) for a in node.args)
        ):
            self._say(node, f"{label} takes {len(described)} values, not {len(node.args)}")

    def _check_signature(self, node: ast.Call, owner: str) -> None:
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            signature = node.args[0].value
            if signature.replace(" ", "") not in self.api.signals(owner):
                self._say(node, f"{owner} has no signal {signature} in both Qt 5 and Qt 6")
            elif self.api.is_newer(owner, signature):
                self._check_guard(node, owner, signature)

    # What an expression stands for

    def resolve(self, node: ast.expr | None) -> Thing | None:
        """Return what an expression stands for, None where that is not known."""
        if node is None:
            return None
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if id(node) not in self.seen or isinstance(node, ast.Attribute | ast.Call):
            self.seen[id(node)] = self._resolve(node)
        return self.seen[id(node)]

    def _resolve(self, node: ast.expr) -> Thing | None:
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == "self":
                mine = f"{self.class_name}.{node.attr}"
                thing = self.attributes.get(mine) or self.known.get(mine)
                return thing or (Thing("ui") if node.attr in _SELVES else None)
            return self._member(self.resolve(node.value), node.attr, node)
        if isinstance(node, ast.Call):
            thing = self.resolve(node.func)
            if thing is not None and thing.kind == "class":
                return Thing("object", name=thing.name)
            if thing is not None and thing.kind == "python class":
                return Thing("python object", thing.owner, thing.name)
            if thing is not None and thing.kind == "method":
                returned = self.api.returned(thing.owner, thing.name)
                return Thing("object", name=returned) if returned in self.api.classes else None
        return None

    def _member(self, owner: Thing | None, name: str, node: ast.AST) -> Thing | None:
        if owner is None:
            return None
        if owner.kind == "module":
            return self._member_of_module(owner.name, name, node)
        if owner.kind == "ui":
            if name not in self.widgets:
                self._say(node, f"the .ui file has no widget {name}")
                return None
            return Thing("object", name=self.widgets[name])
        if owner.kind in ("object", "class"):
            return self._member_of_class(owner, name, node)
        if owner.kind == "signal" and name == "connect" and self.api.is_overloaded(owner.owner, owner.name):
            label = f"{owner.owner}.{owner.name}"
            self._say(node, f"{label} is overloaded in Qt 5 or Qt 6: connect by signature")
        if owner.kind in ("python class", "python object"):
            return self._member_of_python_class(owner, name, node)
        return None

    def _member_of_module(self, module: str, name: str, node: ast.AST) -> Thing | None:
        if module == "slicer":
            return self._member_of_slicer(name, node)
        if module in ("qt", "ctk"):
            return self._class(name, node)
        if name not in self.api.modules[module]:
            self._say(node, f"{module} has no {name}")
            return None
        if self.api.is_newer(module, name):
            self._check_guard(node, module, name)
        described = self.api.modules[module][name]
        if described is None:
            return None
        return Thing("python class" if isinstance(described, dict) else "function", module, name)

    def _member_of_slicer(self, name: str, node: ast.AST) -> Thing | None:
        if f"slicer.{name}" in self.api.modules:
            self._use_module(f"slicer.{name}", node)
            return Thing("module", name=f"slicer.{name}")
        if name == "app":
            return Thing("object", name="qSlicerApplication")
        if name.startswith(("qMRML", "qSlicer")):
            return self._class(name, node)
        if name.startswith(("vtkMRML", "vtkSlicer", "vtkSeg", "vtkOriented", "vtk")) and self.wheel is not None:
            if not hasattr(self.wheel, name):
                self._say(node, f"slicer has no {name}")
        elif name not in ("mrmlScene", "modules", "moduleNames", "selfTests", "cli", "testing"):
            self._say(node, f"slicer has no {name}")
        return None

    def _class(self, name: str, node: ast.AST) -> Thing | None:
        try:
            self.api.members(name)
        except UnknownClass as error:
            self._say(node, str(error))
            return None
        return Thing("class", name=name)

    def _member_of_class(self, owner: Thing, name: str, node: ast.AST) -> Thing | None:
        try:
            members = self.api.members(owner.name)
        except UnknownClass as error:
            self._say(node, str(error))
            return None
        if name not in members:
            self._say(node, f"{owner.name} has no {name} that PythonQt shows in both Qt 5 and Qt 6")
            return None
        if owner.kind == "class":
            return None
        if self.api.is_newer(owner.name, name):
            self._check_guard(node, owner.name, name)
        return Thing(members[name], owner.name, name)

    def _member_of_python_class(self, owner: Thing, name: str, node: ast.AST) -> Thing | None:
        members = self.api.modules[owner.owner][owner.name]
        if name not in members:
            if members[""] in ([], ["abc.ABC"]) and not name.startswith("__"):
                self._say(node, f"{owner.owner}.{owner.name} has no {name}")
            return None
        if f"{owner.owner}.{owner.name}.{name}" in self.api.newer:
            self._check_guard(node, f"{owner.owner}.{owner.name}", name)
        return Thing("function" if owner.kind == "python object" else "unbound", f"{owner.owner}.{owner.name}", name)

    def _described(self, thing: Thing) -> Any:
        module, _, class_name = thing.owner.rpartition(".")
        if thing.owner in self.api.modules:
            return self.api.modules[thing.owner][thing.name]
        return self.api.modules[module][class_name][thing.name]

    # What is said

    def _use_module(self, name: str, node: ast.AST) -> None:
        if name in self.api.newer:
            owner, _, module = name.rpartition(".")
            self._check_guard(node, owner, module)

    def _check_guard(self, node: ast.AST, owner: str, name: str) -> None:
        asked = re.search(
            rf"(hasattr|getattr|find_spec)\([^)]*[\"'.]{re.escape(name.partition('(')[0])}[\"']", self.text
        )
        if asked is None and "except ImportError" not in self.text:
            self._say(node, f"{owner}.{name} is newer than the oldest Slicer supported: ask with hasattr first")

    def _say(self, node: ast.AST, what: str) -> None:
        self.problems.append(f"{self.path.name}:{getattr(node, 'lineno', 0)}: {what}.")
