# -*- i18n: disabled -*-
"""The translatable texts of Slicer's module, and the file of their translations.

    python Testing/Tools/translations.py    brings the .ts file up to date and lists what is left to translate

Contexts are Slicer's: the class of a .ui file; for Python the file's name, after its folder's where that is a package.
"""

from __future__ import annotations

import ast
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

MODULE = Path(__file__).resolve().parents[2] / "BrainTumorVAESeg"
TS_FILE = MODULE / "Resources" / "Translations" / "BrainTumorVAESeg_zh-CN.ts"
Texts = dict[str, dict[str, str]]
"""Context -> text in English -> its translation, empty where there is none."""


def context_of(path: Path) -> str:
    """Return the context in which slicer.i18n looks for the texts of a Python file."""
    return f"{path.parent.name}.{path.stem}" if (path.parent / "__init__.py").is_file() else path.stem


def texts_of_python(source: str, context: str, name: str = "") -> Iterator[tuple[str, str]]:
    """Find the texts in calls of `_` and `translate`, as (context, text).

    Raises ValueError where the text is computed, so that nobody could translate it.
    """
    found = sorted((node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)), key=_place)
    for node in found:
        function = node.func.id if isinstance(node.func, ast.Name) else ""
        if function not in ("_", "translate"):
            continue
        texts = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if len(texts) != len(node.args) or len(texts) != (1 if function == "_" else 2):
            raise ValueError(f"{name}:{node.lineno}: the text of {function}() is not a plain string.")
        yield (context, texts[0]) if function == "_" else (texts[0], texts[1])


def _place(node: ast.Call) -> tuple[int, int]:
    return node.lineno, node.col_offset


def texts_of_ui(text: str) -> Iterator[tuple[str, str]]:
    """Find the translatable texts of a .ui file, as (context, text)."""
    root = ET.fromstring(text)
    context = root.findtext("class") or ""
    untranslated = {string for group in root.iter("stringlist") if group.get("notr") == "true" for string in group}
    for string in root.iter("string"):
        if string.text and string.get("notr") != "true" and string not in untranslated:
            yield context, string.text


def translatable_texts(module: Path = MODULE) -> Texts:
    """Find all translatable texts of the module, without translations."""
    found: Texts = {}
    scripts = [module / "BrainTumorVAESeg.py", *sorted((module / "BrainTumorVAESegLib" / "slicer").rglob("*.py"))]
    for path in filter(Path.is_file, scripts):
        for context, text in texts_of_python(path.read_text("utf-8"), context_of(path), path.name):
            found.setdefault(context, {})[text] = ""
    for path in sorted((module / "Resources" / "UI").rglob("*.ui")):
        for context, text in texts_of_ui(path.read_text("utf-8")):
            found.setdefault(context, {})[text] = ""
    return found


def read_ts(path: Path) -> Texts:
    """Read a .ts file; a translation that is not finished counts as none."""
    if not path.is_file():
        return {}
    found: Texts = {}
    for context in ET.parse(path).getroot().iter("context"):
        texts = found.setdefault(context.findtext("name") or "", {})
        for message in context.iter("message"):
            translation = message.find("translation")
            finished = translation is not None and translation.get("type") is None
            texts[message.findtext("source") or ""] = (message.findtext("translation") or "") if finished else ""
    return found


def write_ts(path: Path, texts: Texts) -> None:
    """Write a .ts file, without line numbers, so that it changes only with the texts."""
    lines = ['<?xml version="1.0" encoding="utf-8"?>', "<!DOCTYPE TS>"]
    lines.append(f'<TS version="2.1" language="{path.stem.split("_")[-1]}" sourcelanguage="en-US">')
    for context in sorted(texts):
        lines += ["<context>", f"    <name>{escape(context)}</name>"]
        for source, translation in texts[context].items():
            state = "" if translation else ' type="unfinished"'
            lines += ["    <message>", f"        <source>{escape(source)}</source>"]
            lines += [f"        <translation{state}>{escape(translation)}</translation>", "    </message>"]
        lines.append("</context>")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*lines, "</TS>", ""]), "utf-8")


def main() -> int:
    texts, known = translatable_texts(), read_ts(TS_FILE)
    # A text that moved to another file keeps its translation.
    anywhere = {source: text for context in known.values() for source, text in context.items() if text}
    for context, sources in texts.items():
        for source in sources:
            sources[source] = known.get(context, {}).get(source, "") or anywhere.get(source, "")
    write_ts(TS_FILE, texts)
    left = [(context, source) for context, sources in texts.items() for source, text in sources.items() if not text]
    for context, source in left:
        print(f"{context}: {source!r}")
    print(f"{sum(map(len, texts.values())) - len(left)} of {sum(map(len, texts.values()))} texts are translated.")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
