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


@pytest.fixture(scope="session")
def converted(package, tmp_path_factory) -> Path:
    """A folder of installed packages in which the small package's networks were converted."""
    from BrainTumorVAESegLib.inference.optimized.optimizing import optimize

    folder = tmp_path_factory.mktemp("converted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRAINTUMORVAESEG_MODELS", str(folder))
        optimize(package)
    return folder


@pytest.fixture
def ready(converted, monkeypatch) -> Path:
    """That folder, in use."""
    monkeypatch.setenv("BRAINTUMORVAESEG_MODELS", str(converted))
    return converted
