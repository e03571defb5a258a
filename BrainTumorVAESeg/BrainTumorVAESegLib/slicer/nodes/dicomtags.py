"""What Slicer's DICOM database tells of a volume node's series, in the words of `core.series`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ctk
import slicer

from ...core.errors import BrainTumorVAESegError
from ...core.series import SeriesTags
from ...images.dicom_headers import read_header

INSTANCES_ATTRIBUTE = "DICOM.instanceUIDs"
"""The attribute in which Slicer's DICOM reader leaves the instances that a volume node was made of."""
DESCRIPTION = "0008,103E"
_MODALITY, _IMAGE_TYPE = "0008,0060", "0008,0008"
_PROTOCOL, _SEQUENCE, _VARIANT = "0018,1030", "0018,0020", "0018,0021"
_ECHO, _REPETITION, _INVERSION, _AGENT = "0018,0081", "0018,0080", "0018,0082", "0018,0010"
_ACQUIRED, _DATE, _TIME = "0008,002A", "0008,0022", "0008,0032"


@dataclass(frozen=True)
class SeriesHeader:
    """What the header of a node's series says. time: of its acquisition, in an order that sorts, "" where untold."""

    tags: SeriesTags
    time: str = ""


def series_header(node: Any) -> SeriesHeader | None:
    """Return what the database knows of the series that a volume node was made of, None where it knows nothing.

    Enhanced files, which tell their times in groups that the database does not look into, are read by their header.
    """
    instance, database = first_instance(node), find_database()
    if not instance or database is None:
        return None
    header = _look_up(database, instance)
    if header is None or header.tags.echo_time is not None or header.tags.repetition_time is not None:
        return header
    return _read_file(database, instance) or header


def first_instance(node: Any) -> str:
    """Return the UID of the first instance that a node was made of, "" where it did not come from DICOM."""
    return next(iter(instances_of(node)), "")


def instances_of(node: Any) -> tuple[str, ...]:
    """Return the UIDs of all instances that a node was made of, () where it did not come from DICOM."""
    return tuple((node.GetAttribute(INSTANCES_ATTRIBUTE) or "").split())


def find_database() -> ctk.ctkDICOMDatabase | None:
    """Return Slicer's DICOM database, None where there is none or it is not open."""
    database: ctk.ctkDICOMDatabase | None = getattr(slicer, "dicomDatabase", None)
    return database if database is not None and database.isOpen else None


def look_up(database: ctk.ctkDICOMDatabase, instance: str, tag: str) -> str:
    """Return an instance's value of a tag such as `0008,103E`, "" where it has none; a backslash parts several."""
    return (database.instanceValue(instance, tag) or "").strip()


def _look_up(database: ctk.ctkDICOMDatabase, instance: str) -> SeriesHeader | None:
    kind = look_up(database, instance, _MODALITY)
    if not kind:
        return None

    def texts(tag: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in look_up(database, instance, tag).split("\\") if part.strip())

    def number(tag: str) -> float | None:
        try:
            value = float(texts(tag)[0])
        except (IndexError, ValueError):
            return None
        return value if math.isfinite(value) else None

    file = database.fileForInstance(instance)
    tags = SeriesTags(
        look_up(database, instance, DESCRIPTION),
        look_up(database, instance, _PROTOCOL),
        Path(file).parent.name if file else "",
        texts(_SEQUENCE),
        texts(_VARIANT),
        texts(_IMAGE_TYPE),
        number(_ECHO),
        number(_REPETITION),
        number(_INVERSION),
        look_up(database, instance, _AGENT),
        kind,
    )
    day_and_time = look_up(database, instance, _DATE) + look_up(database, instance, _TIME)
    return SeriesHeader(tags, look_up(database, instance, _ACQUIRED) or day_and_time)


def _read_file(database: ctk.ctkDICOMDatabase, instance: str) -> SeriesHeader | None:
    """Read the header of an instance's file, None where it is gone or cannot be read."""
    file = database.fileForInstance(instance)
    try:
        read = read_header(Path(file)) if file else None
    except BrainTumorVAESegError:
        return None
    return SeriesHeader(read.tags, read.time) if read is not None else None


def series_files(node: Any) -> tuple[str, ...]:
    """Return the files of all instances that a volume node was made of, () where one is not in the database.

    Each is a query of its own, so that hundreds of them are felt.
    """
    database = find_database()
    files = [database.fileForInstance(instance) for instance in instances_of(node)] if database is not None else []
    return tuple(files) if files and all(files) else ()
