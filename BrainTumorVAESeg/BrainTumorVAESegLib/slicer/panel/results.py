"""The results' part: the volumes of what was found, how it is shown, and how it came about."""

from __future__ import annotations

from typing import Any

import qt
from slicer.i18n import tr as _

from ...core.amounts import format_volume
from ...core.verdict import INTERVAL_COVERAGE
from ..choices import Style
from ..nodes.segments import segment_keys
from ..nodes.tables import intervals_of, rows_of
from ..nodes.terminology import find_part
from .swatch import swatch


class ResultsPart:
    """The table of volumes and the line below it."""

    def __init__(self, ui: Any) -> None:
        self._ui = ui
        table = ui.resultsTable
        table.setColumnCount(3)
        share = f"{100 * INTERVAL_COVERAGE:.0f}"
        table.setHorizontalHeaderLabels([_("Structure"), _("Volume (ml)"), _("{share} % range").format(share=share)])
        table.horizontalHeaderItem(2).setToolTip(_between_tip())
        table.horizontalHeader().setSectionResizeMode(0, qt.QHeaderView.Stretch)
        for column in (1, 2):
            table.horizontalHeader().setSectionResizeMode(column, qt.QHeaderView.ResizeToContents)

    def show(self, table_node: Any, style: Style) -> None:
        """Show the volumes of a table node, or nothing where there is none.

        What is a segment of the style has the segment's color beside it.
        """
        volumes = rows_of(table_node) if table_node is not None else {}
        intervals = intervals_of(table_node) if table_node is not None else {}
        table, colored = self._ui.resultsTable, segment_keys(style)
        table.setRowCount(len(volumes))
        for row, (key, volume) in enumerate(volumes.items()):
            name = qt.QTableWidgetItem(find_part(key).name)
            name.setIcon(swatch(find_part(key).color if key in colored else None))
            table.setItem(row, 0, name)
            table.setItem(row, 1, _right(format_volume(volume)))
            table.setItem(row, 2, _between(intervals.get(key)))
        table.setColumnHidden(2, not intervals)
        # As high as its rows, so that it needs no scroll bar.
        table.setFixedHeight((len(volumes) + 1) * table.verticalHeader().defaultSectionSize + 2 * table.frameWidth)
        table.visible = bool(volumes)
        self._ui.displayWidget.visible = bool(volumes)
        description = table_node.GetDescription() if table_node is not None else ""
        self._ui.resultLabel.text = description
        self._ui.resultLabel.visible = bool(description)


def _right(text: str) -> Any:
    item = qt.QTableWidgetItem(text)
    item.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
    return item


def _between(ends: tuple[float, float] | None) -> Any:
    """Return the cell of an interval, to whole numbers where these tell enough."""
    if ends is None:
        return _right("")
    digits = 0 if ends[1] >= 10 else 1
    item = _right(_("{low} to {high}").format(low=f"{ends[0]:.{digits}f}", high=f"{ends[1]:.{digits}f}"))
    item.setToolTip(_between_tip())
    return item


def _between_tip() -> str:
    text = _("Made so that the true volume lies within it in {share} % of cases")
    return text.format(share=f"{100 * INTERVAL_COVERAGE:.0f}")
