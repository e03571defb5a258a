"""The wheel, the ranges of dependencies, and the files that Slicer's catalog reads."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[3]
MODULE = ROOT / "BrainTumorVAESeg"
LIBRARY = "BrainTumorVAESegLib"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
HEAVY = ("torch", "SimpleITK", "numpy", "safetensors", "monai", "lightning", "matplotlib", "typer", "vtk")
S4EXT_REQUIRED = {"scm", "scmurl", "scmrevision", "homepage", "category"}
S4EXT_ALLOWED = S4EXT_REQUIRED | {
    *("depends", "build_subdirectory", "contributors", "iconurl", "description", "screenshoturls", "enabled", "status")
}


def files_below(folder: Path) -> Iterator[Path]:
    """Every file that a wheel should hold, relative to the folder."""
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """A wheel of the checkout, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


def dist_info(wheel: zipfile.ZipFile, name: str) -> str:
    (member,) = [n for n in wheel.namelist() if n.endswith(f".dist-info/{name}")]
    return wheel.read(member).decode("utf-8")


def test_the_wheel_holds_the_library_and_its_resources_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    expected = {f"{LIBRARY}/{path.as_posix()}" for path in files_below(MODULE / LIBRARY)}
    for room in ("Models", "Recipes"):
        folder = MODULE / "Resources" / room
        expected |= {f"{LIBRARY}/Resources/{room}/{path.as_posix()}" for path in files_below(folder)}
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert f"{LIBRARY}/core/labels.py" in held
    assert held == expected


def test_the_wheel_brings_the_command_and_the_license(wheel: zipfile.ZipFile) -> None:
    assert f"braintumorvaeseg = {LIBRARY}.cli:main" in dist_info(wheel, "entry_points.txt").splitlines()
    assert dist_info(wheel, "licenses/LICENSE.txt") == (ROOT / "LICENSE.txt").read_text("utf-8")
    assert "License-Expression: Apache-2.0" in dist_info(wheel, "METADATA").splitlines()


def test_the_wheel_shows_the_readme(wheel: zipfile.ZipFile) -> None:
    metadata = dist_info(wheel, "METADATA")
    assert "Description-Content-Type: text/markdown" in metadata.splitlines()
    assert metadata.rstrip().endswith((ROOT / PROJECT["readme"]).read_text("utf-8").rstrip())


def test_the_wheel_bears_the_version_of_the_library(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    code = f"import {LIBRARY}; print({LIBRARY}.__file__); print({LIBRARY}.__version__)"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {code}"]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.splitlines()
    assert Path(answer[0]).is_relative_to(tmp_path)
    assert f"Version: {answer[1]}" in dist_info(wheel, "METADATA").splitlines()


def test_the_library_imports_without_its_heavy_packages() -> None:
    code = f"import sys, {LIBRARY}; print(*sorted(sys.modules))"
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(MODULE)!r}); {code}"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert LIBRARY in loaded
    assert set(loaded).isdisjoint(HEAVY)


def pins() -> dict[str, str]:
    """Canonical name -> the exact version of constraints.txt."""
    lines = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    pairs = [line.split("==") for line in lines]
    assert all(len(pair) == 2 for pair in pairs), lines
    return {canonicalize_name(name): version for name, version in pairs}


def requirements() -> list[Requirement]:
    """All that the project asks for, with its extras, but itself."""
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    parsed = [Requirement(line) for group in groups for line in group]
    return [requirement for requirement in parsed if requirement.name != PROJECT["name"]]


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_a_range_admits_the_pinned_version_and_has_an_upper_bound(requirement: Requirement) -> None:
    assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])
    assert {"<", ">="} <= {specifier.operator for specifier in requirement.specifier}


def test_slicer_needs_four_packages_only() -> None:
    names = {Requirement(line).name for line in PROJECT["dependencies"]}
    assert names == {"torch", "numpy", "SimpleITK", "safetensors"}


def test_pins_are_sorted_and_carry_no_local_version() -> None:
    versions = pins()
    assert list(versions) == sorted(versions)
    assert not [name for name, version in versions.items() if "+" in version]


@pytest.fixture(scope="module")
def cmake() -> dict[str, str]:
    """Keyword of the .s4ext -> what CMakeLists.txt sets for it."""
    text = (ROOT / "CMakeLists.txt").read_text("utf-8")
    return {key.lower(): value for key, value in re.findall(r'^set\(EXTENSION_(\w+) "([^"]*)"\)', text, re.MULTILINE)}


@pytest.fixture(scope="module")
def s4ext() -> dict[str, str]:
    """Keyword -> value of the .s4ext."""
    lines = (ROOT / "BrainTumorVAESeg.s4ext").read_text("utf-8").splitlines()
    pairs = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return {key: value.strip() for key, _, value in pairs}


def test_the_s4ext_has_the_keywords_that_slicer_reads(s4ext: dict[str, str]) -> None:
    assert {key for key, value in s4ext.items() if value} >= S4EXT_REQUIRED
    assert set(s4ext) <= S4EXT_ALLOWED


def test_the_s4ext_and_cmake_agree(s4ext: dict[str, str], cmake: dict[str, str]) -> None:
    assert {"description", "contributors", "homepage", "depends"} <= set(cmake)
    assert cmake == {key: s4ext[key] for key in cmake}


def test_the_wheel_and_the_extension_have_one_home_and_one_name(s4ext: dict[str, str]) -> None:
    assert PROJECT["urls"]["Homepage"] == s4ext["homepage"]
    assert s4ext["scmurl"] == f"{s4ext['homepage']}.git"
    assert PROJECT["authors"] == [{"name": s4ext["contributors"]}]
    assert "project(BrainTumorVAESeg)" in (ROOT / "CMakeLists.txt").read_text("utf-8").splitlines()
