"""How the segments look: the filling, the outline and the surfaces, so that the anatomy can still be seen."""

from __future__ import annotations

from typing import Any

from ..choices import Style

_FILLING = {Style.DISJOINT: 1.0, Style.NESTED: 0.5}
"""Of the node's opacity, for each segment: nested ones lie over each other, up to three deep."""
_SURFACE = {"NCR": 1.0, "ED": 0.35, "ET": 0.8, "WT": 0.25, "TC": 0.5}
"""Opacity of each segment's surface: what is outside lets what is inside be seen."""


def dress_new_node(node: Any, opacity: float) -> None:
    """Give a segmentation node its display: a light filling in slice views, a clear outline."""
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetVisibility(True)
    display.SetVisibility2DFill(True)
    display.SetVisibility2DOutline(True)
    display.SetOpacity2DOutline(1.0)
    set_opacity(node, opacity)


def dress_segment(node: Any, key: str, style: Style) -> None:
    """Give a new segment its opacities."""
    display = node.GetDisplayNode()
    display.SetSegmentOpacity2DFill(key, _FILLING[style])
    display.SetSegmentOpacity2DOutline(key, 1.0)
    display.SetSegmentOpacity3D(key, _SURFACE[key])


def set_opacity(node: Any, opacity: float) -> None:
    """Set the opacity (0 to 1) of the filling in slice views of all segments together."""
    if node.GetDisplayNode() is not None:
        node.GetDisplayNode().SetOpacity2DFill(opacity)


def get_opacity(node: Any) -> float:
    """Return the opacity (0 to 1) of the filling in slice views of all segments together."""
    node.CreateDefaultDisplayNodes()
    return float(node.GetDisplayNode().GetOpacity2DFill())


def show_3d(node: Any, on: bool) -> bool:
    """Make the closed surfaces and show them, or drop them; say whether the node is now as asked for.

    Making them takes up to a second for a large tumor, during which Slicer waits.
    """
    if not on:
        node.RemoveClosedSurfaceRepresentation()
        return True
    made = bool(node.CreateClosedSurfaceRepresentation())
    if made:
        node.CreateDefaultDisplayNodes()
        node.GetDisplayNode().SetVisibility3D(True)
    return made


def is_3d_shown(node: Any) -> bool:
    """Say whether a segmentation node holds closed surfaces."""
    return node.GetSegmentation().GetNumberOfSegments() > 0 and node.GetSegmentation().ContainsRepresentation(
        "Closed surface"
    )
