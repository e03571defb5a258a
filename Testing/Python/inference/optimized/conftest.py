from __future__ import annotations

from pathlib import Path

import pytest
from smallnetworks import *  # noqa: F403  (their fixtures)


@pytest.fixture
def models(tmp_path, monkeypatch) -> Path:
    """The folder of installed packages, empty."""
    folder = tmp_path / "models"
    monkeypatch.setenv("BRAINTUMORVAESEG_MODELS", str(folder))
    return folder


@pytest.fixture
def ready(converted, monkeypatch) -> Path:
    """That folder, in use."""
    monkeypatch.setenv("BRAINTUMORVAESEG_MODELS", str(converted))
    return converted
