"""Whose examination a series is of, as its files say it, made fit to be written into other objects of the study."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any

from ..images.opening import read_error
from .library import quietly

_ALWAYS = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID",
    "AccessionNumber", "ReferringPhysicianName",
)  # fmt: skip
"""What every object of a study must hold, if only empty."""
_WHERE_TOLD = ("IssuerOfPatientID", "PatientAge", "PatientWeight", "StudyDescription")
_LONGEST = {"LO": 64, "PN": 64, "SH": 16}
"""Characters of a value, of a name those of one of its three forms. Source: DICOM PS3.5 6.2."""
_FORMS = {
    "DA": r"\d{8}",
    "TM": r"([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?",
    "CS": "[MFO]",  # of all, only the sex
    "AS": r"\d{3}[DWMY]",
    "DS": r"\d{1,4}(\.\d{1,10})?",
}


def read_identity(path: Path) -> tuple[Any, tuple[str, ...]]:
    """Return patient and study of a DICOM file as a pydicom Dataset, in UTF-8, and the names of what had to be mended.

    Control characters go, what is too long is cut, and a date, time, sex, age or weight that is none is left empty.
    Raises InputError where the file can no longer be read.
    """
    import pydicom

    try:
        with quietly():
            data = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=[*_ALWAYS, *_WHERE_TOLD])
            told = {keyword: _told(data, keyword) for keyword in (*_ALWAYS, *_WHERE_TOLD)}
    except OSError as error:
        raise read_error(path, error) from error
    result = pydicom.Dataset()
    result.SpecificCharacterSet = "ISO_IR 192"
    mended = []
    for keyword, text in told.items():
        fit = _fit(pydicom.datadict.dictionary_VR(keyword), text)
        if fit or keyword in _ALWAYS:
            setattr(result, keyword, fit)
        if fit != text:
            mended.append(keyword)
    return result, tuple(mended)


def _told(data: Any, keyword: str) -> str:
    """Return a value as text, "" where there is none; parts of one that a backslash divides stand side by side."""
    try:
        value = data.get(keyword)
    except Exception:  # pydicom converts a value when it is asked for, and fails in many ways
        return "\0"
    if value is None or isinstance(value, str):
        return str(value or "")
    return "\\".join(map(str, value)) if hasattr(value, "append") else str(value)


def _fit(kind: str, text: str) -> str:
    """Return what may be written of a text as a value of a kind (DICOM's value representations)."""
    if kind in _FORMS:
        text = text.strip()
        return text if re.fullmatch(_FORMS[kind], text) and (kind != "DA" or _is_date(text)) else ""
    clean = "".join(char for char in text.replace("\\", " ") if unicodedata.category(char) not in ("Cc", "Cs"))
    longest = _LONGEST.get(kind)
    if kind == "PN":
        return "=".join(form[:longest] for form in clean.split("=")[:3])
    return clean[:longest]


def _is_date(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y%m%d")
    except ValueError:
        return False
    return True
