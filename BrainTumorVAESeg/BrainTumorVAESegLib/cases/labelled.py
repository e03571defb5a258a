"""A labelled case, and what its name tells: whose it is, and how its data set numbers the labels."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from ..core.errors import InputError
from ..core.labels import LabelConvention
from ..core.modalities import Modality
from ..images.imagefile import ImageSource

_VISITS = (
    re.compile(r"(BraTS-[A-Z]+-\d+)-\d+", re.IGNORECASE),  # BraTS 2023 and later
    re.compile(r"(UPENN-GBM-\d+)_\d+", re.IGNORECASE),
    re.compile(r"(BraTS1\d_.+)_\d+", re.IGNORECASE),  # BraTS 2017 to 2019
    re.compile(r"(sub-[a-z0-9]+)_ses-[a-z0-9]+", re.IGNORECASE),  # BIDS
)
"""Names of cases that end with the number of the visit; what comes before it is the patient's."""
_BRATS2023 = re.compile(r"BraTS-[A-Z]+-\d{5}-(\d)\d\d", re.IGNORECASE)
"""Visits from 100 on are those of BraTS 2024, after an operation."""
_MSD = re.compile(r"BRATS_\d{3}")


@dataclass(frozen=True)
class LabelledCase:
    """A case's folder, its four images and its ground truth.

    patient: shared by the cases of one patient. convention: the ground truth's numbering, or None where the data set
    does not say and the values must tell.
    """

    name: str
    folder: Path
    images: Mapping[Modality, ImageSource]
    segmentation: Path
    patient: str = ""
    convention: LabelConvention | None = None


def patient_of(name: str) -> str:
    """Return the patient whom a case's name tells: the name without its visit, or the whole name."""
    return next((match[1] for visit in _VISITS if (match := visit.fullmatch(name))), name)


def data_set_of(name: str) -> str:
    """Return the data set that a case's name tells: what stands before its first number, such as `BraTS2021`.

    A year or another number that is written on to a word belongs to the word.
    """
    match = re.match(r"(.+?)[-_ ](?:(?:training|validation|testing)[-_ ])?\d", name, re.IGNORECASE)
    return match[1] if match else name


def convention_of(name: str) -> LabelConvention | None:
    """Return the numbering of labels that a case's name tells: BraTS 2023's, BraTS 2024's or MSD's, or None."""
    if match := _BRATS2023.fullmatch(name):
        return LabelConvention.BRATS2023 if match[1] == "0" else LabelConvention.BRATS2024
    return LabelConvention.MSD if _MSD.fullmatch(name) else None


_Case = TypeVar("_Case", bound=LabelledCase)


def with_patients(cases: Sequence[_Case], path: Path) -> list[_Case]:
    """Return the cases with the patients that a CSV file gives them, in its columns case and patient.

    Cases that it does not name keep theirs. Raises InputError where the file is no such table, gives one case two
    patients, or names none of the cases.
    """
    patients = _read_patients(path)
    if cases and not any(case.name in patients for case in cases):
        raise InputError(f"{path}: names none of the {len(cases)} cases, such as {cases[0].name}; check its names.")
    return [replace(case, patient=patients.get(case.name, case.patient)) for case in cases]


def _read_patients(path: Path) -> dict[str, str]:
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            table = csv.DictReader(stream, skipinitialspace=True)
            if not {"case", "patient"} <= set(table.fieldnames or ()):
                raise InputError(f"{path}: has no columns case and patient; name them so in its first line.")
            rows = [((row["case"] or "").strip(), (row["patient"] or "").strip()) for row in table]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: cannot be read as CSV ({error}); give a UTF-8 table of case and patient.") from error
    patients: dict[str, str] = {}
    for case, patient in rows:
        if not case or not patient or patients.setdefault(case, patient) != patient:
            raise InputError(f"{path}: gives {case or 'a line without a case'} no patient or two; give each one.")
    return patients
