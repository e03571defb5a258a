"""Line markups for the diameters of target lesions, which a person can move; the table of lesions follows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import slicer
from slicer.i18n import tr as _

from ...core.measures import Diameters, Measures, Point
from .hierarchy import place_in_folder
from .lesions import LesionRow, fill_lesions, lesion_name, lesion_rows
from .removing import remove_nodes
from .terminology import find_part

LINES_ROLE = "BrainTumorVAESeg.diameters"
"""The segmentation node's references to its lines."""
LESION_ATTRIBUTE, WHICH_ATTRIBUTE = "BrainTumorVAESeg.lesion", "BrainTumorVAESeg.diameter"
"""A line node's attributes: the lesion's name, and which of its diameters it is."""
LONGEST, PERPENDICULAR = "longest", "perpendicular"
_SAME_MM = 1e-3
_GLYPH, _TEXT, _THICKNESS = 1.2, 2.5, 0.35
"""Sizes of end points (% of a view) and of text, and the thickness of a line against its end points."""


def lines_of(segmentation: Any) -> list[Any]:
    """Return the line nodes of a segmentation's diameters."""
    count = segmentation.GetNumberOfNodeReferences(LINES_ROLE)
    nodes = [segmentation.GetNthNodeReference(LINES_ROLE, index) for index in range(count)]
    return [node for node in nodes if node is not None]


def draw_diameters(segmentation: Any, measures: Measures, reference: Any, shown: bool = True) -> list[Any]:
    """Draw the two diameters of each target lesion, in place of those that were drawn before; return the line nodes.

    They lie in the slice that they were measured in, under the transform of the reference volume node. A lesion of the
    same name keeps its lines, with the looks that a person gave them.
    """
    before = {_key_of(line): line for line in lines_of(segmentation)}
    segmentation.RemoveNodeReferenceIDs(LINES_ROLE)
    lines = []
    for name, region, found in _targets(measures):
        for which, ends in ((LONGEST, found.ends), (PERPENDICULAR, found.perpendicular_ends)):
            line = before.pop((name, which), None)
            if line is None:
                with _placing_kept():
                    line = _new_line(name, which, find_part(region).color)
                line.SetDisplayVisibility(shown)
            _put(line, ends, reference)
            segmentation.AddNodeReferenceID(LINES_ROLE, line.GetID())
            lines.append(line)
    remove_nodes(before.values())
    if lines:
        place_in_folder(lines, reference, _("{name} diameters").format(name=segmentation.GetName()))
    return lines


def show_lines(segmentation: Any, shown: bool) -> None:
    """Show the lines of a segmentation in the slice views, or not."""
    for line in lines_of(segmentation):
        if bool(line.GetDisplayVisibility()) != shown:
            line.SetDisplayVisibility(shown)


def are_shown(segmentation: Any) -> bool:
    """Say whether the lines of a segmentation are shown, True where it has none."""
    return all(line.GetDisplayVisibility() for line in lines_of(segmentation))


class DiameterLink:
    """Keeps the rows of a table node true to a segmentation's lines; changed is called after a row has changed."""

    def __init__(self, segmentation: Any, table: Any, changed: Callable[[], None]) -> None:
        self._table, self._changed = table, changed
        self._lines = lines_of(segmentation)
        self._tags = [(line, line.AddObserver(line.PointModifiedEvent, self._on_moved)) for line in self._lines]

    @property
    def lines(self) -> list[Any]:
        """The lines that are followed."""
        return self._lines

    def close(self) -> None:
        """Follow the lines no more."""
        for line, tag in self._tags:
            line.RemoveObserver(tag)
        self._tags = []

    def _on_moved(self, caller: Any, event: str) -> None:
        name, which = _key_of(caller)
        rows = lesion_rows(self._table)
        if caller.GetNumberOfDefinedControlPoints() != 2:
            return  # an end was taken away, and is placed anew
        _label(caller)
        updated = [_measured(row, caller, which) if row.Lesion == name else row for row in rows]
        if updated != rows:
            fill_lesions(self._table, updated)
            self._changed()


def _measured(row: LesionRow, line: Any, which: str) -> LesionRow:
    """Return a lesion's row with the length of one of its lines, itself where that is the same."""
    length, before = line.GetLineLengthWorld(), {LONGEST: row.Longest, PERPENDICULAR: row.Perpendicular}[which]
    r, a, s = _middle(line) if which == LONGEST else row.place
    if math.isclose(length, before, abs_tol=_SAME_MM) and math.dist((r, a, s), row.place) < _SAME_MM:
        return row
    longest, perpendicular = (length, row.Perpendicular) if which == LONGEST else (row.Longest, length)
    return replace(
        row, Longest=longest, Perpendicular=perpendicular, Product=longest * perpendicular, ByHand=True, R=r, A=a, S=s
    )


def _targets(measures: Measures) -> Iterator[tuple[str, str, Diameters]]:
    for burden in (measures.enhancing, measures.whole):
        for lesion in burden.lesions:
            if lesion.target:
                yield lesion_name(burden, lesion), burden.region, lesion.diameters


def _spoken(which: str) -> str:
    return {LONGEST: _("longest"), PERPENDICULAR: _("perpendicular")}[which]


def _key_of(line: Any) -> tuple[str, str]:
    return line.GetAttribute(LESION_ATTRIBUTE), line.GetAttribute(WHICH_ATTRIBUTE)


@contextmanager
def _placing_kept() -> Iterator[None]:
    """Let the mouse go on placing what it did: Slicer makes each new markup the one that the next click belongs to."""
    selection = slicer.app.applicationLogic().GetSelectionNode()
    kind, node_id = selection.GetActivePlaceNodeClassName(), selection.GetActivePlaceNodeID()
    try:
        yield
    finally:
        selection.SetReferenceActivePlaceNodeClassName(kind)
        selection.SetReferenceActivePlaceNodeID(node_id)


def _new_line(lesion: str, which: str, color: tuple[float, float, float]) -> Any:
    """Add a line without points for a lesion's diameter."""
    line = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsLineNode", f"{lesion} {_spoken(which)}")
    line.SetAttribute(LESION_ATTRIBUTE, lesion)
    line.SetAttribute(WHICH_ATTRIBUTE, which)
    line.CreateDefaultDisplayNodes()
    display = line.GetDisplayNode()
    display.SetColor(*color)
    display.SetSelectedColor(*color)
    display.SetGlyphScale(_GLYPH)
    display.SetTextScale(_TEXT)
    display.SetLineThickness(_THICKNESS)
    display.SetPointLabelsVisibility(True)
    display.SetPropertiesLabelVisibility(False)  # both lines would have theirs where they cross
    display.SetVisibility3D(False)
    return line


def _put(line: Any, ends: tuple[Point, Point], reference: Any) -> None:
    """Let a line go from one point (LPS, mm) of the world to another."""
    was = line.StartModify()
    try:
        line.SetAndObserveTransformNodeID(reference.GetTransformNodeID())
        line.RemoveAllControlPoints()
        for x, y, z in ends:
            line.AddControlPointWorld([-x, -y, z])
        _label(line)
    finally:
        line.EndModify(was)


def _label(line: Any) -> None:
    """Write a line's length at its beginning, where that has changed; at the longest one the lesion's name as well."""
    lesion, which = _key_of(line)
    length = _("{length} mm").format(length=f"{line.GetLineLengthWorld():.1f}")
    for place, text in enumerate((f"{lesion}: {length}" if which == LONGEST else length, "")):
        if line.GetNthControlPointLabel(place) != text:
            line.SetNthControlPointLabel(place, text)


def _middle(line: Any) -> tuple[float, float, float]:
    start, end = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    line.GetNthControlPointPositionWorld(0, start)
    line.GetNthControlPointPositionWorld(1, end)
    r, a, s = ((first + second) / 2 for first, second in zip(start, end, strict=True))
    return r, a, s
