"""The Batch section: a list of studies with their states, and one button that segments all of them or cancels."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from ...core.errors import BrainTumorVAESegError
from ...core.findings import Severity
from ...core.resources import resources_folder
from ..batch import Batch, Row, RowState
from ..choices import Choices
from ..segmenting import Segmenting
from .richtext import BUSY, COLORS, GOOD

_COLORS = {RowState.DONE: GOOD, RowState.FAILED: COLORS[Severity.ERROR], RowState.RUNNING: BUSY}
_INTO_FILES = 1


class BatchPart:
    """The section, which stands below that of Inspect.

    choices: what is chosen in the panel beside the volumes. reasons: what is in the way of segmenting whatever study.
    """

    def __init__(
        self,
        ui: Any,
        segmenting: Segmenting,
        choices: Callable[[], Choices],
        reasons: Callable[[], Sequence[str]],
    ) -> None:
        self.batch = Batch(segmenting)
        self._segmenting, self._choices, self._reasons = segmenting, choices, reasons
        self._said = ""
        self._out: Path | None = None
        self.ui = self._build(ui)
        self.batch.changed.connect(self.refresh)
        segmenting.changed.connect(self.refresh)
        segmenting.progressed.connect(self._on_progressed)
        self.refresh()

    def _build(self, ui: Any) -> Any:
        """Put the section's widgets into the panel and return them by name."""
        widget = slicer.util.loadUI(str(resources_folder() / "UI" / "Batch.ui"))
        above = ui.inspectCollapsibleButton
        layout = above.parentWidget().layout()
        layout.insertWidget(layout.indexOf(above) + 1, widget)
        own = slicer.util.childWidgetVariables(widget)
        table = own.batchTable
        table.setColumnCount(2)
        table.setHorizontalHeaderLabels([_("Study"), _("State")])
        for column in range(2):  # halves, so that a study's long name leaves room for why it failed
            table.horizontalHeader().setSectionResizeMode(column, qt.QHeaderView.Stretch)
        own.batchFolderButton.connect("clicked()", self.ask_and_add_folder)
        own.batchSceneButton.connect("clicked()", self.add_scene)
        own.batchRemoveButton.connect("clicked()", self.remove)
        own.batchStartButton.connect("clicked()", self.start_or_cancel)
        own.batchRetryButton.connect("clicked()", self.retry)
        own.batchTargetComboBox.connect("activated(int)", self._on_target_chosen)
        return own

    def close(self) -> None:
        """Let go of everything."""
        self._segmenting.changed.disconnect(self.refresh)
        self._segmenting.progressed.disconnect(self._on_progressed)
        self.batch.close()

    # --- what a person does -------------------------------------------------------------------------------------------
    def ask_and_add_folder(self) -> None:
        """Let a person choose a folder, and add its cases."""
        folder = self._ask_folder(_("A case's folder, or one with many cases"))
        if folder is not None:
            self.add_folder(folder)

    def add_folder(self, folder: Path) -> None:
        """Add a folder's cases."""
        self._try(lambda: self.batch.add_folder(folder, self._choices().model))

    def add_scene(self) -> None:
        """Add the scene's studies."""
        self._try(lambda: self.batch.add_scene(self._choices().model))

    def retry(self) -> None:
        """Let what failed wait again."""
        self._try(lambda: self.batch.retry(self._choices().model))

    def remove(self) -> None:
        """Take out the selected rows, or all where none is selected."""
        rows = {item.row() for item in self.ui.batchTable.selectedItems()}
        self.batch.remove([row for place, row in enumerate(self.batch.rows) if place in rows or not rows])

    def start_or_cancel(self) -> None:
        """Segment all that wait, or cancel where it runs."""
        if self.batch.running:
            self.batch.cancel()
            self._say(_("Cancelled; what is done stays."))
            return
        if self._into_files and self._out is None:
            self._on_target_chosen(_INTO_FILES)
        if not self._into_files or self._out is not None:
            self._try(lambda: self.batch.start(self._choices(), self._out if self._into_files else None))

    def choose_folder(self, folder: Path | None) -> None:
        """Let results go to a folder, or into the scene where it is None."""
        self._out = folder
        self.ui.batchTargetComboBox.currentIndex = 0 if folder is None else _INTO_FILES
        name = _("Results to files...") if folder is None else _("Results to {folder}").format(folder=folder)
        self.ui.batchTargetComboBox.setItemText(_INTO_FILES, name)
        self.refresh()

    @property
    def _into_files(self) -> bool:
        return bool(self.ui.batchTargetComboBox.currentIndex == _INTO_FILES)

    def _on_target_chosen(self, index: int) -> None:
        self.choose_folder(self._ask_folder(_("A folder for the results")) if index == _INTO_FILES else None)

    def _ask_folder(self, title: str) -> Path | None:
        path = qt.QFileDialog.getExistingDirectory(self.ui.batchTable.window(), title)
        return Path(os.fspath(path)) if path else None

    def _try(self, action: Callable[[], None]) -> None:
        self._say("")
        try:
            action()
        except BrainTumorVAESegError as error:
            self._say(str(error))

    # --- showing ------------------------------------------------------------------------------------------------------
    def refresh(self) -> None:
        """Show the list as it is now."""
        batch, ui = self.batch, self.ui
        ui.batchTable.setRowCount(len(batch.rows))
        for place, row in enumerate(batch.rows):
            self._show_row(place, row)
        ui.batchTable.resizeRowsToContents()
        waiting, failed = batch.count(RowState.WAITING), batch.count(RowState.FAILED)
        ui.batchStartButton.text = _("Cancel") if batch.running else _("Segment all")
        reasons = [] if batch.running else list(self._reasons())
        idle = not batch.running and not self._segmenting.busy
        ui.batchStartButton.enabled = batch.running or (idle and waiting > 0 and not reasons)
        ui.batchStartButton.toolTip = " ".join(reasons)
        ui.batchRetryButton.enabled = failed > 0
        ui.batchRemoveButton.enabled = bool(batch.rows)
        ui.batchTargetComboBox.enabled = not batch.running
        ui.batchLabel.text = self._said or self._summary()
        ui.batchLabel.visible = bool(ui.batchLabel.text)

    def _show_row(self, place: int, row: Row) -> None:
        name, state = qt.QTableWidgetItem(row.name), qt.QTableWidgetItem(_state_text(row))
        for item in (name, state):
            item.setToolTip(row.why or row.name)
        if row.state in _COLORS:
            state.setForeground(qt.QBrush(qt.QColor(_COLORS[row.state])))
        self.ui.batchTable.setItem(place, 0, name)
        self.ui.batchTable.setItem(place, 1, state)

    def _on_progressed(self, stage: str, fraction: float, remaining: float | None) -> None:
        """Tell beside the row that runs how far it is."""
        for place, row in enumerate(self.batch.rows):
            item = self.ui.batchTable.item(place, 1)
            if row.state is RowState.RUNNING and item is not None:
                item.setText(f"{_state_text(row)} {100 * fraction:.0f} %")

    def _summary(self) -> str:
        batch = self.batch
        if not batch.rows:
            return ""
        sentence = _("{done} of {total} done, {failed} failed.")
        return sentence.format(
            done=batch.count(RowState.DONE), total=len(batch.rows), failed=batch.count(RowState.FAILED)
        )

    def _say(self, sentence: str) -> None:
        self._said = sentence
        self.refresh()


def _state_text(row: Row) -> str:
    """Return a row's state for people, with what it tells."""
    text = {
        RowState.WAITING: _("Waiting"),
        RowState.RUNNING: _("Running..."),
        RowState.DONE: _("Done"),
        RowState.FAILED: _("Failed"),
    }[row.state]
    return f"{text}: {row.why}" if row.why else text
