"""Fixtures of the cohorts' tests: tiny cases and a package whose answer is known."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from BrainTumorVAESegLib.cases.found import FoundCase
from BrainTumorVAESegLib.cases.searching import find_cases
from BrainTumorVAESegLib.cohort import task as tasks
from BrainTumorVAESegLib.cohort.settings import CohortOptions, PackageRef
from BrainTumorVAESegLib.cohort.task import CaseTask
from BrainTumorVAESegLib.models.package import ModelPackage, read_package
from cohorts import write_cases
from knownmodels import write_model


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModelPackage:
    """A package that calls the whole brain edema."""
    return read_package(write_model(tmp_path_factory.mktemp("models"), "all-edema", (5.0, -5.0, -5.0)))


@pytest.fixture(scope="session")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of twelve cases; no test changes it."""
    folder = tmp_path_factory.mktemp("data") / "hospital"
    write_cases(folder, 12)
    return folder


@pytest.fixture
def data(twelve: Path, tmp_path: Path) -> Path:
    """A folder of two cases that a test may change."""
    for name in ("P000", "P001"):
        shutil.copytree(twelve / name, tmp_path / "data" / name)
    return tmp_path / "data"


@pytest.fixture
def found(data: Path) -> list[FoundCase]:
    """The two cases."""
    return find_cases([data])[0]


@pytest.fixture
def task(found: list[FoundCase], package: ModelPackage, tmp_path: Path) -> CaseTask:
    """The first case, to be written to a folder `out`."""
    return CaseTask(found[0], PackageRef.of(package), CohortOptions(), tmp_path / "out", "this-run")


@pytest.fixture(autouse=True)
def nothing_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test load packages itself."""
    monkeypatch.setattr(tasks, "_LOADED", {})
