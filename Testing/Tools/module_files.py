"""The files of Slicer's module, as BrainTumorVAESeg/CMakeLists.txt has to name them.

    python Testing/Tools/module_files.py    writes the two lists anew from the tree

Slicer copies to its install tree what the lists name, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

MODULE = Path(__file__).resolve().parents[2] / "BrainTumorVAESeg"
LISTING = MODULE / "CMakeLists.txt"
SCRIPTS, RESOURCES = "MODULE_PYTHON_SCRIPTS", "MODULE_PYTHON_RESOURCES"
_BUILT = {"__pycache__", ".mypy_cache", ".ruff_cache", ".DS_Store"}


def module_files(module: Path = MODULE) -> dict[str, list[str]]:
    """Return the module's scripts and its other files, relative to its folder and sorted."""
    paths = [path.relative_to(module) for path in module.rglob("*") if path.is_file()]
    kept = [path for path in paths if not _BUILT.intersection(path.parts) and path.suffix != ".pyc"]
    names = sorted(path.as_posix() for path in kept if path.name != "CMakeLists.txt")
    scripts = [name for name in names if name.endswith(".py") and not name.startswith("Resources/")]
    return {SCRIPTS: scripts, RESOURCES: [name for name in names if name not in scripts]}


def listed_files(text: str, variable: str) -> list[str]:
    """Return the files that a CMakeLists.txt sets a variable to, in its order."""
    match = re.search(rf"^set\({variable}\n(.*?)^  \)", text, re.MULTILINE | re.DOTALL)
    return [line.strip() for line in match[1].splitlines()] if match else []


def with_files(text: str, variable: str, names: Sequence[str]) -> str:
    """Return the text of a CMakeLists.txt with other files in a variable."""
    lines = "".join(f"  {name}\n" for name in names)
    pattern = re.compile(rf"(^set\({variable}\n).*?(^  \))", re.MULTILINE | re.DOTALL)
    return pattern.sub(lambda match: match[1] + lines + match[2], text)


def main() -> None:
    text = LISTING.read_text("utf-8")
    for variable, names in module_files().items():
        text = with_files(text, variable, names)
    LISTING.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
