"""The log files of the worker's runs: its standard error, of the last few runs."""

from __future__ import annotations

import itertools
import os
import time
from pathlib import Path

KEPT = 5
"""Log files that are kept, the newest."""
_NUMBERS = itertools.count(1)


def new_log(folder: Path) -> Path | None:
    """Make an empty log file in the folder and remove all but the newest ones; None where none can be written."""
    path = folder / f"worker-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{next(_NUMBERS)}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        old = sorted(folder.glob("worker-*.log"), key=lambda file: file.stat().st_mtime)
        path.touch()
        for file in old[: max(0, len(old) + 1 - KEPT)]:
            file.unlink(missing_ok=True)
    except OSError:
        return path if path.exists() else None
    return path


def note(log: Path | None, text: str) -> None:
    """Add a line to a log, where there is one and it can be written."""
    if log is None:
        return
    try:
        with log.open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text.rstrip("\n") + "\n")
    except OSError:
        return


def last_line(log: Path | None) -> str:
    """Return the last line of a log that says something, "" where there is none."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log is not None else []
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
