# ruff: noqa: N801, N802, N815 (the names are CTK's)
"""A DICOM database made of files, as Slicer's answers: values of an instance by tag, and its file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Property, QObject


class ctkDICOMDatabase(QObject):
    """Holds the headers of files that are put in; sequences are not looked into, as by CTK's."""

    def __init__(self) -> None:
        super().__init__()
        self._open = False
        self._files: dict[str, str] = {}
        self._headers: dict[str, Any] = {}

    isOpen = Property(bool, lambda self: self._open)

    def openDatabase(self, path: str) -> bool:
        self._open = True
        return True

    def closeDatabase(self) -> None:
        self._open = False

    def insert(self, path: str) -> None:
        import pydicom

        data = pydicom.dcmread(path, stop_before_pixels=True)
        self._files[str(data.SOPInstanceUID)] = str(Path(path))
        self._headers[str(data.SOPInstanceUID)] = data

    def instancesForSeries(self, series: str) -> tuple[str, ...]:
        found = {uid: data for uid, data in self._headers.items() if data.SeriesInstanceUID == series}
        return tuple(sorted(found, key=lambda uid: found[uid].get("InstanceNumber") or 0))

    def fileForInstance(self, uid: str) -> str:
        return self._files.get(uid, "")

    def instanceValue(self, uid: str, tag: str) -> str:
        import pydicom

        element = self._headers.get(uid, {}).get(pydicom.tag.Tag(tag.replace(",", "")))
        if element is None or element.VR == "SQ" or element.value is None:
            return ""
        values = element.value if element.VM > 1 else [element.value]
        return "\\".join(str(value) for value in values)
