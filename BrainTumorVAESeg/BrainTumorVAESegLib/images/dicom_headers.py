"""DICOM files' headers (pydicom): what a file says of its patient, study and series, and where its frames lie."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import DependencyError, InputError
from ..core.series import SeriesTags
from ..core.text import printable
from .opening import read_error

_WANTED = (
    "SOPClassUID", "SOPInstanceUID", "FrameOfReferenceUID", "PatientID", "PatientName", "StudyInstanceUID",
    "StudyDate", "StudyDescription", "Modality", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription",
    "ProtocolName", "ScanningSequence", "SequenceVariant", "EchoTime", "EffectiveEchoTime", "RepetitionTime",
    "InversionTime", "ContrastBolusAgent", "ImageType", "AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime",
    "InstanceNumber", "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "Rows", "Columns",
    "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation", "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence", "InversionTimes", "EchoPulseSequence", "InversionRecovery",
)  # fmt: skip
_PULSES = {"GRADIENT": "GR", "SPIN": "SE", "BOTH": "SE"}
"""EchoPulseSequence of enhanced files -> ScanningSequence of classic ones."""


@dataclass(frozen=True)
class Frame:
    """One picture of a file. index: which of the file's, from 0. position, orientation: in LPS mm, None where untold.

    spacing: mm between rows and between columns. rescale: slope and intercept where the file tells them by frame.
    """

    index: int
    size: tuple[int, int]
    position: tuple[float, ...] | None
    orientation: tuple[float, ...] | None
    spacing: tuple[float, ...] | None
    rescale: tuple[float, ...] | None = None


@dataclass(frozen=True)
class DicomFile:
    """What one file's header says. number: of its series. time: of its acquisition, in an order that sorts.

    kind: SOPClassUID. instance: SOPInstanceUID, by which other objects refer to it. space: FrameOfReferenceUID. Each is
    "" where the file does not tell it.
    """

    path: Path
    patient: str
    study: str
    date: str
    series: str
    number: int | None
    time: str
    tags: SeriesTags
    frames: tuple[Frame, ...]
    multiframe: bool
    color: bool
    syntax: str
    kind: str
    instance: str
    space: str


def read_header(path: Path) -> DicomFile | None:
    """Read the header of a DICOM file of one or more pictures; None for another file, or one without a picture.

    Raises InputError where a DICOM file is damaged, DependencyError where pydicom is not installed.
    """
    try:
        import pydicom
    except ModuleNotFoundError as error:
        raise DependencyError("pydicom is not installed; pip install 'braintumorvaeseg[dicom]'.") from error
    try:
        with open(path, "rb") as stream:
            if stream.read(132)[128:] != b"DICM":
                return None
            stream.seek(0)
            data = pydicom.dcmread(stream, stop_before_pixels=True, specific_tags=list(_WANTED))
            if _has_picture(data):
                return _describe(path, data)
            if not _is_of_pictures(data):
                return None
            raise EOFError("the header of a picture ends before it says its size")
    except OSError as error:
        raise read_error(path, error) from error
    except Exception as error:  # a damaged header shows as any of many exceptions of pydicom's
        raise InputError(f"{printable(path)}: its DICOM header cannot be read; export the series again.") from error


def dicom_files(folder: Path) -> Iterator[Path]:
    """Give the regular files below a folder, by name; hidden ones and DICOMDIR are left out."""
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(where, name)
            if not name.startswith(".") and name.upper() != "DICOMDIR" and path.is_file():
                yield path


def _has_picture(data: Any) -> bool:
    return bool(data.get("Rows") and data.get("Columns") and data.get("SeriesInstanceUID"))


def _is_of_pictures(data: Any) -> bool:
    """Say whether a file should hold a picture, by its kind, which stands at its start."""
    from pydicom.uid import UID

    return UID(str(getattr(data.file_meta, "MediaStorageSOPClassUID", ""))).name.endswith("Image Storage")


def _describe(path: Path, data: Any) -> DicomFile:
    number = _number(data, "SeriesNumber")
    multiframe = "PerFrameFunctionalGroupsSequence" in data or int(data.get("NumberOfFrames") or 1) > 1
    color = int(data.get("SamplesPerPixel") or 1) != 1 or not _text(data, "PhotometricInterpretation").startswith(
        "MONO"
    )
    time = _text(data, "AcquisitionDateTime") or _text(data, "AcquisitionDate") + _text(data, "AcquisitionTime")
    return DicomFile(
        path,
        _text(data, "PatientID") or _text(data, "PatientName"),
        _text(data, "StudyInstanceUID"),
        _text(data, "StudyDate"),
        _text(data, "SeriesInstanceUID"),
        int(number) if number is not None else None,
        time,
        _tags(path, data),
        tuple(_frames(data)),
        multiframe,
        color,
        str(getattr(data.file_meta, "TransferSyntaxUID", "")),
        _text(data, "SOPClassUID"),
        _text(data, "SOPInstanceUID"),
        _text(data, "FrameOfReferenceUID"),
    )


def _tags(path: Path, data: Any) -> SeriesTags:
    shared = _group(data, "SharedFunctionalGroupsSequence", 0)
    per_frame = _group(data, "PerFrameFunctionalGroupsSequence", 0)

    def timing(group: str, name: str) -> float | None:
        for functional in (shared, per_frame):
            macro = _group(functional, group, 0)
            if macro is not None and (value := _number(macro, name)) is not None:
                return value
        return None

    sequence = _texts(data, "ScanningSequence")
    if not sequence and "EchoPulseSequence" in data:  # of enhanced files
        sequence = tuple(_PULSES.get(kind, kind) for kind in _texts(data, "EchoPulseSequence"))
        sequence += ("IR",) if _text(data, "InversionRecovery") == "YES" else ()
    return SeriesTags(
        _text(data, "SeriesDescription"),
        _text(data, "ProtocolName"),
        path.parent.name,
        sequence,
        _texts(data, "SequenceVariant"),
        _texts(data, "ImageType"),
        _first(_number(data, "EchoTime"), timing("MREchoSequence", "EffectiveEchoTime")),
        _first(_number(data, "RepetitionTime"), timing("MRTimingAndRelatedParametersSequence", "RepetitionTime")),
        _first(_number(data, "InversionTime"), timing("MRModifierSequence", "InversionTimes")),
        _text(data, "ContrastBolusAgent"),
        _text(data, "Modality"),
    )


def _frames(data: Any) -> Iterator[Frame]:
    size = int(data.Rows), int(data.Columns)
    shared = _group(data, "SharedFunctionalGroupsSequence", 0)
    if "PerFrameFunctionalGroupsSequence" not in data:
        for index in range(int(data.get("NumberOfFrames") or 1)):
            place, turn = _numbers(data, "ImagePositionPatient", 3), _numbers(data, "ImageOrientationPatient", 6)
            yield Frame(index, size, place, turn, _numbers(data, "PixelSpacing", 2))
        return
    for index, own in enumerate(data.PerFrameFunctionalGroupsSequence):

        def find(group: str, name: str, count: int, own: Any = own) -> tuple[float, ...] | None:
            macro = _group(own, group, 0) or _group(shared, group, 0)
            return _numbers(macro, name, count) if macro is not None else None

        slope = find("PixelValueTransformationSequence", "RescaleSlope", 1)
        intercept = find("PixelValueTransformationSequence", "RescaleIntercept", 1)
        yield Frame(
            index,
            size,
            find("PlanePositionSequence", "ImagePositionPatient", 3),
            find("PlaneOrientationSequence", "ImageOrientationPatient", 6),
            find("PixelMeasuresSequence", "PixelSpacing", 2),
            slope + intercept if slope and intercept else None,
        )


def _group(data: Any, name: str, index: int) -> Any:
    items = data.get(name) if data is not None else None
    return items[index] if items else None


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def _value(data: Any, name: str) -> Any:
    """Return a value, or None where it is absent or is not what its kind says, such as a number with letters."""
    try:
        return data.get(name)
    except Exception:  # pydicom converts a value when it is asked for, and fails in many ways
        return None


def _text(data: Any, name: str) -> str:
    """Return a value as one clean line; of several, all."""
    value = _value(data, name)
    texts = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
    return " ".join(" ".join(printable(str(text)) for text in texts if text is not None).split())


def _texts(data: Any, name: str) -> tuple[str, ...]:
    value = _value(data, name)
    if value is None:
        return ()
    values = [value] if isinstance(value, str) else list(value)
    return tuple(printable(str(text)).strip() for text in values)


def _number(data: Any, name: str) -> float | None:
    """Return a number, the first of several, or None where there is none."""
    numbers = _all_numbers(data, name)
    return numbers[0] if numbers else None


def _numbers(data: Any, name: str, count: int) -> tuple[float, ...] | None:
    """Return so many numbers, or None where there are not that many."""
    numbers = _all_numbers(data, name)
    return numbers if numbers is not None and len(numbers) == count else None


def _all_numbers(data: Any, name: str) -> tuple[float, ...] | None:
    value = _value(data, name)
    if value is None or value == "":
        return None
    try:
        return tuple(map(float, [value] if isinstance(value, str) or not hasattr(value, "__len__") else value))
    except (TypeError, ValueError):
        return None
