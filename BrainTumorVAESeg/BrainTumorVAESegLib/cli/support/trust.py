"""The input check's verdict and the volumes' intervals, on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.errors import CheckError
from ...core.verdict import Familiarity
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
    volumes = summary["volumes_ml"]
    told = [
        f"{region} {volumes[region]:.1f} ml ({low:.1f} to {high:.1f})"
        for region, (low, high) in summary["intervals_ml"].items()
        if high > 0
    ]
    if told:
        screen.item("probably", ", ".join(told))


def stop_on_verdict(summary: Mapping[str, Any]) -> None:
    """Raise CheckError unless the input check found nothing unusual, or there was none."""
    verdict = summary["input"]
    if verdict is None:
        raise CheckError("The input cannot be judged: the model was not calibrated; see models calibrate.")
    if verdict["familiarity"] != Familiarity.FAMILIAR:
        reasons = " ".join(reason["message"] for reason in verdict["reasons"])
        raise CheckError(f"The input is {verdict['familiarity']}: {reasons} The results were written all the same.")
