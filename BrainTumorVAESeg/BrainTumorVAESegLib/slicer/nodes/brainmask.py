"""The brain mask: read from a segmentation or a label map on a volume's grid, and written as a segment to correct."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _

from ...core.boxes import Box, bounding_box
from ...core.errors import InputError
from ...core.terminology import brain_entry
from .display import dress_new_node
from .hierarchy import place_beside
from .labelmaps import between, index_to_volume, oriented_image, read_label_map, read_segment
from .replacing import LABELMAP

KEY = "Brain"
"""The segment's ID, and its name before it is translated."""
MASK_ROLE = "BrainTumorVAESeg.brain"
"""The segmentation node's reference to the brain mask that was made for it, or given."""
_COLOR = (0.98, 0.98, 0.88)
_FILL = 0.15


def mask_of(segmentation: Any) -> Any:
    """Return the node of the brain mask that a segmentation was made with, or None."""
    return segmentation.GetNodeReference(MASK_ROLE) if segmentation is not None else None


def read_mask(node: Any, reference: Any) -> np.ndarray:
    """Return a brain mask (z, y, x; bool) on the grid of the reference volume node.

    node: a vtkMRMLSegmentationNode whose only segment, or else the one called Brain, is the brain, or a
    vtkMRMLLabelMapVolumeNode that is other than 0 there. Raises InputError where that is not so, or nothing of it lies
    on the grid.
    """
    shape = reference.GetImageData().GetDimensions()[::-1]
    matrix = between(reference, node) @ index_to_volume(reference)
    if node.IsA("vtkMRMLSegmentationNode"):
        mask = read_segment(node, _key_in(node), shape, matrix)
    elif node.IsA("vtkMRMLLabelMapVolumeNode") and node.GetImageData() is not None:
        mask = read_label_map(node, shape, matrix)
    else:
        raise InputError(
            _("{name} is no brain mask; choose a segmentation or a label map.").format(name=node.GetName())
        )
    if not mask.any():
        text = _("{name} holds no brain where {reference} lies; choose another mask, or none.")
        raise InputError(text.format(name=node.GetName(), reference=reference.GetName()))
    return mask


def mask_stamp(node: Any) -> tuple[object, ...]:
    """Return a value that changes when a mask's voxels do, and is cheap to compare."""
    if node is None:
        return ()
    if node.IsA("vtkMRMLSegmentationNode"):
        segmentation = node.GetSegmentation()
        ids = [segmentation.GetNthSegmentID(n) for n in range(segmentation.GetNumberOfSegments())]
        images = [node.GetBinaryLabelmapInternalRepresentation(key) for key in ids]
        return node.GetID(), *(image.GetMTime() for image in images if image is not None)
    image = node.GetImageData() if hasattr(node, "GetImageData") else None
    return node.GetID(), image.GetMTime() if image is not None else None


def write_mask(mask: np.ndarray, reference: Any) -> Any:
    """Put a brain mask (z, y, x) on the grid of a volume node into the scene, as a segment that can be corrected."""
    box = bounding_box(mask) or Box.at((0, 0, 0), (0, 0, 0))
    part = np.ascontiguousarray(mask[box]).astype(np.uint8)
    name = slicer.mrmlScene.GenerateUniqueName(_("{name} brain").format(name=reference.GetName()))
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    was = node.StartModify()
    try:
        node.SetReferenceImageGeometryParameterFromVolumeNode(reference)
        node.SetAndObserveTransformNodeID(reference.GetTransformNodeID())
        segment = slicer.vtkSegment()
        segment.SetName(_("Brain"))
        segment.SetColor(*_COLOR)
        segment.SetTag(slicer.vtkSegment.GetTerminologyEntryTagName(), brain_entry())
        segment.AddRepresentation(LABELMAP, oriented_image(part, box.start, index_to_volume(reference)))
        node.GetSegmentation().AddSegment(segment, KEY)
        dress_new_node(node, _FILL)
    finally:
        node.EndModify(was)
    node.SetDisplayVisibility(False)  # the tumor is what a person looks for
    place_beside(node, reference)
    return node


def _key_in(node: Any) -> str:
    """Return the ID of the segment that is the brain."""
    segmentation = node.GetSegmentation()
    ids = [str(segmentation.GetNthSegmentID(n)) for n in range(segmentation.GetNumberOfSegments())]
    named = [
        key for key in ids if key == KEY or segmentation.GetSegment(key).GetName().lower() in ("brain", _("Brain"))
    ]
    found = named or ids
    if len(found) != 1:
        text = _("{name} holds {count} segments; call the one that is the brain Brain, or choose another mask.")
        raise InputError(text.format(name=node.GetName(), count=len(found)))
    return found[0]
