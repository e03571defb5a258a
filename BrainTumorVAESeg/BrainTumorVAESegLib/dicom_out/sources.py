"""The series that an answer is of, as DICOM objects refer to it: its instances, its place, its patient and study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.modalities import Modality
from ..core.text import printable, shorten
from ..images.dicom import DicomSeries, find_series
from ..images.dicom_headers import DicomFile
from .grids import find_rearrangement
from .headers import bare_header, make_headers
from .identity import read_identity


@dataclass(frozen=True)
class Source:
    """A series whose grid an answer has.

    headers: pydicom Datasets with what its instances say of patient, study and place, one a slice in the grid's order,
    or one alone that holds all frames. frames: in that case, the number (from 1) of each slice's frame. further:
    headers of the other series that the answer was made from. notes: sentences on what was amiss.
    """

    label: str
    number: int
    grid: Geometry
    headers: tuple[Any, ...]
    frames: tuple[int, ...] = ()
    further: tuple[Any, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def study(self) -> str:
        """StudyInstanceUID."""
        return str(self.headers[0].StudyInstanceUID)

    @property
    def series(self) -> str:
        """SeriesInstanceUID."""
        return str(self.headers[0].SeriesInstanceUID)

    @property
    def space(self) -> str:
        """FrameOfReferenceUID."""
        return str(self.headers[0].FrameOfReferenceUID)

    @property
    def instances(self) -> tuple[str, ...]:
        """SOPInstanceUID of all instances, those of the other series last."""
        return tuple(str(header.SOPInstanceUID) for header in (*self.headers, *self.further))

    def picture(self, index: int) -> tuple[Any, list[int] | None]:
        """Return the header that holds a slice (from 0), and the number of its frame where it has several."""
        return (self.headers[0], [self.frames[index]]) if self.frames else (self.headers[index], None)


def open_source(series: DicomSeries, further: Sequence[DicomSeries] = ()) -> Source:
    """Return a series as a source; further: those that an answer was made from beside it.

    Raises InputError, naming the series, where it is no volume, an instance has no valid UID or the same as another, or
    the instances are of several examinations.
    """
    try:
        grid, order = series.layout
    except InputError as error:
        raise InputError(f"{series.label}: {error}.") from error
    everything = [file for each in (series, *further) for file in each.files]
    for each in (series, *further):
        _require_uids(each)
    _require_one(everything)
    if len({file.space for file in series.files}) > 1 or not _is_uid(series.first.space):
        raise InputError(
            f"{series.label}: has no one FrameOfReferenceUID, by which objects share a place; export it again."
        )
    identity, mended = read_identity(series.first.path)
    if series.first.multiframe and len(series.files) > 1:
        raise InputError(
            f"{series.label}: its frames are in {len(series.files)} files; no DICOM SEG can refer to that."
        )
    headers, frames = make_headers(series, grid, order, identity)
    beside = tuple(bare_header(file, identity) for each in further for file in each.files)
    return Source(series.label, series.first.number or 0, grid, headers, frames, beside, _notes(series, mended))


def find_source(folder: Path, grid: Geometry, modality: Modality) -> DicomSeries:
    """Return the series below a folder that has a grid's voxels, in whatever order.

    Of several the one that its header says is of the modality. Raises InputError where there is none, or several.
    """
    found = find_series(folder)
    fit = [each for each in found if not each.fault and find_rearrangement(grid, each.layout[0]) is not None]
    if not fit:
        told = ", ".join(f"{each.label}: {each.fault.split(';')[0] or each.layout[0]}" for each in found[:5])
        raise InputError(
            f"{printable(folder)}: none of its {len(found)} series has the grid of the {modality}, {grid} ({told}); "
            "give the series that the image was made from."
        )
    said = [each for each in fit if each.said.modality is modality]
    if len(fit) > 1 and len(said) != 1:
        names = ", ".join(each.label for each in fit)
        raise InputError(
            f"{printable(folder)}: {len(fit)} series have the grid of the {modality} ({names}); give a folder with "
            "the one that the image was made from."
        )
    return fit[0] if len(fit) == 1 else said[0]


def source_of(series: Mapping[Modality, DicomSeries], reference: Modality) -> Source:
    """Return the source of an answer that was made from a study's series, on the grid of the reference's."""
    return open_source(series[reference], [each for modality, each in series.items() if modality is not reference])


def _is_uid(text: str) -> bool:
    from pydicom.uid import UID

    return bool(text) and UID(text).is_valid


def _require_uids(series: DicomSeries) -> None:
    """Raise InputError where an instance of a series cannot be referred to."""
    from pydicom.uid import UID

    for file in series.files:
        for name, value in (
            ("SOPInstanceUID", file.instance), ("SOPClassUID", file.kind), ("StudyInstanceUID", file.study),
            ("SeriesInstanceUID", file.series),
        ):  # fmt: skip
            if not _is_uid(value):
                what = f"a {name} that is none ({shorten(value, 30)})" if value else f"no {name}"
                raise InputError(
                    f"{series.label}: {printable(file.path.name)} has {what}, so that no DICOM object can refer to it;"
                    " export the series again."
                )
    if not UID(series.first.kind).name.endswith("Image Storage"):
        raise InputError(
            f"{series.label}: is of a private kind ({series.first.kind}), which DICOM SEG cannot refer to."
        )


def _require_one(files: Sequence[DicomFile]) -> None:
    """Raise InputError where instances have one UID between them, or are of several examinations."""
    seen: dict[str, DicomFile] = {}
    for file in files:
        other = seen.setdefault(file.instance, file)
        if other is not file:
            raise InputError(
                f"{printable(file.path.name)}: has the SOPInstanceUID of {printable(other.path.name)}; keep one of"
                " them, or export the series again."
            )
        if (file.study, file.patient) != (files[0].study, files[0].patient):
            raise InputError(
                f"{printable(file.path.name)}: is of another patient or examination than"
                f" {printable(files[0].path.name)}; export the series again."
            )


def _notes(series: DicomSeries, mended: Sequence[str]) -> tuple[str, ...]:
    if not mended:
        return ()
    holds = "holds" if len(mended) == 1 else "hold"
    return (
        f"{series.label}: {', '.join(mended)} {holds} what DICOM does not allow there, which was not carried over.",
    )
