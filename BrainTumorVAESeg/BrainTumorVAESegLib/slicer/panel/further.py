"""A question whose answer takes many times as long as segmenting: what it takes stands beside its button beforehand."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from ...core.answers import Explained
from ...core.errors import BrainTumorVAESegError, Cancelled
from ...core.inspection import Cost
from ..client.stages import stage_text
from ..segmenting import Outcome, Segmenting
from .richtext import faint
from .running import duration

_GB = 1e9


class FurtherPart:
    """A button that asks, and stops while it runs, the line with what it takes, and the bar of how far it is.

    button, label: the widgets. what: `MIRROR` or `CONTRIBUTIONS` of `core.inspection`. told: called with the answer of
    the result that is still the one looked at. failed: called with what went wrong. The bar serves all such questions,
    since one runs at a time.
    """

    def __init__(
        self,
        ui: Any,
        widgets: tuple[Any, Any],
        segmenting: Segmenting,
        what: str,
        told: Callable[[Explained], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._button, self._label = widgets
        self._bar, self._title = ui.furtherProgressBar, self._button.text
        self._segmenting, self._what, self._told, self._failed = segmenting, what, told, failed
        self._of: Outcome | None = None
        self._cost: Cost | None = None
        self._runs = self._stops = self._usable = False
        self._began = 0.0
        self._button.connect("clicked()", self._on_clicked)
        segmenting.cancelled.connect(self._on_ended)
        segmenting.further_changed.connect(self._show)
        self.take(None)

    def take(self, outcome: Outcome | None) -> None:
        """Follow another result, or none: what runs of the former one is stopped."""
        if self._runs and outcome is not self._of:
            self._segmenting.stop_further()
        self._of, self._cost = outcome, None
        self._on_ended()

    def state(self, cost: Cost | None) -> None:
        """Say what it takes, or nothing where that is not known."""
        self._cost = cost
        self._show()

    def allow(self, usable: bool) -> None:
        """Let a person ask, or not while a segmentation runs."""
        self._usable = usable
        self._show()

    def close(self) -> None:
        """Let go of everything."""
        self._segmenting.cancelled.disconnect(self._on_ended)
        self._segmenting.further_changed.disconnect(self._show)

    def _on_clicked(self) -> None:
        if self._runs:
            self._stops = True
            self._segmenting.stop_further()
            self._show()
            return
        outcome = self._of
        if outcome is None:
            return
        self._runs, self._began = True, time.monotonic()
        self._on_progressed("", 0.0)
        try:
            self._segmenting.look_further(
                outcome,
                self._what,
                lambda told: self._on_told(outcome, told),
                lambda error: self._on_failed(outcome, error),
                self._on_progressed,
            )
        except BrainTumorVAESegError as error:
            self._on_failed(outcome, error)

    def _on_told(self, outcome: Outcome, told: Explained) -> None:
        if outcome is self._of:
            self._on_ended()
            self._told(told)

    def _on_failed(self, outcome: Outcome, error: Exception) -> None:
        if outcome is self._of:
            self._on_ended()
            if not isinstance(error, Cancelled):
                self._failed(error)

    def _on_ended(self) -> None:
        self._runs = self._stops = False
        self._show()

    def _on_progressed(self, stage: str, fraction: float) -> None:
        elapsed = time.monotonic() - self._began
        left = ""
        if fraction > 0.05 and elapsed > 1:
            left = _(", {time} left").format(time=duration(elapsed * (1 - fraction) / fraction))
        self._bar.value = round(100 * fraction)
        self._bar.format = f"{stage_text(stage)}, {round(100 * fraction)} %{left}" if stage else _("Starting...")

    def _show(self) -> None:
        """The texts change where they are others alone, since this is called at every refresh."""
        text = (_("Stopping...") if self._stops else _("Stop")) if self._runs else self._title
        if self._button.text != text:
            self._button.text = text
        may_begin = self._cost is not None and not self._segmenting.looks_further  # not before one knows what it takes
        self._button.enabled = self._usable and (not self._stops if self._runs else may_begin)
        self._bar.visible = self._segmenting.looks_further
        said = _cost_text(self._cost) if self._cost is not None else ""
        if self._runs:
            said = _others_wait() if self._segmenting.further_runs else _waits_its_turn()
        self._label.text = faint(said) if said else ""
        self._label.visible = self._cost is not None


def waits_text() -> str:
    """Return what is said of anything that is asked of the worker while such a question runs, which goes first."""
    return _("This waits for the answers that are asked for under Inspect; stop those to have it now.")


def _others_wait() -> str:
    return _("What else is asked of the worker waits for this.")


def _waits_its_turn() -> str:
    return _("This waits for what was asked of the worker before.")


def _cost_text(cost: Cost) -> str:
    if not cost.passes:
        return _("Answered already: shown at once.")
    return _("{passes} more passes of the networks: about {time}, {memory} GB more memory").format(
        passes=cost.passes, time=duration(cost.seconds), memory=f"{cost.bytes / _GB:.1f}"
    )
