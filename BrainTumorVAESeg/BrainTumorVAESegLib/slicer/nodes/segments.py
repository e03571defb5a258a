"""Labels to a segmentation node and back: separate labels in one layer, or nested regions in a layer each.

A segment's ID is the key of its label or region (NCR, ED, ET, WT, TC). Segments of other IDs are a person's own and are
left as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from slicer.i18n import tr as _

from ...core.boxes import Box, bounding_box
from ...core.errors import InputError
from ...core.labels import LABELS, REGIONS, Label, Region, labels_from_channels
from ..choices import Style
from .display import is_3d_shown, set_opacity, show_3d
from .labelmaps import are_same, between, index_to_volume, oriented_image, read_segment
from .replacing import LABELMAP, LabelMap, replace_segments
from .volumes import problem

__all__ = [
    "PARTS",
    "fill",
    "is_3d_shown",
    "labels_of",
    "own_segments",
    "segment_keys",
    "set_opacity",
    "show_3d",
]

PARTS: dict[Style, tuple[Label, ...] | tuple[Region, ...]] = {Style.DISJOINT: LABELS, Style.NESTED: REGIONS}
"""What the segments of a style are, in their order."""
_OURS = frozenset(part.key for parts in PARTS.values() for part in parts)
_TELLING = {Style.DISJOINT: ("NCR", "ED"), Style.NESTED: ("WT", "TC")}
"""The segments that one style alone has."""


def segment_keys(style: Style) -> tuple[str, ...]:
    """Return the IDs of a style's segments in their order."""
    return tuple(part.key for part in PARTS[style])


def fill(node: Any, labels: np.ndarray, reference: Any, style: Style, opacity: float = 0.25) -> Iterator[None]:
    """Write labels into a vtkMRMLSegmentationNode, one segment a step, and show all of them in the last.

    labels: (z, y, x), the library's values, on the grid of the reference volume node. All three segments of the style
    are made, also where one is empty. Up to the last step the node is untouched, and a failure in that step puts back
    what was there. A segment that the node already holds gets the new voxels and keeps its name, color, visibility and
    opacity; those of the other style go; closed surfaces are dropped; a person's own segments stay. opacity: of the
    filling in slice views, for a node that held no segments. Raises InputError.
    """
    _check(node, labels, reference)
    matrix = _grid_in(node, reference)
    box = bounding_box(labels > 0) or Box.at((0, 0, 0), (0, 0, 0))
    part = np.ascontiguousarray(labels[box]).astype(np.uint8, copy=False)
    yield
    shared = oriented_image(part, box.start, matrix) if style is Style.DISJOINT else None
    maps: dict[str, LabelMap] = {}
    for piece in PARTS[style]:
        if isinstance(piece, Label):
            maps[piece.key] = LabelMap(shared, piece.value)
        else:
            within = np.isin(np.arange(256), piece.values).astype(np.uint8)  # a table is far faster than isin
            maps[piece.key] = LabelMap(_own_image(node, piece.key, within[part], box, matrix), 1)
            yield
    _check(node, labels, reference)
    replace_segments(node, maps, _OURS - maps.keys(), reference, style, opacity)


def _own_image(node: Any, key: str, mask: np.ndarray, box: Box, matrix: np.ndarray) -> Any:
    """Return the image of a segment with a layer of its own, as small as it is: the one that it has, where that is it.

    mask: (z, y, x), 0 and 1, of a box of the grid. An image that stays is not drawn anew: while a threshold moves one
    region's border, the views need not look at the others.
    """
    inside = bounding_box(mask > 0) or Box.at((0, 0, 0), (0, 0, 0))
    image = oriented_image(np.ascontiguousarray(mask[inside]), inside.shifted(box.start).start, matrix)
    segment = node.GetSegmentation().GetSegment(key)
    held = segment.GetRepresentation(LABELMAP) if segment is not None and segment.GetLabelValue() == 1 else None
    return held if held is not None and are_same(held, image) else image


def labels_of(node: Any, reference: Any) -> np.ndarray:
    """Return the labels (z, y, x; uint8, the library's values) of a node's segments on the reference volume's grid.

    Segments of a person's own are left out; a segment that was removed counts as empty. Where both styles are there,
    the separate labels count. Raises InputError where the node holds none of our segments.
    """
    segmentation = node.GetSegmentation()
    held = [key for key in _OURS if segmentation.GetSegment(key)]
    if not held:
        raise InputError(
            _("{name} holds no segment of the tumor; segment the volumes first.").format(name=node.GetName())
        )
    style = style_of(node) or Style.DISJOINT
    shape = reference.GetImageData().GetDimensions()[::-1]
    matrix = between(reference, node) @ index_to_volume(reference)
    keys = segment_keys(style)
    return labels_from_channels(np.stack([read_segment(node, key, shape, matrix) for key in keys]), keys)


def style_of(node: Any) -> Style | None:
    """Return the style whose segments a node holds, the separate one where it holds both; None where it holds none.

    The enhancing tumor belongs to both and tells nothing.
    """
    segmentation = node.GetSegmentation()
    for style, keys in _TELLING.items():
        if any(segmentation.GetSegment(key) is not None for key in keys):
            return style
    return None


def own_segments(node: Any) -> list[str]:
    """Return the IDs of the segments that a person added to a node."""
    segmentation = node.GetSegmentation()
    ids = [segmentation.GetNthSegmentID(n) for n in range(segmentation.GetNumberOfSegments())]
    return [key for key in ids if key not in _OURS]


def _check(node: Any, labels: np.ndarray, reference: Any) -> None:
    """Raise InputError where the labels cannot be written, as when a node was removed in the meantime."""
    found = problem(reference)
    if found is not None:
        raise InputError(found)
    if node is None or node.GetScene() is None:
        raise InputError(_("The segmentation was removed from the scene; choose or make another and segment again."))
    shape = reference.GetImageData().GetDimensions()[::-1]
    if labels.shape != shape:
        raise InputError(
            _("{name} is no longer of the size that was segmented; segment again.").format(name=reference.GetName())
        )
    parent = node.GetParentTransformNode()
    surfaces = node.GetSegmentation().GetSourceRepresentationName() != LABELMAP
    if own_segments(node) and (surfaces or (parent is not None and not parent.IsTransformToWorldLinear())):
        raise InputError(
            _("{name} holds surfaces or lies under a nonlinear transform; choose another segmentation.").format(
                name=node.GetName()
            )
        )


def _grid_in(node: Any, reference: Any) -> np.ndarray:
    """Return the matrix from the reference's voxel index to the space that the node will be in.

    A node of ours alone goes under the reference's transform, so that both have one grid; one with a person's own
    segments stays where it is.
    """
    moved = between(reference, node) if own_segments(node) else np.eye(4)
    return moved @ index_to_volume(reference)
