"""The table of lesions: what was measured of each, where it is, and whether it is still true of the segmentation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from ...core.amounts import format_volume
from ...core.findings import Severity
from ..nodes.diameters import DiameterLink, lines_of, show_lines
from ..nodes.lesions import OTHERS_ATTRIBUTE, LesionRow, lesion_rows, sums_of_products
from ..nodes.measured import is_measurable, is_out_of_date, lesion_table_of
from ..nodes.output import reference_of
from ..nodes.terminology import find_part
from ..nodes.views import show_behind
from ..segmenting import Segmenting
from .further import waits_text
from .richtext import faint, lines, marked
from .swatch import swatch

_SETTLED_MS = 300
"""How long a segmentation must rest before its voxels are held against those that were measured."""
_MOST_ROWS = 7
"""Rows that are seen without scrolling."""


class LesionsPart(VTKObservationMixin):
    """Shows the lesions of the chosen segmentation, follows its lines and its edits, and measures anew when asked.

    said: called with an error's sentence. measured: called after the tables have changed.
    """

    def __init__(self, ui: Any, segmenting: Segmenting, said: Any, measured: Any) -> None:
        VTKObservationMixin.__init__(self)
        self._ui, self._segmenting, self._said, self._measured = ui, segmenting, said, measured
        self._node: Any = None
        self._link: DiameterLink | None = None
        self._rows: Sequence[LesionRow] = ()
        self._stale = self._asked = False
        self._settled = qt.QTimer()
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLED_MS)
        self._settled.connect("timeout()", self._compare)
        self._set_up()
        ui.lesionsTable.connect("cellClicked(int,int)", self._on_clicked)
        ui.measureButton.connect("clicked()", self.measure)
        segmenting.cancelled.connect(self._on_cancelled)
        segmenting.further_changed.connect(self._show)

    def _set_up(self) -> None:
        table = self._ui.lesionsTable
        table.setColumnCount(4)
        table.setHorizontalHeaderLabels([_("Lesion"), "ml", _("Diameters (mm)"), "mm\u00b2"])
        table.horizontalHeader().setSectionResizeMode(0, qt.QHeaderView.Stretch)
        for column in (1, 2, 3):
            table.horizontalHeader().setSectionResizeMode(column, qt.QHeaderView.ResizeToContents)
        tips = (
            _("ET: enhancing lesions, WT: those of the whole tumor, each from the largest on; bold: target lesions"),
            _("Volume in milliliters"),
            _("Longest axial diameter and its longest perpendicular, in millimeters"),
            _("Product of both diameters, in square millimeters"),
        )
        for column, text in enumerate(tips):
            table.horizontalHeaderItem(column).setToolTip(text)

    # --- what the panel tells -----------------------------------------------------------------------------------------
    def follow(self, segmentation: Any, shown: bool) -> None:
        """Show the lesions of a segmentation, or nothing where it is None; shown: whether its diameters are drawn."""
        table = lesion_table_of(segmentation)
        followed = self._link.lines if self._link is not None else []
        if segmentation is not self._node or followed != (lines_of(segmentation) if table is not None else []):
            self._take(segmentation)
        if table is not None:
            show_lines(segmentation, shown)
        self._show()

    def close(self) -> None:
        """Let go of everything."""
        self._take(None)
        self._settled.stop()
        self._segmenting.cancelled.disconnect(self._on_cancelled)
        self._segmenting.further_changed.disconnect(self._show)

    # --- what a person does -------------------------------------------------------------------------------------------
    def measure(self) -> None:
        """Let the worker measure the segmentation as it is now."""
        if self._node is None or self._asked or self._segmenting.busy:
            return
        self._asked = True
        self._segmenting.measure(self._node, self._on_measured, self._on_failed)
        self._show()

    def _on_clicked(self, row: int, column: int) -> None:
        """Move all slice views to a lesion."""
        if not 0 <= row < len(self._rows):
            return
        reference = reference_of(self._node)
        if reference is not None:
            show_behind(reference, [reference])
        slicer.vtkMRMLSliceNode.JumpAllSlices(slicer.mrmlScene, *self._rows[row].place)

    # --- what comes back ----------------------------------------------------------------------------------------------
    def _take(self, segmentation: Any) -> None:
        self.removeObservers()
        if self._link is not None:
            self._link.close()
        self._node, self._link, self._stale = segmentation, None, False
        if segmentation is None:
            return
        table = lesion_table_of(segmentation)
        if table is not None:
            self._link = DiameterLink(segmentation, table, self._measured)
        for event in (
            slicer.vtkSegmentation.SourceRepresentationModified,
            slicer.vtkSegmentation.SegmentRemoved,
            slicer.vtkSegmentation.SegmentAdded,
        ):
            self.addObserver(segmentation, event, self._on_edited)
        self._settled.start()

    def _on_edited(self, caller: Any, event: Any) -> None:
        self._settled.start()

    def _compare(self) -> None:
        stale = self._node is not None and self._node.GetScene() is not None and is_out_of_date(self._node)
        if stale != self._stale:
            self._stale = stale
            self._show()

    def _on_measured(self, table: Any) -> None:
        self._asked = False
        self._take(self._node)
        self._measured()

    def _on_failed(self, error: Exception) -> None:
        self._asked = False
        self._said(str(error))
        self._show()

    def _on_cancelled(self) -> None:
        self._asked = False

    # --- showing ------------------------------------------------------------------------------------------------------
    def _show(self) -> None:
        ui, node = self._ui, self._node
        table_node = lesion_table_of(node)
        self._rows = lesion_rows(table_node)
        self._show_rows()
        ui.lesionsLabel.text = lines(self._summary(table_node))
        ui.lesionsLabel.visible = bool(ui.lesionsLabel.text)
        ui.showDiametersCheckBox.visible = bool(self._link is not None and self._link.lines)
        can = node is not None and is_measurable(node)
        ui.measureButton.visible = can and (self._stale or table_node is None)
        ui.measureButton.enabled = not self._asked and not self._segmenting.busy
        ui.measureButton.text = _("Measure again") if table_node is not None else _("Measure")

    def _show_rows(self) -> None:
        table = self._ui.lesionsTable
        table.setRowCount(len(self._rows))
        for place, row in enumerate(self._rows):
            diameters = f"{row.Longest:.1f} \u00d7 {row.Perpendicular:.1f}"
            for column, text in enumerate((row.Lesion, format_volume(row.Volume), diameters, f"{row.Product:.0f}")):
                table.setItem(place, column, self._item(row, column, text))
        height = table.verticalHeader().defaultSectionSize
        table.setFixedHeight((min(len(self._rows), _MOST_ROWS) + 1) * height + 2 * table.frameWidth)
        table.visible = bool(self._rows)

    def _item(self, row: LesionRow, column: int, text: str) -> Any:
        item = qt.QTableWidgetItem(text)
        if column:
            item.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
        else:
            item.setIcon(swatch(find_part(row.Region).color))
        font = item.font()
        font.setBold(row.Target)
        font.setItalic(row.ByHand)
        item.setFont(font)
        item.setToolTip(_tip(row))
        return item

    def _summary(self, table_node: Any) -> list[str]:
        """Return what stands below the table."""
        said = []
        if self._stale:
            text = _("The segmentation has been edited since it was measured.")
            said.append(marked(Severity.WARNING, text))
        if self._asked and self._segmenting.further_runs:
            said.append(faint(waits_text()))
        for region, (count, total) in sums_of_products(self._rows).items():
            text = _("{region}: sum of products {total} mm\u00b2, target lesions: {count}")
            said.append(faint(text.format(region=region, total=f"{total:.0f}", count=count)))
        if table_node is None:
            return said
        others = int(table_node.GetAttribute(OTHERS_ATTRIBUTE) or 0)
        if others:
            said.append(faint(_("Smaller lesions that are not listed: {count}").format(count=others)))
        if table_node.GetDescription():
            said.append(faint(table_node.GetDescription()))
        return said


def _tip(row: LesionRow) -> str:
    """Return what a row does not show."""
    parts = [_("{name}, slice {slice}, {diameter} mm across in 3D").format(
        name=find_part(row.Region).name, slice=row.Slice, diameter=f"{row.Diameter3D:.1f}"
    )]  # fmt: skip
    parts += [{"left": _("on the left"), "right": _("on the right")}[row.Side]] if row.Side else []
    parts += [_("target lesion")] if row.Target else []
    parts += [_("its diameters were moved by hand")] if row.ByHand else []
    return ", ".join(parts)
