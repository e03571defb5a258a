"""Segments of a node replaced all at once: either every new one is there, or what was there before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import slicer
from slicer.i18n import tr as _

from ...core.errors import OutputError
from ..choices import Style
from .display import dress_new_node, dress_segment
from .terminology import find_part, terminology_entry

LABELMAP = "Binary labelmap"
"""Slicer's name of the representation that holds voxels."""


@dataclass(frozen=True)
class LabelMap:
    """The voxels of one segment: an image, which segments of one layer share, and the segment's value in it."""

    image: Any
    value: int


def replace_segments(
    node: Any, maps: Mapping[str, LabelMap], gone: frozenset[str], reference: Any, style: Style, opacity: float
) -> None:
    """Put label maps into a node under their keys, in their order, and remove the keys in gone.

    A person's own segments keep their places among them. Raises OutputError where a segment cannot be added; the node
    then holds what it held before.
    """
    segmentation = node.GetSegmentation()
    before, places = _Before.of(node, maps), _places_of_others(segmentation, {*maps, *gone})
    was = node.StartModify()
    try:
        _make_ready(node, {*maps, *gone}, reference, opacity)
        for key, made in maps.items():
            if not _put(segmentation, key, made):
                text = _("{name}: the segment {key} cannot be added; choose a new segmentation.")
                raise OutputError(text.format(name=node.GetName(), key=key))
        for key in maps.keys() - before.maps.keys():
            dress_segment(node, key, style)
        _remove(segmentation, gone)  # last, since it cannot be undone
        segmentation.InvokeEvent(slicer.vtkSegmentation.SourceRepresentationModified)
    except Exception:
        before.put_back(node, maps)
        raise
    finally:
        node.EndModify(was)
    # Not before EndModify: the subject hierarchy learns of the segments there, and brings them into its own order.
    _order(segmentation, tuple(maps), places)


@dataclass(frozen=True)
class _Before:
    """What a node held under some keys, and its reference grid and place."""

    maps: Mapping[str, LabelMap]
    grid: str
    reference: str | None
    transform: str | None

    @classmethod
    def of(cls, node: Any, keys: Mapping[str, LabelMap]) -> _Before:
        segmentation = node.GetSegmentation()
        held = {key: segmentation.GetSegment(key) for key in keys}
        maps = {
            key: LabelMap(segment.GetRepresentation(LABELMAP), segment.GetLabelValue())
            for key, segment in held.items()
            if segment
        }
        return cls(
            maps,
            segmentation.GetConversionParameter(_grid_parameter()),
            node.GetNodeReferenceID(node.GetReferenceImageGeometryReferenceRole()),
            node.GetTransformNodeID(),
        )

    def put_back(self, node: Any, keys: Mapping[str, LabelMap]) -> None:
        """Put all of it back; segments under other keys were not touched yet."""
        segmentation = node.GetSegmentation()
        for key in keys:
            if key in self.maps:
                _put(segmentation, key, self.maps[key])
            elif segmentation.GetSegment(key):
                segmentation.RemoveSegment(key)
        segmentation.SetConversionParameter(_grid_parameter(), self.grid)
        node.SetNodeReferenceID(node.GetReferenceImageGeometryReferenceRole(), self.reference)
        node.SetAndObserveTransformNodeID(self.transform)


def _grid_parameter() -> str:
    return str(slicer.vtkSegmentationConverter.GetReferenceImageGeometryParameterName())


def _make_ready(node: Any, ours: set[str], reference: Any, opacity: float) -> None:
    """Give the node the reference's grid, and drop all that is made from the voxels, since they will change."""
    segmentation = node.GetSegmentation()
    ids = [segmentation.GetNthSegmentID(n) for n in range(segmentation.GetNumberOfSegments())]
    others = [key for key in ids if key not in ours]
    if not others:
        node.SetAndObserveTransformNodeID(reference.GetTransformNodeID())
        if segmentation.GetSourceRepresentationName() != LABELMAP:
            segmentation.RemoveAllSegments()
            node.SetSourceRepresentationToBinaryLabelmap()
    node.SetReferenceImageGeometryParameterFromVolumeNode(reference)
    segmentation.InvalidateNonSourceRepresentations()
    for key in others:
        # The Segment Editor lets a segment that does not overlap share a layer with ours.
        segmentation.SeparateSegmentLabelmap(key)
    if not ids or node.GetDisplayNode() is None:
        dress_new_node(node, opacity)


def _put(segmentation: Any, key: str, made: LabelMap) -> bool:
    """Give a segment its voxels, making it where it is not there; say whether it is there now."""
    segment = segmentation.GetSegment(key)
    if segment:
        segment.SetLabelValue(made.value)
        segment.AddRepresentation(LABELMAP, made.image)
        return True
    part = find_part(key)
    segment = slicer.vtkSegment()
    segment.SetName(part.name)
    segment.SetNameAutoGenerated(False)
    segment.SetColor(*part.color)
    segment.SetColorAutoGenerated(False)
    segment.SetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), terminology_entry(key))
    segment.SetLabelValue(made.value)
    segment.AddRepresentation(LABELMAP, made.image)
    return bool(segmentation.AddSegment(segment, key))


def _remove(segmentation: Any, keys: frozenset[str]) -> None:
    for key in keys:
        if segmentation.GetSegment(key):
            segmentation.RemoveSegment(key)


def _places_of_others(segmentation: Any, ours: set[str]) -> dict[str, int]:
    """Return the places of a person's own segments, in their order."""
    ids = [segmentation.GetNthSegmentID(n) for n in range(segmentation.GetNumberOfSegments())]
    return {key: place for place, key in enumerate(ids) if key not in ours}


def _order(segmentation: Any, keys: tuple[str, ...], others: Mapping[str, int]) -> None:
    """Bring the keys into their order, the others to their places; nothing is told where all stand right already."""
    wanted = list(keys)
    for key, place in others.items():
        wanted.insert(place, key)
    for place, key in enumerate(wanted):
        if segmentation.GetNthSegmentID(place) != key:
            segmentation.SetSegmentIndex(key, place)
