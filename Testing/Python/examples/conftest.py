"""Fixtures of the examples' tests: a way to run a script as a person does, and made cases for it."""

from __future__ import annotations

import runpy
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from BrainTumorVAESegLib.phantom.cases import write_phantoms
from knownmodels import write_model
from slicerhost.fixtures import *  # noqa: F403

EXAMPLES = Path(__file__).resolve().parents[3] / "Examples"
RunExample = Callable[..., str]


@pytest.fixture
def run_example(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunExample:
    """Run a script of Examples/ with some arguments; returns what it prints. Raises SystemExit where it does."""

    def run(name: str, *arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        capsys.readouterr()
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return run


@pytest.fixture(scope="session")
def made_cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two made cases of 4 mm, each in a folder, with their truth; no test changes them."""
    folder = tmp_path_factory.mktemp("made")
    assert list(write_phantoms(folder, count=2, spacing=4.0)) == ["phantom-000", "phantom-001"]
    return folder


@pytest.fixture(scope="session")
def all_edema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package that calls the whole brain edema, at once."""
    return write_model(tmp_path_factory.mktemp("models"), "all-edema", (5.0, -5.0, -5.0))


@pytest.fixture
def cases(made_cases: Path, tmp_path: Path) -> Path:
    """A copy of the made cases that a test may damage."""
    return Path(shutil.copytree(made_cases, tmp_path / "cases"))
