"""An answer written as DICOM objects: `write_dicom` is the way in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..core.disk.files import outputs
from ..core.errors import InputError, OutputError
from ..core.text import printable, shorten
from ..images.dicom_headers import dicom_files
from .answers import Answer
from .grids import find_rearrangement
from .library import quietly, require_highdicom
from .sources import Source

KINDS = ("labels", "regions", "lesions", "measures")
"""What is written: three SEG, of which one without a segment is left out, and an SR."""


def file_names(name: str) -> dict[str, str]:
    """Return what each object's file is called, by its kind."""
    return {kind: f"{name}_{kind}.dcm" for kind in KINDS}


def make_objects(answer: Answer, source: Source, labelmap: bool = False) -> dict[str, Any]:
    """Make the objects of an answer by their kinds (see `KINDS`), pydicom Datasets that can be saved as they are.

    labels: NCR, ED and ET, disjoint, one bit a voxel for each, or one number a voxel (labelmap). regions: WT, TC and
    ET, nested. lesions: those that the measures tell one by one. measures: the report, which refers to them all. An
    empty segmentation gives the report alone. UIDs are the same whenever answer, source and version are.

    Raises InputError where the answer's grid holds other voxels than the source, or its headers cannot be referred to;
    DependencyError without highdicom.
    """
    require_highdicom()
    from .parts import label_parts, lesion_parts, region_parts
    from .report import make_report
    from .segmentations import make_segmentation

    segmentation, grid = answer.segmentation, source.grid
    place = find_rearrangement(segmentation.geometry, grid)
    if place is None:
        raise InputError(
            f"{source.label}: lies on another grid ({grid}) than the segmentation ({segmentation.geometry}); give the"
            " series that its reference was made from."
        )
    wanted = {
        "labels": ("Tumor labels", label_parts(segmentation), labelmap),
        "regions": ("Tumor regions", region_parts(segmentation), False),
        "lesions": ("Tumor lesions", lesion_parts(segmentation, answer.measures), False),
    }
    try:
        with quietly():
            written = {
                kind: make_segmentation(what, order, parts, place, source, answer.algorithm, map_)
                for order, (kind, (what, parts, map_)) in enumerate(wanted.items(), start=1)
                if parts
            }
            segments = {key: each for kind in written for key, each in written[kind].items()}
            report = make_report("Tumor measures", len(KINDS), answer, segments, source)
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # highdicom's, of headers that it cannot follow
        cause = shorten(str(error).rstrip("."))
        raise InputError(f"{source.label}: no DICOM object can be made from its headers: {cause}.") from error
    return {**{kind: next(iter(each.values())).data for kind, each in written.items()}, "measures": report}


def write_dicom(
    answer: Answer, source: Source, folder: Path, name: str, labelmap: bool = False, overwrite: bool = False
) -> dict[str, Path]:
    """Write the objects of an answer to a folder, all or none, and return their files by kind.

    See `make_objects` and `require_folder`, also for what is raised; beside that OutputError where a file cannot be
    written. Files of an earlier answer by this name are replaced or go.
    """
    require_folder(folder, name, source, overwrite)
    objects = make_objects(answer, source, labelmap)
    with outputs(folder) as place:
        save_objects(objects, place, name)
    remove_stale(folder, name, objects)
    return {kind: folder / file_names(name)[kind] for kind in objects}


def save_objects(objects: Mapping[str, Any], place: Path, name: str) -> None:
    """Write objects by their kinds to a folder that is to be moved into place. Raises OSError."""
    for kind, data in objects.items():
        data.save_as(place / file_names(name)[kind], enforce_file_format=True)


def remove_stale(folder: Path, name: str, kinds: Collection[str]) -> None:
    """Remove what an earlier answer by this name left of other kinds than these."""
    for kind in KINDS:
        if kind not in kinds:
            with suppress(OSError):
                (folder / file_names(name)[kind]).unlink()


def require_folder(folder: Path, name: str, source: Source, overwrite: bool = False) -> None:
    """Raise OutputError where a folder holds DICOM files of another patient or examination, or this answer already.

    A folder is what is sent to a PACS, or loaded, as one.
    """
    from pydicom import dcmread

    if not folder.is_dir():
        return
    for path in dicom_files(folder):
        try:
            with quietly():
                study = str(dcmread(path, stop_before_pixels=True, specific_tags=["StudyInstanceUID"]).StudyInstanceUID)
        except Exception:  # no DICOM file, or one that nobody can read
            continue
        if study != source.study:
            raise OutputError(
                f"{printable(folder)}: holds DICOM files of another examination ({printable(path.name)}); choose an "
                "empty folder, since a folder is sent or loaded as one."
            )
    existing = [file for file in file_names(name).values() if (folder / file).exists()]
    folders = [file for file in existing if (folder / file).is_dir()]
    if folders:
        raise OutputError(f"{printable(folder / folders[0])}: is a folder and is in the way; choose another folder.")
    if existing and not overwrite:
        raise OutputError(f"{printable(folder / existing[0])}: exists already; give --overwrite, or another folder.")
