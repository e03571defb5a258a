"""The part that runs: one button that becomes Cancel, the progress, and one plain sentence when it ends."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from ...core.findings import Severity
from .richtext import marked, tip


class RunningPart:
    """The button, the bar and the message, which is kept without marks; what a click does is the panel's."""

    def __init__(self, ui: Any) -> None:
        self._ui, self._runs = ui, False
        self.message = ""
        self._of: object = None
        self.show_idle([])
        self.say("")

    def show_idle(self, reasons: list[str]) -> None:
        """Offer to segment, or say in the button's tooltip all that is in the way."""
        self._runs = False
        button = self._ui.applyButton
        button.text = _("Segment")
        button.enabled = not reasons
        button.toolTip = tip(reasons) if reasons else _("Segment the tumor in the four volumes")
        self._ui.progressBar.visible = False

    def show_running(self) -> None:
        """Offer to cancel."""
        if self._runs:
            return
        self._runs = True
        button = self._ui.applyButton
        button.text = _("Cancel")
        button.enabled = True
        button.toolTip = _("Stop; the scene stays as it is")
        self._ui.progressBar.value = 0
        self._ui.progressBar.format = _("Starting...")
        self._ui.progressBar.visible = True
        self.say("")

    def show_progress(self, stage: str, fraction: float, remaining: float | None) -> None:
        """Name the stage, and say how far it is and how many seconds it will take, where that can be told."""
        bar = self._ui.progressBar
        bar.value = round(100 * fraction)
        left = "" if remaining is None else _(", {time} left").format(time=duration(remaining))
        bar.format = f"{stage}, {round(100 * fraction)} %{left}"

    def say(self, text: str, severity: Severity = Severity.NOTE, log: bool = False, of: object = None) -> None:
        """Say how it ended, "" for nothing.

        log: offer to show what the worker wrote. of: the state that it is said of, None where it holds whatever comes.
        """
        self.message, self._of = text, of
        self._ui.messageLabel.text = marked(severity, text) if text else ""
        self._ui.messageLabel.visible = bool(text)
        self._ui.logButton.visible = log

    def follow(self, state: object) -> None:
        """Take back what was said of another state."""
        if self._of is not None and self._of != state:
            self.say("")


def duration(seconds: float) -> str:
    """Say seconds in round numbers, minutes where they are many."""
    if seconds < 100:
        return _("{seconds} s").format(seconds=max(1, round(seconds)))
    return _("{minutes} min").format(minutes=round(seconds / 60))
