"""The input check's verdict and the volumes' intervals, on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.amounts import format_volume
from ...core.errors import CheckError
from ...core.verdict import INTERVAL_COVERAGE, Familiarity
from .screen import Screen

_STYLES = {Familiarity.FAMILIAR: "bold green", Familiarity.UNUSUAL: "bold yellow", Familiarity.UNLIKE: "bold red"}


def show_trust(screen: Screen, summary: Mapping[str, Any]) -> None:
    """Print the verdict with its reasons, and the intervals of the volumes that are not 0."""
    verdict = summary["input"]
    if verdict is None:
        return
    familiarity = Familiarity(verdict["familiarity"])
    screen.line()
    screen.line(f"Input: {familiarity}", style=_STYLES[familiarity])
    for reason in verdict["reasons"]:
        screen.item("", reason["message"], width=2)
    told = {region: ends for region, ends in summary["intervals_ml"].items() if ends[1] > 0}
    if told:
        screen.item("ranges", ranges_text(told))


def ranges_text(intervals: Mapping[str, Sequence[float]]) -> str:
    """Return the intervals of volumes (ml, by region) in a line, with how often the true one lies within."""
    ends = [f"{region} {format_volume(low)} to {format_volume(high)} ml" for region, (low, high) in intervals.items()]
    return f"{', '.join(ends)} (made to hold the true volume in {100 * INTERVAL_COVERAGE:.0f} % of cases)"


def stop_on_verdict(summary: Mapping[str, Any]) -> None:
    """Raise CheckError unless the input check found nothing unusual, or there was none."""
    verdict = summary["input"]
    if verdict is None:
        raise CheckError("The input cannot be judged: the model was not calibrated; see models calibrate.")
    if verdict["familiarity"] != Familiarity.FAMILIAR:
        reasons = " ".join(reason["message"] for reason in verdict["reasons"])
        raise CheckError(f"The input is {verdict['familiarity']}: {reasons} The results were written all the same.")
