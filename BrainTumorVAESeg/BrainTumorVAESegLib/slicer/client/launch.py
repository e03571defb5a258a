"""How the worker is started: Slicer's own Python, with this library on its path."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from ...core.errors import WorkerError

_LIBRARY = Path(__file__).resolve().parents[3]
"""The folder in which the package BrainTumorVAESegLib lies."""


@dataclass(frozen=True)
class Launch:
    """A program, its arguments before the worker's own, and what is added to Slicer's environment for it."""

    program: str
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def slicer_launch() -> Launch:
    """Return how to start the worker in Slicer's own Python. Raises WorkerError where that is not found."""
    own = str(Path(slicer.app.slicerHome) / "bin")
    program = shutil.which("PythonSlicer") or shutil.which("PythonSlicer", path=own)
    if program is None:
        raise WorkerError(_("Slicer's Python (PythonSlicer) is not found; install Slicer again."))
    paths = [str(_LIBRARY), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return Launch(
        program,
        ("-X", "utf8", "-u", "-m", "BrainTumorVAESegLib.worker"),
        {"PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8:backslashreplace", "PYTHONUNBUFFERED": "1"},
    )
