"""The buttons that write a result out: a report, and DICOM objects for a PACS."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import qt
from slicer.i18n import tr as _

from ...core.answers import Written
from ...core.findings import Severity
from ...core.modalities import Modality
from ..exporting import dicom_steps, file_name, report_steps, series_of, series_stamp
from ..nodes.output import reference_of
from ..outcome import Outcome
from ..segmenting import Segmenting
from .further import waits_text
from .richtext import faint, lines, marked


class ExportPart:
    """Asks where to, lets the worker write, and says where it is; of the last result, since the worker keeps that."""

    def __init__(self, ui: Any, segmenting: Segmenting) -> None:
        self._ui, self._segmenting = ui, segmenting
        self._of: Outcome | None = None
        self._volumes: Mapping[Modality, Any] = {}
        self._stamp: tuple[object, ...] | None = None
        self._has_series = False
        self._writes, self._writing = False, ""
        ui.reportButton.connect("clicked()", self.ask_and_report)
        ui.dicomButton.connect("clicked()", self.ask_and_export)
        segmenting.cancelled.connect(self._on_cancelled)
        segmenting.further_changed.connect(self._say_what_runs)
        self._say([])

    def follow(self, segmentation: Any, volumes: Mapping[Modality, Any]) -> None:
        """Offer what can be written of the chosen segmentation. volumes: the chosen ones."""
        outcome = self._segmenting.last
        if outcome is not None and (outcome.segmentation is not segmentation or reference_of(segmentation) is None):
            outcome = None
        if outcome is not self._of:
            self._of = outcome
            self._say([])
        self._volumes = volumes
        idle = not self._writes and not self._segmenting.busy
        self._ui.exportWidget.visible = segmentation is not None and reference_of(segmentation) is not None
        self._ui.reportButton.enabled = outcome is not None and idle
        series = outcome is not None and self._look_up(segmentation, volumes)
        self._ui.dicomButton.enabled = series and idle
        self._ui.reportButton.toolTip = _only_last() if outcome is None else _("Write a page to read, print and file")
        self._ui.dicomButton.toolTip = self._why_no_dicom(outcome is not None, series)

    def _look_up(self, segmentation: Any, volumes: Mapping[Modality, Any]) -> bool:
        """Say whether there are DICOM files to refer to; the database is asked where that may have changed."""
        stamp = series_stamp(segmentation, volumes)
        if stamp != self._stamp:
            self._stamp, self._has_series = stamp, bool(series_of(segmentation, volumes))
        return self._has_series

    def close(self) -> None:
        """Let go of everything."""
        self._segmenting.cancelled.disconnect(self._on_cancelled)
        self._segmenting.further_changed.disconnect(self._say_what_runs)

    def ask_and_report(self) -> None:
        """Let a person choose a file and write the report."""
        if self._of is None:
            return
        name = f"{file_name(reference_of(self._of.segmentation).GetName())}_report.html"
        title, kinds = _("Write a report"), _("Pages (*.html)")
        path = qt.QFileDialog.getSaveFileName(self._ui.reportButton.window(), title, name, kinds)
        path = path[0] if isinstance(path, tuple) else path
        if path:
            self.report(Path(path if path.lower().endswith(".html") else f"{path}.html"))

    def ask_and_export(self) -> None:
        """Let a person choose a folder and write the DICOM objects."""
        title = _("Write DICOM objects to a folder")
        path = qt.QFileDialog.getExistingDirectory(self._ui.dicomButton.window(), title)
        if path:
            self.export(Path(path))

    def report(self, file: Path) -> None:
        """Write the report and open it."""
        if self._of is None:
            return
        steps = report_steps(self._of.segmentation, self._of.told, file, self._segmenting.client.exchange)
        self._start(steps, _("Writing the report..."), self._on_reported)

    def export(self, folder: Path) -> None:
        """Write the DICOM objects."""
        if self._of is None:
            return
        outcome, series = self._of, series_of(self._of.segmentation, self._volumes)
        steps = dicom_steps(outcome.segmentation, outcome.told, series, folder, self._segmenting.client.exchange)
        self._start(steps, _("Writing DICOM objects..."), self._on_written)

    def _start(self, steps: Any, text: str, done: Any) -> None:
        if self._of is None or self._writes:
            return
        self._writes, self._writing = True, text
        self._say_what_runs()
        self._ui.reportButton.enabled = self._ui.dicomButton.enabled = False
        self._segmenting.beside(steps, self._of.segmentation, done, self._on_failed)

    def _on_reported(self, written: Written) -> None:
        self._on_written(written)
        qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(written.files[0]))

    def _on_written(self, written: Written) -> None:
        folder = Path(written.files[0]).parent
        names = ", ".join(Path(file).name for file in written.files)
        said = [faint(_("Written to {folder}: {names}").format(folder=folder, names=names))]
        self._end([*said, *(marked(Severity.NOTE, note) for note in written.notes)])

    def _on_failed(self, error: Exception) -> None:
        self._end([marked(Severity.ERROR, str(error))])

    def _on_cancelled(self) -> None:
        if self._writes:
            self._end([])

    def _end(self, said: list[str]) -> None:
        self._writes = False
        self._say(said)
        if self._of is not None:
            self.follow(self._of.segmentation, self._volumes)

    def _say_what_runs(self) -> None:
        if self._writes:
            self._say([faint(waits_text() if self._segmenting.further_runs else self._writing)])

    def _say(self, said: list[str]) -> None:
        self._ui.exportLabel.text = lines(said)
        self._ui.exportLabel.visible = bool(said)

    @staticmethod
    def _why_no_dicom(last: bool, series: bool) -> str:
        if not last:
            return _only_last()
        if not series:
            return _("The reference volume did not come from DICOM, so that no DICOM object can refer to it")
        return _("Write DICOM SEG and SR for a PACS, which refer to the source series")


def _only_last() -> str:
    return _("Written of the last result of this session: segment, or segment again")
