"""Fixtures for tests that need Slicer; a conftest takes them with `from slicerhost.fixtures import *`."""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from . import install, load_module

__all__ = ["errors_in_slots", "host", "module", "panel", "process_events", "scene"]
_MODULE = Path(__file__).resolve().parents[3] / "BrainTumorVAESeg" / "BrainTumorVAESeg.py"


@pytest.fixture(scope="session")
def host() -> Any:
    """The module `slicer` of an installed host."""
    return install()


@pytest.fixture(autouse=True)
def errors_in_slots() -> Iterator[list[str]]:
    """What slots and observers raised; Qt and VTK swallow it, so a test that leaves some fails."""
    errors: list[str] = []
    before, sys.excepthook = sys.excepthook, lambda *error: errors.append("".join(traceback.format_exception(*error)))
    yield errors
    sys.excepthook = before
    assert not errors, "\n".join(errors)


@pytest.fixture
def scene(host: Any) -> Iterator[Any]:
    """Slicer's scene, empty before and after."""
    host.mrmlScene.Clear()
    yield host.mrmlScene
    host.mrmlScene.Clear()


@pytest.fixture
def process_events(host: Any) -> Callable[..., bool]:
    """Let Qt work until something holds, or for some seconds; says whether it came to hold."""

    def process(until: Callable[[], object] = lambda: False, seconds: float = 60.0) -> bool:
        end = time.monotonic() + seconds
        while not until():
            if time.monotonic() > end:
                return False
            host.app.processEvents()
            time.sleep(0.002)
        return True

    return process


@pytest.fixture
def module(scene: Any) -> Iterator[Any]:
    """The module as Slicer loads it; unloaded after the test."""
    from .modules import unload

    loaded = load_module(_MODULE)
    yield loaded
    unload(loaded)


@pytest.fixture
def panel(module: Any, host: Any) -> Any:
    """The module's widget object, made and entered; its `parent` is the Qt widget."""
    representation = module.widgetRepresentation()
    representation.enter()
    host.app.processEvents()
    return representation.self()
