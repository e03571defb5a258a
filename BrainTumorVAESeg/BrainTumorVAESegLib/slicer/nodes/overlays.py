"""The map over the images: its volume node with colors and legend, and the slice views that show it for a while."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import slicer
import vtk

from ...core.inspection import CHANGE, GRAY_COLORS, LABEL_COLORS, MAP_BY_KEY, MapFile
from .colors import color_node
from .hierarchy import place_beside
from .removing import remove_nodes
from .views import composite_nodes
from .volumes import MAP_ATTRIBUTE

MAP_ROLE = "BrainTumorVAESeg.map"
"""The segmentation node's reference to the volume of its map."""
_FILLED = "BrainTumorVAESeg.filled"
"""The segmentation node's attribute while its map is shown, where its segments were filled before."""

_TITLE_WIDTH, _FONT_SIZE = 18, 13
"""Letters in a line of a legend's title, and their size, so that it fits into the smallest of three slice views."""
_PLACE, _SIZE = (0.98, 0.03), (0.12, 0.36)
"""Of the legend in a view, as shares of what is free and of the whole: the corner that a head fills the least."""
_SHADE = 0.6
"""How dark it is behind the legend's words, which must be read over bright tissue too."""


def overlay_of(segmentation: Any) -> Any:
    """Return the volume node of a segmentation's map, or None."""
    return segmentation.GetNodeReference(MAP_ROLE) if segmentation is not None else None


def key_of(overlay: Any) -> str:
    """Return the key of the map that a volume node holds, "" for none."""
    return (overlay.GetAttribute(MAP_ATTRIBUTE) or "") if overlay is not None else ""


def write_map(segmentation: Any, made: MapFile, values: np.ndarray, reference: Any) -> Any:
    """Put a map into its segmentation's one volume node for maps, in place of what was there; return that node.

    values: (z, y, x), on the grid of the reference volume node. An image in gray is made as dark as it gets where it is
    exactly 0, outside the brain: among z-scores 0 is a middle gray, which would frame the head.
    """
    if made.colors == GRAY_COLORS:
        values = np.where(values == 0, np.float32(made.low), values)
    node = overlay_of(segmentation)
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", made.name)
        node.CreateDefaultDisplayNodes()
        segmentation.SetNodeReferenceID(MAP_ROLE, node.GetID())
        place_beside(node, reference)
    was = node.StartModify()
    try:
        node.SetName(made.name)
        node.SetAttribute(MAP_ATTRIBUTE, made.key)
        matrix = vtk.vtkMatrix4x4()
        reference.GetIJKToRASMatrix(matrix)
        node.SetIJKToRASMatrix(matrix)
        node.SetAndObserveTransformNodeID(reference.GetTransformNodeID())
        slicer.util.updateVolumeFromArray(node, np.ascontiguousarray(values, np.float32))
    finally:
        node.EndModify(was)
    _dress(node, made)
    return node


def _dress(node: Any, made: MapFile) -> None:
    """Give a map its colors between its two values, and a legend that names it with its unit."""
    display, colors = node.GetDisplayNode(), color_node(made.colors)
    display.SetAndObserveColorNodeID(colors.GetID())
    display.AutoWindowLevelOff()
    display.SetWindowLevelMinMax(made.low, made.high)
    display.SetInterpolate(made.colors != LABEL_COLORS and MAP_BY_KEY[made.key].group != CHANGE)
    legend = slicer.modules.colors.logic().AddDefaultColorLegendDisplayNode(node)
    named = made.colors == LABEL_COLORS
    title = f"{made.name} ({made.unit})" if made.unit else made.name
    legend.SetTitleText("\n".join(textwrap.wrap(title, _TITLE_WIDTH)))
    for words in (legend.GetTitleTextProperty(), legend.GetLabelTextProperty()):
        words.SetFontSize(_FONT_SIZE)
        words.SetBackgroundColor(0, 0, 0)
        words.SetBackgroundOpacity(_SHADE)
    legend.SetPosition(*_PLACE)
    legend.SetSize(*_SIZE)
    legend.SetUseColorNamesForLabels(named)
    legend.SetMaxNumberOfColors(colors.GetNumberOfColors())
    legend.SetNumberOfLabels(colors.GetNumberOfColors() if named else 5)
    legend.SetLabelFormat(legend.GetDefaultTextLabelFormat() if named else "%.2g")
    legend.SetVisibility3D(False)


def remove_overlay(segmentation: Any) -> None:
    """Take a segmentation's map out of the scene, where it has one."""
    remove_nodes([overlay_of(segmentation)])


class OverlayViews:
    """Puts a map into the foreground of all slice views, and later gives them back what they showed before.

    The segments are not filled meanwhile: their colors over the map's could not be told by its legend.
    """

    def __init__(self) -> None:
        self._segmentation: Any = None
        self._before: list[tuple[Any, str | None, str | None, float]] = []
        self._overlay: str | None = None
        self._behind: str | None = None

    def show(self, segmentation: Any, opacity: float, behind: Any = None) -> None:
        """Show a segmentation's map in all slice views.

        opacity: 0 to 1. behind: the volume in the background, None to leave it.
        """
        overlay = overlay_of(segmentation)
        if segmentation is not self._segmentation:
            self.restore()
            self._segmentation = segmentation
            _stop_filling(segmentation)
        known = [layers for layers, *_rest in self._before]
        for layers in composite_nodes():
            if layers not in known:
                shown = layers.GetBackgroundVolumeID(), layers.GetForegroundVolumeID(), layers.GetForegroundOpacity()
                self._before.append((layers, *shown))
        self._overlay, self._behind = overlay.GetID(), behind.GetID() if behind is not None else None
        for layers, background, _foreground, _opacity in self._before:
            layers.SetForegroundVolumeID(self._overlay)
            layers.SetForegroundOpacity(opacity)
            layers.SetBackgroundVolumeID(self._behind or background)
        _tell_legend(self._overlay)

    def restore(self) -> None:
        """Show again what was shown before, but for what a person has changed meanwhile and what is gone."""
        if self._segmentation is not None:
            _fill_again(self._segmentation)
            self._segmentation = None
        for layers, background, foreground, opacity in self._before:
            if layers.GetForegroundVolumeID() in (self._overlay, None):
                layers.SetForegroundVolumeID(_present(foreground) if foreground != self._overlay else None)
                layers.SetForegroundOpacity(opacity)
            if self._behind is not None and layers.GetBackgroundVolumeID() == self._behind:
                layers.SetBackgroundVolumeID(_present(background))
        _tell_legend(self._overlay)
        self._before = []
        self._overlay = self._behind = None


def _tell_legend(overlay_id: str | None) -> None:
    """Let a map's legend come or go: it looks at the views' layers only when it is itself said to have changed."""
    overlay = slicer.mrmlScene.GetNodeByID(overlay_id) if overlay_id is not None else None
    legend = slicer.modules.colors.logic().GetColorLegendDisplayNode(overlay) if overlay is not None else None
    if legend is not None:
        legend.Modified()


def _stop_filling(segmentation: Any) -> None:
    display = segmentation.GetDisplayNode()
    if display is not None and display.GetVisibility2DFill():
        segmentation.SetAttribute(_FILLED, "1")  # a saved scene knows it too
        display.SetVisibility2DFill(False)


def _fill_again(segmentation: Any) -> None:
    display = segmentation.GetDisplayNode()
    if segmentation.GetAttribute(_FILLED) and display is not None:
        segmentation.RemoveAttribute(_FILLED)
        display.SetVisibility2DFill(True)


def _present(node_id: str | None) -> str | None:
    return node_id if node_id is not None and slicer.mrmlScene.GetNodeByID(node_id) is not None else None
