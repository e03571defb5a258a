"""C++ headers of Qt classes, read for what PythonQt shows of a class: properties, slots, invokables and signals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_CLASS = re.compile(r"class\s+(?:\w+_EXPORT\s+)?(\w+)\s*(?:final\s*)?:\s*public\s+(\w+)[^{;]*\{")
_SECTION = re.compile(r"^\s*(public|protected|private|signals|Q_SIGNALS)\s*(slots|Q_SLOTS)?\s*:(?!:)")
_FUNCTION = re.compile(r"^(?P<before>[\w\s:<>,*&]*?)\b(?P<name>\w+)\s*\((?P<arguments>.*)\)\s*(const)?\s*(override)?")
_POINTER = re.compile(r"\b((?:q|ctk)\w+)\s*\*\s*$")


@dataclass
class QtClass:
    """What Python sees of a class; signals carry their normalized signature.

    returns: method -> class of the object that it returns a pointer to.
    """

    base: str
    properties: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    signals: set[str] = field(default_factory=set)
    returns: dict[str, str] = field(default_factory=dict)


def read_classes(paths: list[Path]) -> dict[str, QtClass]:
    """Return the classes of headers by name, with what PythonQt's decorators add to them."""
    classes: dict[str, QtClass] = {}
    decorators = []
    for path in paths:
        text = _COMMENT.sub("", path.read_text(encoding="utf-8", errors="replace"))
        if path.stem.endswith("PythonQtDecorators"):
            decorators.append(text)
            continue
        for match in _CLASS.finditer(text):
            body = _body(text, match.end())
            if "Q_OBJECT" in body:
                classes[match[1]] = _read_class(match[2], body)
    for text in decorators:
        _decorate(classes, text)
    return classes


def _body(text: str, start: int) -> str:
    depth = 1
    for index in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return text[start:index]
    return text[start:]


def _read_class(base: str, body: str) -> QtClass:
    result = QtClass(base)
    result.properties |= set(re.findall(r"Q_PROPERTY\(\s*[\w:<>]+\s*\*?\s*(\w+)", body))
    for section, statement in _statements(body):
        match = _FUNCTION.match(statement.replace("Q_INVOKABLE", "").strip())
        if match is None or "operator" in statement:
            continue
        name, before = match["name"], match["before"]
        if section == "signals":
            result.signals |= _signatures(name, match["arguments"])
        elif section == "public slots" or (section == "public" and "Q_INVOKABLE" in statement):
            result.methods.add(name)
            pointer = _POINTER.search(before)
            if pointer:
                result.returns[name] = pointer[1]
    return result


def _statements(body: str) -> Iterator[tuple[str, str]]:
    body = re.sub(r"\b(Q_OBJECT|Q_DECLARE_PRIVATE\(\w+\);?|Q_DISABLE_COPY\(\w+\);?|QVTK_OBJECT)", "", body)
    body = re.sub(r"^\s*#[^\n]*", "", body, flags=re.MULTILINE)
    body = re.sub(r"Q_(PROPERTY|ENUM|ENUMS|FLAG|FLAGS|CLASSINFO)\([^\n]*\)", "", body)
    section, lines = "private", []
    for line in body.splitlines():
        match = _SECTION.match(line)
        if match:
            section = "signals" if match[1] in ("signals", "Q_SIGNALS") else match[1] + (" slots" if match[2] else "")
            line = line[match.end() :]
            lines = []
        lines.append(line)
        if line.rstrip().endswith((";", "}")):
            yield section, " ".join(" ".join(lines).split())
            lines = []


def _signatures(name: str, arguments: str) -> set[str]:
    """Return a signal's normalized signatures, one for each number of arguments that may be given."""
    parts = [part.strip() for part in _split(arguments)]
    types = [_normalized(part.split("=")[0]) for part in parts]
    needed = sum("=" not in part for part in parts)
    return {f"{name}({','.join(types[:count])})" for count in range(needed, len(types) + 1)}


def _split(arguments: str) -> list[str]:
    depth, parts = 0, [""]
    for character in arguments:
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part.strip() and part.strip() != "void"]


def _normalized(argument: str) -> str:
    text = re.sub(r"\bconst\b(?=.*&)", "", argument).replace("&", " ").strip()
    match = re.match(r"^((?:const\s+|unsigned\s+|long\s+)*[\w:]+(?:\s*<.*>)?\s*\**)\s*\w*$", text)
    return re.sub(r"\s*([*<>,])\s*", r"\1", match[1] if match else text).strip()


def _decorate(classes: dict[str, QtClass], text: str) -> None:
    """Add the functions of a decorator class: the first argument is the object, static ones carry the class's name."""
    for match in re.finditer(r"\bstatic_([A-Za-z]+)_(\w+)\s*\(", text):
        if match[1] in classes:
            classes[match[1]].methods.add(match[2])
    for match in re.finditer(r"\b(\w+)\s*\(\s*(\w+)\s*\*\s*\w+\s*[,)]", text):
        if match[2] in classes:
            classes[match[2]].methods.add(match[1])
