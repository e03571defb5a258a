"""The line above the results that says whether the images are like those that the model learned from."""

from __future__ import annotations

from typing import Any

from slicer.i18n import tr as _

from ...core.findings import Severity
from ...core.verdict import Familiarity, Verdict
from ..nodes.output import verdict_of, was_judged
from .richtext import COLORS, GOOD, colored, faint, lines, plain

_LOOKS = {
    Familiarity.FAMILIAR: (GOOD, "✔"),
    Familiarity.UNUSUAL: (COLORS[Severity.WARNING], "▲"),
    Familiarity.UNLIKE: (COLORS[Severity.ERROR], "✖"),
}
"""Color and mark."""


class VerdictPart:
    """The verdict of the chosen result and its reasons, hidden where there is no result."""

    def __init__(self, ui: Any) -> None:
        self._ui = ui

    def show(self, segmentation: Any) -> None:
        """Show the verdict that a segmentation node tells; say so where its model could not judge."""
        label, judged = self._ui.verdictLabel, was_judged(segmentation)
        label.visible = judged  # what it reads is another thing: False in a section that is folded
        if not judged:
            label.text = ""
            return
        verdict = verdict_of(segmentation)
        label.text = (
            _text(verdict)
            if verdict is not None
            else faint(_("This model brings nothing to judge the images by (models calibrate)."))
        )


def _text(verdict: Verdict) -> str:
    names = {
        Familiarity.FAMILIAR: _("The images are familiar"),
        Familiarity.UNUSUAL: _("The images are unusual: look closely"),
        Familiarity.UNLIKE: _("The images are unlike the training data: do not rely on the result"),
    }
    color, mark = _LOOKS[verdict.familiarity]
    reasons = [plain(f"• {reason.message}") for reason in verdict.reasons]
    return lines([colored(color, f"{mark} {names[verdict.familiarity]}"), *reasons, *map(faint, verdict.unavailable)])
