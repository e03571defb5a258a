"""The case that a command was given: four files, or the series of one DICOM study; read, and told of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ...cohort.summary import describe_images, describe_series
from ...core.modalities import Modality
from .dependencies import require
from .inputs import CaseFiles, require_name
from .screen import Screen

if TYPE_CHECKING:
    from ...cases.dicom_choice import SeriesChoice
    from ...core.volume import Study
    from ...images.dicom import DicomSeries
    from ...images.dicom_patient import Patient


@dataclass(frozen=True)
class DicomCase:
    """A case's name, and the series that are its images."""

    name: str
    choice: SeriesChoice


GivenCase = CaseFiles | DicomCase


def choose_dicom(
    folder: Path,
    case_folder: Path | None,
    given: Mapping[Modality, Sequence[Path]],
    name: str | None,
    frames: str | None,
    optional: Callable[[], Collection[Modality]],
) -> DicomCase:
    """Return the case in a folder of DICOM files, called as the folder unless it has a name.

    given: UIDs or numbers of series. case_folder, frames: what does not go with it. Raises typer.BadParameter and
    InputError.
    """
    if case_folder is not None or frames is not None:
        raise typer.BadParameter("--dicom goes with neither a case's folder nor --frames; give one of them.")
    require_name(name)
    choice = _choose_series(folder, given, optional)
    from ...cases.naming import case_name

    return DicomCase(name or case_name(folder), choice)


def _choose_series(
    folder: Path, given: Mapping[Modality, Sequence[Path]], optional: Callable[[], Collection[Modality]]
) -> SeriesChoice:
    """Return the series of one study that are its images."""
    require("pydicom")
    from ...cases.dicom_choice import choose_series
    from ...images.dicom import find_series, require_one_study

    twice = [str(modality) for modality, names in given.items() if len(names) > 1]
    if twice:
        raise typer.BadParameter(f"{', '.join(twice)} was given twice; give one series for each modality.")
    series = find_series(folder)
    require_one_study(folder, series)
    return choose_series(series, {m: str(names[0]) for m, names in given.items() if names}, optional)


def show_given(screen: Screen, case: GivenCase) -> None:
    """Say on standard error which series or frame is which, where that had to be told."""
    if isinstance(case, DicomCase):
        for modality, reason in case.choice.reasons.items():
            screen.step(f"{modality}: {reason}")
    elif case.order:
        screen.step(case.order)


def read_given(case: GivenCase, reference: Modality | None, optional: Sequence[Modality]) -> Study:
    """Read a case's images. Raises InputError."""
    if isinstance(case, DicomCase):
        from ...cases.dicom_choice import read_choice

        return read_choice(case.choice, reference, case.name)
    from ...cases.reading import read_study

    return read_study(case.files, reference, case.name, optional)


def describe_given(case: GivenCase) -> dict[str, Any]:
    """Return the images as the summary tells them."""
    return describe_series(case.choice) if isinstance(case, DicomCase) else describe_images(case.files)


def series_of(case: GivenCase) -> Mapping[Modality, DicomSeries]:
    """Return the DICOM series of a case's images, none where they are files."""
    return case.choice.series if isinstance(case, DicomCase) else {}


def patient_of(case: GivenCase, reference: Modality) -> Patient | None:
    """Return who was examined, where the images are DICOM series."""
    if not isinstance(case, DicomCase):
        return None
    from ...images.dicom_patient import read_patient

    return read_patient(case.choice.series[reference].first.path)
