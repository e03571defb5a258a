"""DICOM SEG: segments on the source's own slices, one object a set of parts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from highdicom.color import CIELabColor
from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation, SegmentationTypeValues, SegmentDescription
from pydicom.dataset import Dataset

from .answers import Algorithm
from .codes import SITE, concept
from .equipment import USE, algorithm_of_segments, describe_object
from .grids import Rearrangement
from .parts import Part
from .sources import Source
from .uids import make_uid

_MEANINGS = {
    "NCR": "NCR of BraTS: necrosis, and tumor core that does not enhance",
    "ED": "ED of BraTS: edema and infiltrated tissue around the core",
    "ET": "ET of BraTS: enhancing tumor",
    "TC": "TC of BraTS: necrosis, core that does not enhance, and enhancing tumor",
    "WT": "WT of BraTS: tumor core and edema",
}
"""Of labels and regions, for people: the code of NCR says Necrosis alone."""


@dataclass(frozen=True)
class Tracking:
    """By what one finding is known in all objects and in later ones."""

    identifier: str
    uid: str


@dataclass(frozen=True)
class WrittenSegment:
    """Where a part went: the object, and the segment's number in it."""

    data: Segmentation
    number: int
    tracking: Tracking


def make_segmentation(
    what: str,
    order: int,
    parts: Sequence[Part],
    place: Rearrangement,
    source: Source,
    algorithm: Algorithm,
    labelmap: bool = False,
) -> dict[str, WrittenSegment]:
    """Make one SEG of some parts, none of them empty, and return its segments by their keys.

    what, order: see `describe_object`. place: from the answer's grid to the source's. labelmap: one number a voxel
    (LABELMAP), for parts that do not overlap, instead of one bit a voxel for each (BINARY).
    """
    stack = np.stack([place(part.mask) for part in parts], axis=-1)
    content = hashlib.sha256(np.packbits(stack).tobytes() + repr((stack.shape, labelmap)).encode()).hexdigest()
    tracked = [track(part.key, part.name, source, content) for part in parts]
    described = [
        _describe(number, part, tracking, algorithm)
        for number, (part, tracking) in enumerate(zip(parts, tracked, strict=True), start=1)
    ]
    kind = SegmentationTypeValues.LABELMAP if labelmap else SegmentationTypeValues.BINARY
    data = Segmentation(
        source_images=list(source.headers),
        pixel_array=_by_frames(stack, source),
        segmentation_type=kind,
        segment_descriptions=described,
        content_label=what.upper().replace(" ", "_")[:16],
        content_description=USE,
        **describe_object(what, order, source, algorithm, content),
    )
    _refer_to_further(data, source)
    _settle_dimensions(data)
    return {
        part.key: WrittenSegment(data, number, tracking)
        for number, (part, tracking) in enumerate(zip(parts, tracked, strict=True), start=1)
    }


def track(key: str, name: str, source: Source, content: str) -> Tracking:
    """Return a finding's identity: a region's is the examination's, a lesion's that of the answer which numbers it."""
    numbered = content if " " in key else ""
    return Tracking(name, make_uid("finding", source.study, key, numbered))


def _describe(number: int, part: Part, tracking: Tracking, algorithm: Algorithm) -> SegmentDescription:
    described = SegmentDescription(
        segment_number=number,
        segment_label=part.name,
        segmented_property_category=concept(part.category),
        segmented_property_type=concept(part.type),
        algorithm_type=SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=algorithm_of_segments(algorithm),
        tracking_uid=tracking.uid,
        tracking_id=tracking.identifier,
        anatomic_regions=[concept(SITE)],
        display_color=CIELabColor.from_rgb(*(255 * value for value in part.color)),
    )
    if part.key in _MEANINGS:
        described.SegmentDescription = _MEANINGS[part.key]
    return described


def _by_frames(stack: np.ndarray, source: Source) -> np.ndarray:
    """Return masks (z, y, x, segment) as whole numbers in the order of the source's own frames."""
    if source.frames:
        stack = stack[np.argsort(source.frames)]
    return np.ascontiguousarray(stack, dtype=np.uint8)


def _refer_to_further(data: Segmentation, source: Source) -> None:
    """Add the instances of the other series to those that an object was made from, as a whole and to no frame.

    highdicom would look for slices in the same place, where registration may have moved the images; and it takes longer
    over that than over all the rest.
    """
    by_series: dict[str, list[Dataset]] = {}
    for header in source.further:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = header.SOPClassUID, header.SOPInstanceUID
        by_series.setdefault(str(header.SeriesInstanceUID), []).append(item)
    for series, items in by_series.items():
        group = Dataset()
        group.SeriesInstanceUID, group.ReferencedInstanceSequence = series, items
        data.ReferencedSeriesSequence.append(group)
        data.SourceImageSequence.extend(items)


def _settle_dimensions(data: Segmentation) -> None:
    """Replace the UID that highdicom draws for the order of the frames by one that is the same each time."""
    uid = make_uid("dimensions", data.SOPInstanceUID)
    for item in (*data.DimensionOrganizationSequence, *data.DimensionIndexSequence):
        item.DimensionOrganizationUID = uid
