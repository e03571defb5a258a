"""What is installed, told from made packages on a path of their own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet


@pytest.fixture
def library(host: Any) -> Any:
    """The module under test."""
    from BrainTumorVAESegLib.slicer.setup import installed

    return installed


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for packages, the first in which Python looks."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def put(site: Path, name: str, version: str, code: bool = True, record: bool = True) -> None:
    if code:
        (site / name).mkdir()
        (site / name / "__init__.py").write_text(f"__version__ = {version!r}\n")
    if record:
        (site / f"{name}-{version}.dist-info").mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (site / f"{name}-{version}.dist-info" / "METADATA").write_text(metadata)
        (site / f"{name}-{version}.dist-info" / "top_level.txt").write_text(name)


@pytest.mark.parametrize(
    "version", ["2.3.9", "2.4", "2.4.0", "2.4.1+cu126", "2.13.0", "2.99", "3", "3.0.0", "3.0.0+cpu", "10.1"]
)
def test_a_range_admits_what_pip_would(library: Any, version: str) -> None:
    assert library.Range("torch", "2.4", "3").admits(version) is SpecifierSet(">=2.4,<3").contains(version)


def test_a_build_that_slicer_made_before_a_release_counts_as_the_release(library: Any) -> None:
    simpleitk = library.Range("SimpleITK", "2.4", "3")
    assert simpleitk.admits("2.5.0rc1.post12+gabcdef")
    assert not simpleitk.admits("2.3.0rc3")


@pytest.mark.parametrize("line", ["torch", "torch==2.4", "torch>=2.4", "-r other.txt", "a>=1,<2; python_version<'4'"])
def test_a_requirement_of_another_form_is_refused(library: Any, line: str) -> None:
    with pytest.raises(ValueError, match="NAME>=VERSION,<VERSION"):
        library.Range.parse(line)


def test_an_installed_package_is_whole_and_was_not_imported(library: Any, site: Path) -> None:
    put(site, "madepackage", "1.2")
    installed = library.Installed()
    assert (installed.version("madepackage"), installed.whole("madepackage")) == ("1.2", True)
    assert installed.versions()["madepackage"] == "1.2"
    assert "madepackage" not in sys.modules and installed.loaded_version("madepackage") is None
    assert "madepackage" not in installed.loaded()


def test_a_package_in_memory_is_told_by_the_version_it_has_there(
    library: Any, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(site, "madeinmemory", "2.0")
    __import__("madeinmemory")
    monkeypatch.setattr(sys.modules["madeinmemory"], "__version__", "1.0")
    installed = library.Installed()
    assert (installed.loaded_version("madeinmemory"), installed.version("madeinmemory")) == ("1.0", "2.0")
    assert "madeinmemory" in installed.loaded()
    monkeypatch.delitem(sys.modules, "madeinmemory")


@pytest.mark.parametrize(("code", "record"), [(True, False), (False, True)])
def test_a_package_without_its_record_or_its_code_is_not_whole(
    library: Any, site: Path, code: bool, record: bool
) -> None:
    put(site, "halfpackage", "1.0", code=code, record=record)
    assert not library.Installed().whole("halfpackage")


def test_an_absent_package_is_no_half_one(library: Any) -> None:
    installed = library.Installed()
    assert (installed.version("no_such_package"), installed.whole("no_such_package")) == (None, True)


def test_a_pytorch_without_its_large_library_is_not_whole(
    library: Any, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    put(site, "torch", "2.13.0")
    installed = library.Installed()
    assert not installed.whole("torch")
    (site / "torch" / "lib").mkdir()
    (site / "torch" / "lib" / "torch_cpu.dll").touch()
    assert installed.whole("torch")
