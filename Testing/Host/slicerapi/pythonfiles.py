"""Slicer's Python files, read for their functions with argument names and their classes with members."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

ANYTHING = "**"
"""In place of an argument's name: further keywords are taken."""


def read_module(path: Path) -> dict[str, Any]:
    """Return name -> arguments of a function, {member -> arguments} of a class, None of a value."""
    members: dict[str, Any] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            members[node.name] = _arguments(node)
        elif isinstance(node, ast.ClassDef):
            members[node.name] = _class(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            members.update({t.id: None for t in targets if isinstance(t, ast.Name)})
    return {name: value for name, value in members.items() if not name.startswith("_")}


def _arguments(node: ast.FunctionDef) -> list[str]:
    names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs) if a.arg != "self"]
    return names + ([ANYTHING] if node.args.kwarg else [])


def _class(node: ast.ClassDef) -> dict[str, Any]:
    members: dict[str, Any] = {"": [ast.unparse(base) for base in node.bases]}
    for item in node.body:
        if isinstance(item, ast.FunctionDef):
            members[item.name] = _arguments(item)
    for item in ast.walk(node):
        if isinstance(item, ast.Attribute) and isinstance(item.ctx, ast.Store) and ast.unparse(item.value) == "self":
            members.setdefault(item.attr, None)
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            members.setdefault(item.target.id, None)
    return members
