"""What each sequence contributed: the table of how alike the answer stays without each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import qt
from slicer.i18n import tr as _

from ...core.inspection import Contribution
from ...core.labels import REGIONS


class ContributionsPart:
    """The table, which is hidden until there is an answer."""

    def __init__(self, ui: Any) -> None:
        self._table = ui.contributionsTable
        self._table.setColumnCount(1 + len(REGIONS))
        self._table.setHorizontalHeaderLabels([_("Without"), *(f"{region.key} (ml)" for region in REGIONS)])
        for column in range(1 + len(REGIONS)):
            self._table.horizontalHeader().setSectionResizeMode(column, qt.QHeaderView.Stretch)
        self.show(())

    def show(self, rows: Sequence[Contribution]) -> None:
        """Show a row a sequence: Dice of the answer without it with the answer as it is, and its change."""
        table = self._table
        without = [row for row in rows if row.instead == "nothing"]
        given_back = {row.modality: row for row in rows if row.instead != "nothing"}
        table.setRowCount(len(without))
        for place, row in enumerate(without):
            table.setItem(place, 0, qt.QTableWidgetItem(row.modality))
            for column, region in enumerate(REGIONS, start=1):
                item = qt.QTableWidgetItem(_cell(row, region.key))
                item.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
                item.setToolTip(_tip(row, given_back.get(row.modality), region.key))
                table.setItem(place, column, item)
        table.setFixedHeight((len(without) + 1) * table.verticalHeader().defaultSectionSize + 2 * table.frameWidth)
        table.visible = bool(without)


def _cell(row: Contribution, region: str) -> str:
    change = row.change_ml[region]
    return f"{row.dice[region]:.2f} ({change:+.{0 if abs(change) >= 10 else 1}f})"


def _tip(row: Contribution, given_back: Contribution | None, region: str) -> str:
    text = _("Without {sequence}: {change} ml, Dice {dice} with the answer as it is.").format(
        sequence=row.modality, change=f"{row.change_ml[region]:+.1f}", dice=f"{row.dice[region]:.2f}"
    )
    if given_back is None:
        return text
    return (
        text
        + "\n"
        + _("With what the VAE gives back of it instead: {change} ml, Dice {dice}.").format(
            change=f"{given_back.change_ml[region]:+.1f}", dice=f"{given_back.dice[region]:.2f}"
        )
    )
