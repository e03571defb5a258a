"""The headers that objects are made from: of each instance what it says of its place, and nothing else of it.

highdicom copies whole modules of a source's header and asks for more than scanners always write, in one way; so it is
given what was read and checked here, pydicom Datasets without voxels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.geometry import Geometry
from ..images.dicom import DicomSeries
from ..images.dicom_headers import DicomFile, Frame


def make_headers(
    series: DicomSeries, grid: Geometry, order: Sequence[int], identity: Any
) -> tuple[tuple[Any, ...], tuple[int, ...]]:
    """Return the headers of a series' slices in the grid's order, and their frames' numbers where one file holds all.

    order: of the frames along the grid. identity: patient and study, as a Dataset.
    """
    pictures = series.frames
    turn = [float(value) for value in pictures[0][1].orientation or ()]
    if series.first.multiframe:
        return (_many(series.first, pictures, turn, grid, identity),), tuple(
            pictures[place][1].index + 1 for place in order
        )
    return tuple(_one(*pictures[place], turn, grid, identity) for place in order), ()


def bare_header(file: DicomFile, identity: Any) -> Any:
    """Return patient, study and UIDs of an instance, which is referred to as a whole."""
    header = _item()
    header.update(identity)
    header.StudyInstanceUID, header.SeriesInstanceUID = file.study, file.series
    header.SOPClassUID, header.SOPInstanceUID, header.Modality = file.kind, file.instance, "MR"
    return header


def _placed(file: DicomFile, identity: Any) -> Any:
    header = bare_header(file, identity)
    header.FrameOfReferenceUID = file.space
    header.Rows, header.Columns = file.frames[0].size
    return header


def _one(file: DicomFile, frame: Frame, turn: list[float], grid: Geometry, identity: Any) -> Any:
    """Return the header of a file of one picture."""
    header = _placed(file, identity)
    header.ImagePositionPatient, header.ImageOrientationPatient = _decimals(frame.position), _decimals(turn)
    header.PixelSpacing, header.SliceThickness = _decimals(frame.spacing), _decimals([round(grid.spacing[2], 6)])[0]
    return header


def _many(
    file: DicomFile, pictures: Sequence[tuple[DicomFile, Frame]], turn: list[float], grid: Geometry, identity: Any
) -> Any:
    """Return the header of a file of many frames."""
    header = _placed(file, identity)
    header.NumberOfFrames = len(pictures)
    shared = _item()
    shared.PlaneOrientationSequence = [_item(ImageOrientationPatient=_decimals(turn))]
    shared.PixelMeasuresSequence = [
        _item(PixelSpacing=_decimals(pictures[0][1].spacing), SliceThickness=_decimals([round(grid.spacing[2], 6)])[0])
    ]
    header.SharedFunctionalGroupsSequence = [shared]
    header.PerFrameFunctionalGroupsSequence = [
        _item(PlanePositionSequence=[_item(ImagePositionPatient=_decimals(frame.position))]) for _, frame in pictures
    ]
    return header


def _item(**tags: Any) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    for name, value in tags.items():
        setattr(item, name, value)
    return item


def _decimals(values: Sequence[float] | None) -> list[Any]:
    """Return numbers as DICOM's decimal strings, of at most 16 characters."""
    from pydicom.valuerep import DSfloat

    return [DSfloat(float(value), auto_format=True) for value in values or ()]
