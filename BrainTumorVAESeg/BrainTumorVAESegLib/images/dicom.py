"""A folder of DICOM files sorted into series, and a series read as a volume (pydicom for headers, GDCM for voxels)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..core.disk.guarded import UnreadableError, cause_of, open_regular
from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.series import SeriesClass, classify_series
from ..core.steps import Steps, result_of
from ..core.text import printable
from ..core.volume import Volume
from . import itk  # noqa: F401  (keeps ITK's warnings off the screen)
from .dicom_headers import DicomFile, Frame, dicom_files, read_header
from .dicom_stack import stack
from .opening import no_folder


@dataclass(frozen=True)
class DicomSeries:
    """The files of one series, in the order of their paths."""

    files: tuple[DicomFile, ...]

    @property
    def first(self) -> DicomFile:
        """The file that stands for the others."""
        return self.files[0]

    @property
    def uid(self) -> str:
        """SeriesInstanceUID."""
        return self.first.series

    @property
    def time(self) -> str:
        """When it was acquired, in an order that sorts; "" where it is not told."""
        return min(file.time for file in self.files)

    @property
    def label(self) -> str:
        """What it is called in messages: `series 5 (AX T1 POST)`, without what a path would take for a folder."""
        name = (self.first.tags.description or self.first.tags.protocol).replace("/", " ").replace("\\", " ")
        number = "without a number" if self.first.number is None else str(self.first.number)
        return f"series {number} ({name})" if name else f"series {number}"

    @property
    def frames(self) -> list[tuple[DicomFile, Frame]]:
        """All its pictures."""
        return [(file, frame) for file in self.files for frame in file.frames]

    @cached_property
    def said(self) -> SeriesClass:
        """What its header says that it is."""
        return classify_series(self.first.tags)

    @cached_property
    def layout(self) -> tuple[Geometry, list[int]]:
        """Its grid and the order of its frames along it. Raises InputError, half a sentence, where it is no volume."""
        if any(file.color for file in self.files):
            raise InputError("it is in color, a picture made of an image; choose the original series")
        if any("MOSAIC" in map(str.upper, file.tags.image_type) for file in self.files):
            raise InputError("it is a mosaic, several slices in one picture; convert it to NIfTI first")
        return stack([frame for _, frame in self.frames])

    @property
    def fault(self) -> str:
        """Half a sentence on why it is no volume; "" where it is one."""
        try:
            self.layout  # noqa: B018
        except InputError as error:
            return str(error)
        return ""

    @property
    def digest(self) -> str:
        """SHA-256 over its files, one after the other in the order of their own hashes, so that names do not count."""
        hashes = []
        for file in self.files:
            try:
                with open_regular(file.path) as stream:
                    hashes.append(hashlib.file_digest(stream, "sha256").digest())
            except (OSError, UnreadableError) as error:
                raise InputError(f"{printable(file.path)}: {cause_of(error)}; check the file.") from error
        return hashlib.sha256(b"".join(sorted(hashes))).hexdigest()


def find_series(folder: Path) -> list[DicomSeries]:
    """Return the series of the DICOM files below a folder, by their numbers.

    Raises InputError where the folder does not exist, holds no DICOM image, or a file is damaged.
    """
    return result_of(finding_series(folder))


def finding_series(folder: Path) -> Steps[list[DicomSeries]]:
    """Do the same with a pause after each file, for a window that must stay alive."""
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{printable(folder)}: {no_folder(folder)}; give the folder of one study's DICOM files.")
    by_uid: dict[str, list[DicomFile]] = {}
    for path in dicom_files(folder):
        header = read_header(path)
        if header is not None:
            by_uid.setdefault(header.series, []).append(header)
        yield
    if not by_uid:
        raise InputError(f"{printable(folder)}: holds no DICOM image; give the folder of one study's DICOM files.")
    found = [DicomSeries(tuple(files)) for files in by_uid.values()]
    return sorted(found, key=lambda series: (series.first.number is None, series.first.number or 0, series.uid))


def require_one_study(folder: Path, series: Sequence[DicomSeries]) -> None:
    """Raise InputError, listing them, where series are of several patients or examinations."""
    studies: dict[tuple[str, str], list[DicomSeries]] = {}
    for each in series:
        studies.setdefault((each.first.patient, each.first.study), []).append(each)
    if len(studies) > 1:
        patients = len({patient for patient, _ in studies})
        kind = f"{patients} patients" if patients > 1 else f"{len(studies)} examinations of one patient"
        told = "; ".join(
            f"patient {patient or 'without an ID'}, study of {those[0].first.date or 'no date'}, {len(those)} series"
            f" in {printable(those[0].first.path.parent)}"
            for (patient, _), those in studies.items()
        )
        raise InputError(f"{printable(folder)}: holds {kind} ({told}); give the folder of one.")


def read_series(series: DicomSeries) -> Volume:
    """Read a series as a volume, float32, rescaled as its header says. Raises InputError, naming series and cause."""
    try:
        geometry, order = series.layout
        array = _read_multiframe(series) if series.first.multiframe else _read_slices(series, order)
        if array.shape != (len(series.frames), *geometry.shape[1:]):
            raise InputError("its files hold other pictures than their headers say; export the series again")
    except InputError as error:
        raise InputError(f"{series.label}: {error}.") from error
    except MemoryError as error:
        raise InputError(f"{series.label}: is too large for the memory that is left; close other programs.") from error
    return Volume(array[order] if series.first.multiframe else array, geometry, series.label)


def _read_slices(series: DicomSeries, order: Sequence[int]) -> np.ndarray:
    """Return one picture a file as (z, y, x), in this order."""
    frames = series.frames
    if len(frames) != len(series.files):
        raise InputError("its files hold several pictures without a place each; export the original series")
    reader = sitk.ImageSeriesReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetOutputPixelType(sitk.sitkFloat32)
    reader.SetFileNames([str(frames[place][0].path) for place in order])
    return _pixels(reader, series)


def _read_multiframe(series: DicomSeries) -> np.ndarray:
    """Return the frames of files of several as (frame, y, x), in the files' own order."""
    if len({frame.rescale for _, frame in series.frames}) > 1:
        raise InputError("its frames are scaled each in another way; export the classic series")
    parts = []
    for file in series.files:
        reader = sitk.ImageFileReader()
        reader.SetImageIO("GDCMImageIO")
        reader.SetOutputPixelType(sitk.sitkFloat32)
        reader.SetFileName(str(file.path))
        part = _pixels(reader, series)
        parts.append(part.reshape(-1, *part.shape[-2:]))
    return np.concatenate(parts)


def _pixels(reader: sitk.ImageSeriesReader | sitk.ImageFileReader, series: DicomSeries) -> np.ndarray:
    try:
        return sitk.GetArrayFromImage(reader.Execute())
    except RuntimeError as error:
        how = _syntax_name(series.first.syntax)
        raise InputError(
            f"its voxels cannot be read (damaged, or compressed in a way that is not read: {how}); export it without"
            " compression"
        ) from error


def _syntax_name(syntax: str) -> str:
    from pydicom.uid import UID

    return UID(syntax).name
