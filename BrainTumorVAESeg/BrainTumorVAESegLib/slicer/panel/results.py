"""The results' part: the volumes of what was found, how it is shown, and how it came about."""

from __future__ import annotations

from typing import Any

import qt
from slicer.i18n import tr as _

from ..choices import Style
from ..nodes.segments import segment_keys
from ..nodes.tables import rows_of
from ..nodes.terminology import find_part
from .swatch import swatch


class ResultsPart:
    """The table of volumes and the line below it."""

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        table = ui.resultsTable
        table.setColumnCount(2)
        table.setHorizontalHeaderLabels([_("Structure"), _("Volume (ml)")])
        table.horizontalHeader().setSectionResizeMode(0, qt.QHeaderView.Stretch)
        table.horizontalHeader().setSectionResizeMode(1, qt.QHeaderView.ResizeToContents)

    def show(self, table_node: Any, style: Style) -> None:
        """Show the volumes of a table node, or nothing where there is none.

        What is a segment of the style has the segment's color beside it.
        """
        volumes = rows_of(table_node) if table_node is not None else {}
        table, colored = self._ui.resultsTable, segment_keys(style)
        table.setRowCount(len(volumes))
        for row, (key, volume) in enumerate(volumes.items()):
            name = qt.QTableWidgetItem(find_part(key).name)
            name.setIcon(swatch(find_part(key).color if key in colored else None))
            number = qt.QTableWidgetItem(f"{volume:.2f}")
            number.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
            table.setItem(row, 0, name)
            table.setItem(row, 1, number)
        # As high as its rows, so that it needs no scroll bar.
        table.setFixedHeight((len(volumes) + 1) * table.verticalHeader().defaultSectionSize + 2 * table.frameWidth)
        table.visible = bool(volumes)
        self._ui.displayWidget.visible = bool(volumes)
        description = table_node.GetDescription() if table_node is not None else ""
        self._ui.resultLabel.text = description
        self._ui.resultLabel.visible = bool(description)
