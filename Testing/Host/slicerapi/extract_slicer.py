"""Write `slicer.json`: what Slicer and CTK have, for the classes and modules that a scripted module may use.

    SLICER_SOURCE=... SLICER_OLDEST=... CTK_SOURCE=... CTK_OLDEST=... python -m slicerapi.extract_slicer

The variables name checkouts: of Slicer, of the oldest Slicer supported, and of CTK as each of them builds it
(SuperBuild/External_CTK.cmake). A class that the checker does not know yet is added to `CLASSES` here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .headers import QtClass, read_classes
from .pythonfiles import read_module

CLASSES = (
    *("ctkCheckBox", "ctkCheckablePushButton", "ctkCollapsibleButton", "ctkCollapsibleGroupBox", "ctkComboBox"),
    *("ctkDirectoryButton", "ctkDoubleSlider", "ctkDoubleSpinBox", "ctkExpandButton", "ctkFittedTextBrowser"),
    *("ctkMessageBox", "ctkPathLineEdit", "ctkPushButton", "ctkRangeWidget", "ctkSliderWidget"),
    *("ctkDoubleRangeSlider", "ctkColorPickerButton", "ctkBasePopupWidget", "ctkPopupWidget", "ctkThumbnailLabel"),
    "ctkDICOMDatabase",
    *("qMRMLWidget", "qMRMLNodeComboBox", "qMRMLSliderWidget", "qMRMLSpinBox", "qMRMLRangeWidget"),
    *("qMRMLTableView", "qMRMLLayoutManager", "qSlicerLayoutManager", "qSlicerWidget", "qSlicerApplication"),
    *("qSlicerCoreApplication", "qSlicerCoreIOManager", "qSlicerIOManager", "qSlicerModuleManager"),
    *("qSlicerAbstractModuleFactoryManager", "qSlicerModuleFactoryManager", "qSlicerExtensionsManagerModel"),
    *("qSlicerAbstractCoreModule", "qSlicerAbstractModule", "qSlicerLoadableModule", "qSlicerScriptedLoadableModule"),
    *("qSlicerAbstractModuleWidget", "qSlicerScriptedLoadableModuleWidget"),
)
MODULES: Mapping[str, str] = MappingProxyType(
    {
        "slicer.util": "Base/Python/slicer/util.py",
        "slicer.i18n": "Base/Python/slicer/i18n.py",
        "slicer.packaging": "Base/Python/slicer/packaging.py",
        "slicer.ScriptedLoadableModule": "Base/Python/slicer/ScriptedLoadableModule.py",
        "SampleData": "Modules/Scripted/SampleData/SampleData.py",
    }
)
_WRAPPER = "Base/Python/slicer/parameterNodeWrapper"
_HEADERS = ("Base/QTCore", "Base/QTGUI", "Libs/MRML/Widgets", "Libs/Core", "Libs/Widgets", "Libs/DICOM/Core")


def read_checkouts(*roots: Path) -> dict[str, Any]:
    """Return the classes and modules of checkouts."""
    headers = [path for root in roots for folder in _HEADERS for path in sorted(Path(root, folder).glob("*.h"))]
    found = read_classes(headers)
    wanted = [name for name in CLASSES if name in found]
    for name in wanted:  # and their base classes, until Qt's
        if found[name].base in found and found[name].base not in wanted:
            wanted.append(found[name].base)
    classes = {name: described(found[name]) for name in wanted}
    modules = {name: read_module(roots[0] / path) for name, path in MODULES.items() if (roots[0] / path).is_file()}
    wrapper: dict[str, Any] = {}
    for path in sorted((roots[0] / _WRAPPER).glob("*.py")):
        wrapper |= read_module(path)
    return {"classes": classes, "modules": modules | {"slicer.parameterNodeWrapper": wrapper}}


def described(cls: QtClass) -> dict[str, Any]:
    """Return a class as JSON has it."""
    result: dict[str, Any] = {"base": cls.base}
    for kind in ("properties", "methods", "signals"):
        result[kind] = " ".join(sorted(getattr(cls, kind)))
    return result | {"returns": dict(sorted(cls.returns.items()))}


def newer(now: dict[str, Any], oldest: dict[str, Any]) -> list[str]:
    """Return what the oldest Slicer lacks, as "slicer.packaging", "slicer.util.name(argument)" or "class.name"."""
    found = [name for name in now["modules"] if name not in oldest["modules"]]
    for name, members in oldest["modules"].items():
        found += _newer_members(name, now["modules"][name], members)
        for member, value in now["modules"][name].items():
            if isinstance(value, dict) and isinstance(members.get(member), dict):
                found += _newer_members(f"{name}.{member}", value, members[member])
    for name, cls in oldest["classes"].items():
        for kind in ("properties", "methods", "signals"):
            lacking = set(now["classes"][name][kind].split()) - set(cls[kind].split())
            found += [f"{name}.{member}" for member in lacking]
    return sorted(found)


def _newer_members(owner: str, now: Mapping[str, Any], oldest: Mapping[str, Any]) -> list[str]:
    """Return the members that are new, and the arguments of functions that are."""
    found = [f"{owner}.{member}" for member in now if member not in oldest]
    for member, arguments in now.items():
        before = oldest.get(member)
        if member and isinstance(arguments, list) and isinstance(before, list):
            found += [f"{owner}.{member}({argument})" for argument in arguments if argument not in before]
    return found


def write_lines(value: Any, depth: int = 2) -> str:
    """Return JSON with a line for each thing down to a depth, so that a change shows as lines."""
    if depth == 0 or not isinstance(value, dict):
        return json.dumps(value)
    lines = [f"{json.dumps(key)}: {write_lines(each, depth - 1)}" for key, each in sorted(value.items())]
    return "{\n" + ",\n".join(lines) + "\n}"


def main() -> None:
    """Write the list."""
    names = ("SLICER_SOURCE", "SLICER_OLDEST", "CTK_SOURCE", "CTK_OLDEST")
    slicer, oldest, ctk, oldest_ctk = (Path(os.environ[name]) for name in names)
    now = read_checkouts(slicer, ctk)
    missing = [name for name in CLASSES if name not in now["classes"]]
    if missing:
        raise SystemExit(f"not found in the checkouts: {', '.join(missing)}")
    now["newer"] = dict.fromkeys(newer(now, read_checkouts(oldest, oldest_ctk)))
    Path(__file__).with_name("slicer.json").write_text(write_lines(now) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
