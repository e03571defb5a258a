"""DICOM series made of volumes, with the tags that scanners write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.volume import Volume
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedMRImageStorage, ExplicitVRLittleEndian, MRImageStorage, generate_uid
from pydicom.valuerep import DSfloat

STUDY = generate_uid(entropy_srcs=["study"])
SPACE = generate_uid(entropy_srcs=["frame of reference"])
TAGS: dict[Modality, dict[str, Any]] = {
    Modality.T1: {
        "SeriesNumber": 3, "SeriesDescription": "AX T1 SE", "ScanningSequence": "SE", "EchoTime": 12.0,
        "RepetitionTime": 500.0, "AcquisitionTime": "101500",
    },
    Modality.T1CE: {
        "SeriesNumber": 7, "SeriesDescription": "AX T1 SE POST GAD", "ScanningSequence": "SE", "EchoTime": 12.0,
        "RepetitionTime": 500.0, "AcquisitionTime": "104500", "ContrastBolusAgent": "Gadovist",
    },
    Modality.T2: {
        "SeriesNumber": 4, "SeriesDescription": "AX T2 FSE", "ScanningSequence": "SE", "EchoTime": 102.0,
        "RepetitionTime": 4500.0, "AcquisitionTime": "102000", "ContrastBolusAgent": "Gadovist",
    },
    Modality.FLAIR: {
        "SeriesNumber": 5, "SeriesDescription": "AX T2 FLAIR", "ScanningSequence": ["SE", "IR"], "EchoTime": 120.0,
        "RepetitionTime": 9000.0, "InversionTime": 2500.0, "AcquisitionTime": "102500",
    },
}  # fmt: skip
"""Each series' tags, as a scanner writes them: the T1 says nothing of agent, which the T2 names.
"""

EVERYWHERE: dict[str, Any] = {
    "Modality": "MR", "PatientID": "P1", "PatientName": "Doe^Jane", "PatientBirthDate": "19610203", "PatientSex": "F",
    "PatientAge": "064Y", "StudyInstanceUID": STUDY, "StudyDate": "20260102", "StudyTime": "100000", "StudyID": "17",
    "AccessionNumber": "A-4711", "StudyDescription": "MR BRAIN W WO CONTRAST", "ReferringPhysicianName": "Roe^Richard",
    "Manufacturer": "MAKER", "ManufacturerModelName": "SCANNER 3T", "InstitutionName": "A HOSPITAL",
    "MagneticFieldStrength": 3.0, "MRAcquisitionType": "2D", "SequenceVariant": "SK", "ScanOptions": "",
    "EchoTrainLength": 1, "FlipAngle": 90.0, "BodyPartExamined": "BRAIN", "PatientPosition": "HFS",
    "FrameOfReferenceUID": SPACE, "PositionReferenceIndicator": "", "ImageType": ["ORIGINAL", "PRIMARY", "M"],
    "AcquisitionDate": "20260102", "SeriesDate": "20260102", "ContentDate": "20260102", "ContentTime": "100000",
}  # fmt: skip
"""Tags that all series of the study share."""


def write_study(volumes: Mapping[Modality, Volume], folder: Path, **changes: Mapping[str, Any]) -> dict[Modality, str]:
    """Write a series for each volume into one folder; changes: tags by modality's name. Returns the series' UIDs."""
    return {
        modality: write_series(volume, folder, **{**TAGS[modality], **changes.get(modality.name, {})})
        for modality, volume in volumes.items()
    }


def write_series(volume: Volume, folder: Path, syntax: str | None = None, **tags: Any) -> str:
    """Write a volume as classic MR images, one file a slice in an order that names do not tell; returns the UID."""
    folder.mkdir(parents=True, exist_ok=True)
    uid = tags.pop("SeriesInstanceUID", None) or generate_uid()
    stored, slope = _stored(volume)
    matrix = volume.geometry.index_to_physical
    for index, picture in enumerate(stored):
        data = _dataset(MRImageStorage, uid, tags)
        data.ImagePositionPatient = _decimals((matrix @ (0, 0, index, 1))[:3])
        data.ImageOrientationPatient = _orientation(volume)
        data.PixelSpacing = _decimals(volume.geometry.spacing[1::-1])
        data.SliceThickness = volume.geometry.spacing[2]
        data.RescaleSlope, data.RescaleIntercept = slope, 0
        data.InstanceNumber = index + 1
        _add_pixels(data, picture)
        if syntax is not None:
            data.compress(syntax)
        data.save_as(folder / f"{str(generate_uid())[-12:]}_{index}.dcm", enforce_file_format=True)
    return str(uid)


def write_enhanced(volume: Volume, path: Path, **tags: Any) -> str:
    """Write a volume as one enhanced multi-frame file, its frames in an order of their own; returns the UID."""
    path.parent.mkdir(parents=True, exist_ok=True)
    uid = generate_uid()
    stored, slope = _stored(volume)
    echo, repetition = tags.pop("EchoTime"), tags.pop("RepetitionTime")
    data = _dataset(EnhancedMRImageStorage, uid, tags)
    shared = Dataset()
    shared.PixelMeasuresSequence = _item(
        PixelSpacing=_decimals(volume.geometry.spacing[1::-1]),
        SliceThickness=volume.geometry.spacing[2],
    )
    shared.PlaneOrientationSequence = _item(ImageOrientationPatient=_orientation(volume))
    shared.PixelValueTransformationSequence = _item(RescaleSlope=slope, RescaleIntercept=0, RescaleType="US")
    shared.MREchoSequence = _item(EffectiveEchoTime=echo)
    shared.MRTimingAndRelatedParametersSequence = _item(RepetitionTime=repetition)
    data.SharedFunctionalGroupsSequence = Sequence([shared])
    order = [*range(1, len(stored), 2), *range(0, len(stored), 2)]
    matrix = volume.geometry.index_to_physical
    frames = []
    for index in order:
        frame = Dataset()
        place = _decimals((matrix @ (0, 0, index, 1))[:3])
        frame.PlanePositionSequence = _item(ImagePositionPatient=place)
        frames.append(frame)
    data.PerFrameFunctionalGroupsSequence = Sequence(frames)
    data.NumberOfFrames = len(frames)
    _add_pixels(data, stored[order])
    data.save_as(path, enforce_file_format=True)
    return str(uid)


def edit(path: Path, **tags: Any) -> None:
    """Change tags of a file; None removes one."""
    data = pydicom.dcmread(path)
    for name, value in tags.items():
        if value is None:
            delattr(data, name)
        else:
            setattr(data, name, value)
    data.save_as(path)


def _stored(volume: Volume) -> tuple[np.ndarray, float]:
    """Whole numbers of 12 bits, and the factor that brings them back."""
    top = float(volume.array.max()) or 1.0
    slope = float(f"{top / 4095:.8g}")
    return np.clip(np.rint(volume.array / slope), 0, 4095).astype(np.uint16), slope


def _orientation(volume: Volume) -> list[DSfloat]:
    direction = np.reshape(volume.geometry.direction, (3, 3))
    return _decimals((*direction[:, 0], *direction[:, 1]))


def _decimals(values: Iterable[float]) -> list[DSfloat]:
    """Numbers in at most 16 characters, as DICOM has them."""
    return [DSfloat(float(value), auto_format=True) for value in values]


def _item(**tags: Any) -> Sequence:
    item = Dataset()
    for name, value in tags.items():
        setattr(item, name, value)
    return Sequence([item])


def _dataset(kind: str, uid: str, tags: Mapping[str, Any]) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = kind, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    data.SOPClassUID, data.SOPInstanceUID = kind, meta.MediaStorageSOPInstanceUID
    data.SeriesInstanceUID = uid
    for name, value in {**EVERYWHERE, **tags}.items():
        setattr(data, name, value)
    return data


def _add_pixels(data: FileDataset, pixels: np.ndarray) -> None:
    data.Rows, data.Columns = pixels.shape[-2:]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 16, 12, 11, 0
    data.PixelData = pixels.tobytes()
