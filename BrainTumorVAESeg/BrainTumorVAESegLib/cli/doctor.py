"""`braintumorvaeseg doctor`: whether everything needed is here and works, and what to do where not."""

from __future__ import annotations

from typing import Any

import typer

from .support.checkup import Check, State, check_all
from .support.options import Json, epilog
from .support.screen import Screen, open_screen

EPILOG = epilog("doctor", "doctor --json")
_STYLES = {State.OK: "bold green", State.NOTE: "bold", State.WARN: "bold yellow", State.FAIL: "bold red"}


def doctor(json: Json = False) -> None:
    """Check Python, libraries, device, memory and models.

    Exit code 0 where everything needed works, else that of the first failure.
    """
    with open_screen(json) as screen:
        checks: list[Check] = []
        for check in check_all():
            checks.append(check)
            _show(screen, check)
        failed = [check for check in checks if check.state is State.FAIL]
        screen.emit(_summarize(checks))
        screen.line()
        if failed:
            screen.line(f"{len(failed)} of {len(checks)} checks failed.", style="bold red")
            raise typer.Exit(failed[0].exit_code)
        screen.line("Everything needed works.", style="bold green")


def _show(screen: Screen, check: Check) -> None:
    advice = f" {check.advice}" if check.advice else ""
    screen.item(check.state.value, f"{check.name}: {check.finding}{advice}", _STYLES[check.state], width=4)


def _summarize(checks: list[Check]) -> dict[str, Any]:
    from ..cohort.summary import versions

    return {
        "ok": all(check.state is not State.FAIL for check in checks),
        "checks": [{"name": c.name, "state": c.state.value, "finding": c.finding, "advice": c.advice} for c in checks],
        "versions": versions(),
    }
