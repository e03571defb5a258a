"""The library finds its resources from a checkout, from a wheel, and from Slicer's install tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core import resources
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.core.resources import resources_folder

MODULE = Path(__file__).resolve().parents[3] / "BrainTumorVAESeg"
CODE = "from BrainTumorVAESegLib.models.library import shipped_folder; print(shipped_folder())"


def install(parent: Path, resources_at: str) -> Path:
    """Copy what finds packages into parent, with resources at a place beneath it; return that place."""
    for room in ("core", "models"):
        shutil.copytree(MODULE / "BrainTumorVAESegLib" / room, parent / "BrainTumorVAESegLib" / room)
    shutil.copy(MODULE / "BrainTumorVAESegLib" / "__init__.py", parent / "BrainTumorVAESegLib")
    (parent / resources_at / "Models" / "one").mkdir(parents=True)
    return parent / resources_at


def found_from(parent: Path) -> Path:
    """Ask a fresh Python that imports the library from parent alone."""
    environment = {**os.environ, "PYTHONPATH": str(parent)}
    command = [sys.executable, "-P", "-c", CODE]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=parent)
    return Path(answer.stdout.strip())


def test_a_checkout_keeps_them_beside_the_library():
    assert resources_folder() == MODULE / "Resources"
    assert found_from(MODULE) == MODULE / "Resources" / "Models"


def test_a_wheel_keeps_them_inside_the_library_whatever_stands_beside_it(tmp_path):
    place = install(tmp_path / "site-packages", "BrainTumorVAESegLib/Resources")
    (tmp_path / "site-packages" / "Resources" / "Models").mkdir(parents=True)
    assert found_from(tmp_path / "site-packages") == place / "Models"


def test_slicers_install_tree_keeps_them_beside_the_library(tmp_path):
    scripted = tmp_path / "Extensions-34045" / "BrainTumorVAESeg" / "lib" / "Slicer-5.12" / "qt-scripted-modules"
    place = install(scripted, "Resources")
    assert found_from(scripted) == place / "Models"


def test_recipes_alone_are_resources_as_well(tmp_path, monkeypatch):
    (tmp_path / "lib" / "Resources" / "Recipes").mkdir(parents=True)
    monkeypatch.setattr(resources, "_LIBRARY", tmp_path / "lib")
    assert resources_folder() == tmp_path / "lib" / "Resources"


def test_missing_resources_say_where_they_were_looked_for(tmp_path, monkeypatch):
    (tmp_path / "Resources" / "Icons").mkdir(parents=True)
    monkeypatch.setattr(resources, "_LIBRARY", tmp_path / "lib")
    with pytest.raises(PackageError, match=r"Resources folder is missing.*install BrainTumorVAESeg again"):
        resources_folder()
