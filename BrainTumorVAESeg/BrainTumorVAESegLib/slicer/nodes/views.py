"""The views: all slice views to the tumor, a volume behind it, and the 3D views centered on what they show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import slicer

from .volumes import index_to_world


def largest_sections(mask: np.ndarray) -> tuple[int, int, int] | None:
    """Return the index (z, y, x) whose three sections through a mask (z, y, x) are the largest, None where it is empty.

    Where the three do not meet in the mask, as with several lesions, the largest of them counts, and the other two are
    those that cut most of it.
    """
    counts = [np.count_nonzero(mask, axis=tuple(a for a in range(3) if a != axis)) for axis in range(3)]
    if not counts[0].any():
        return None
    best = [int(np.argmax(count)) for count in counts]
    if not mask[tuple(best)]:
        axis = int(np.argmax([count.max() for count in counts]))
        section = np.take(mask, best[axis], axis)
        row = int(np.argmax(np.count_nonzero(section, axis=1)))
        along = np.flatnonzero(section[row])
        line = [row, int(along[len(along) // 2])]
        best = [*line[:axis], best[axis], *line[axis:]]
    return best[0], best[1], best[2]


def go_to_mask(mask: np.ndarray, reference: Any) -> bool:
    """Move all slice views to a mask's largest sections; say whether there is anything to go to.

    mask: (z, y, x), on the grid of the reference volume node.
    """
    place = largest_sections(mask)
    if place is None:
        return False
    position = index_to_world(reference) @ (*place[::-1], 1)
    slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *(float(value) for value in position[:3]))
    return True


def show_behind(reference: Any, shown: Iterable[Any]) -> None:
    """Put a volume into the background of all slice views, unless one of them shows one of some volumes already."""
    wanted = {node.GetID() for node in shown}
    layers = [(node.GetBackgroundVolumeID(), node.GetForegroundVolumeID()) for node in composite_nodes()]
    if layers and not any(wanted & {*pair} for pair in layers):
        slicer.util.setSliceViewerLayers(background=reference, fit=True)


def composite_nodes() -> list[Any]:
    """Return the nodes that say what each slice view shows."""
    scene, kind = slicer.mrmlScene, "vtkMRMLSliceCompositeNode"
    return [scene.GetNthNodeByClass(n, kind) for n in range(scene.GetNumberOfNodesByClass(kind))]


def center_3d_views() -> None:
    """Turn the cameras of the 3D views to what they show, where there are such views."""
    layout = slicer.app.layoutManager()
    if layout is not None and layout.threeDViewCount > 0:
        slicer.util.resetThreeDViews()
