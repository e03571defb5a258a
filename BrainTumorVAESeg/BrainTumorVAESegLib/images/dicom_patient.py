"""Who was examined and when, as a DICOM file tells it (pydicom)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.text import shorten


@dataclass(frozen=True)
class Patient:
    """Who was examined and when; what is not known is empty. Dates are written 2026-11-28."""

    name: str = ""
    number: str = ""
    birth_date: str = ""
    study_date: str = ""


def read_patient(path: Path) -> Patient:
    """Read the patient of a DICOM file; what it does not tell is empty. Raises OSError, InvalidDicomError."""
    from pydicom import dcmread

    data = dcmread(path, stop_before_pixels=True, specific_tags=list(_TAGS))
    name, number, born, examined = (_text(data, tag) for tag in _TAGS)
    words = " ".join(part for part in name.split("=")[0].split("^") if part)
    return Patient(words, number, _date(born), _date(examined))


_TAGS = ("PatientName", "PatientID", "PatientBirthDate", "StudyDate")


def _text(data: Any, name: str) -> str:
    return shorten(str(data.get(name) or "").strip())


def _date(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdigit() else text
