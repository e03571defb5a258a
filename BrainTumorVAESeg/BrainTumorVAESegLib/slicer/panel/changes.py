"""The table of what the second stage won and lost of each region."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import qt
from slicer.i18n import tr as _

from ...core.inspection import StageChange


class ChangesPart:
    """The table; hidden where a second stage did not run."""

    def __init__(self, ui: Any) -> None:
        self._ui, table = ui, ui.changesTable
        table.setColumnCount(3)
        table.setHorizontalHeaderLabels([_("Stage 2"), _("Won, ml"), _("Lost, ml")])
        for column in range(3):
            table.horizontalHeader().setSectionResizeMode(column, qt.QHeaderView.Stretch)
        self.show(())

    def show(self, changes: Sequence[StageChange]) -> None:
        """Show the changes, a row a region; how many voxels these are stands in the tooltips."""
        table = self._ui.changesTable
        table.setRowCount(len(changes))
        for row, change in enumerate(changes):
            table.setItem(row, 0, qt.QTableWidgetItem(change.region))
            for column, (ml, voxels) in enumerate(
                ((change.won_ml, change.won_voxels), (change.lost_ml, change.lost_voxels)), start=1
            ):
                item = qt.QTableWidgetItem(f"{ml:.2f}")
                item.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
                item.setToolTip(_("{count} voxels").format(count=voxels))
                table.setItem(row, column, item)
        table.setFixedHeight((len(changes) + 1) * table.verticalHeader().defaultSectionSize + 2 * table.frameWidth)
        table.visible = bool(changes)
