"""What each sequence contributed: the button that asks, and the table of how alike the answer stays without each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import qt
from slicer.i18n import tr as _

from ...core.answers import Explained
from ...core.inspection import Contribution
from ...core.labels import REGIONS
from ..outcome import Outcome
from ..segmenting import Segmenting


class ContributionsPart:
    """The button and its table, which is hidden until there is an answer. failed: called with what went wrong."""

    def __init__(self, ui: Any, segmenting: Segmenting, failed: Callable[[Exception], None]) -> None:
        self._ui, self._segmenting, self._failed = ui, segmenting, failed
        self._of: Outcome | None = None
        self._running = False
        table = ui.contributionsTable
        table.setColumnCount(1 + len(REGIONS))
        table.setHorizontalHeaderLabels([_("Without"), *(region.key for region in REGIONS)])
        for column in range(1 + len(REGIONS)):
            table.horizontalHeader().setSectionResizeMode(column, qt.QHeaderView.Stretch)
        ui.contributionsButton.connect("clicked()", self._on_clicked)
        segmenting.cancelled.connect(self._on_cancelled)
        self.take(None)

    def take(self, outcome: Outcome | None) -> None:
        """Follow another result, or none: what is told of the former one goes."""
        self._of, self._running = outcome, False
        self._show(())
        self._say()

    def allow(self, usable: bool) -> None:
        """Let a person ask, or not while a segmentation runs."""
        self._ui.contributionsButton.enabled = usable and self._of is not None

    def close(self) -> None:
        """Let go of everything."""
        self._segmenting.cancelled.disconnect(self._on_cancelled)

    def _on_clicked(self) -> None:
        """Ask, or stop what was asked for, which ends the worker."""
        if self._running:
            self._segmenting.cancel()
            return
        outcome = self._of
        if outcome is None:
            return
        self._running = True
        self._say()
        self._segmenting.contribute(
            outcome,
            lambda told: self._on_told(outcome, told),
            lambda error: self._on_error(outcome, error),
        )

    def _on_told(self, outcome: Outcome, told: Explained) -> None:
        if outcome is self._of:
            self._running = False
            self._show(told.contributions)
            self._say()

    def _on_error(self, outcome: Outcome, error: Exception) -> None:
        if outcome is self._of:
            self._running = False
            self._say()
            self._failed(error)

    def _on_cancelled(self) -> None:
        self._running = False
        self._say()

    def _say(self) -> None:
        self._ui.contributionsButton.text = _("Stop") if self._running else _("What each sequence contributed")

    def _show(self, rows: Sequence[Contribution]) -> None:
        """Show a row a sequence: Dice of the answer without it with the answer as it is; more stands in tooltips."""
        table = self._ui.contributionsTable
        without = [row for row in rows if row.instead == "nothing"]
        given_back = {row.modality: row for row in rows if row.instead != "nothing"}
        table.setRowCount(len(without))
        for place, row in enumerate(without):
            table.setItem(place, 0, qt.QTableWidgetItem(row.modality))
            for column, region in enumerate(REGIONS, start=1):
                item = qt.QTableWidgetItem(f"{row.dice[region.key]:.2f}")
                item.setTextAlignment(qt.Qt.AlignRight | qt.Qt.AlignVCenter)
                item.setToolTip(_tip(row, given_back.get(row.modality), region.key))
                table.setItem(place, column, item)
        table.setFixedHeight((len(without) + 1) * table.verticalHeader().defaultSectionSize + 2 * table.frameWidth)
        table.visible = bool(without)


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
