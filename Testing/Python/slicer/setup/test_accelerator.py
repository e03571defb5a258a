"""OpenVINO is installed only when a person asks, knowing its size, and leaves numpy as Slicer has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from BrainTumorVAESegLib.core.errors import Cancelled, DependencyError
from BrainTumorVAESegLib.inference.optimized.library import TESTED

SLICERS = {"torch": "2.9", "numpy": "2.0.1"}


class Installed:
    def __init__(self, **versions: str) -> None:
        self.versions = versions

    def version(self, name: str) -> str | None:
        return self.versions.get(name)


class Installer:
    def __init__(self, agrees: bool = True, error: Exception | None = None) -> None:
        self.agrees, self.error = agrees, error
        self.asked: list[str] = []
        self.installed: list[tuple[list[str], dict[str, str]]] = []

    def confirm(self, text: str) -> bool:
        self.asked.append(text)
        return self.agrees

    def install_packages(self, packages: Any, kept: Mapping[str, str]) -> None:
        if self.error:
            raise self.error
        self.installed.append(([str(package) for package in packages], dict(kept)))


@pytest.fixture
def make(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.setup.accelerator import Accelerator

    return lambda installer, **versions: Accelerator(Installed(**versions), installer)


@pytest.mark.parametrize(
    ("version", "told"),
    [
        (None, "OpenVINO is not installed: install it, or choose PyTorch."),
        ("2025.4.0", "OpenVINO 2025.4.0 is installed; the tested versions are 2026.4 and later, below 2027"),
        ("2027.0.0", "OpenVINO 2027.0.0 is installed; the tested versions are 2026.4 and later, below 2027"),
        ("2026.4.1", None),
    ],
)
def test_what_is_missing_or_was_not_tried_is_one_sentence(make: Any, version: str | None, told: str | None):
    problem = make(Installer(), **({"openvino": version} if version else {})).problem()
    assert problem is None if told is None else problem.startswith(told)


def test_the_tested_versions_are_the_librarys(host: Any):
    from BrainTumorVAESegLib.slicer.setup.accelerator import OPENVINO

    least, below = (tuple(int(part) for part in text.split(".")) for text in (OPENVINO.least, OPENVINO.below))
    assert (least, below) == TESTED["openvino"]


def test_it_asks_with_its_size_before_it_downloads_and_keeps_numpy(make: Any):
    installer = Installer()
    make(installer, **SLICERS).install()
    assert "about 60 MB" in installer.asked[0] and "openvino>=2026.4,<2027" in installer.asked[0]
    assert installer.installed == [(["openvino>=2026.4,<2027"], {"numpy": "2.0.1"})]


def test_nothing_is_asked_or_installed_where_it_is_there(make: Any):
    installer = Installer()
    make(installer, openvino="2026.4.1", **SLICERS).install()
    assert installer.asked == installer.installed == []


def test_a_no_installs_nothing(make: Any):
    installer = Installer(agrees=False)
    with pytest.raises(Cancelled, match="Nothing was installed"):
        make(installer, **SLICERS).install()
    assert installer.installed == []


def test_without_pytorch_nothing_could_be_converted(make: Any):
    installer = Installer()
    with pytest.raises(DependencyError, match="install that first"):
        make(installer, numpy="2.0.1").install()
    assert installer.asked == installer.installed == []


def test_a_failure_is_one_sentence(make: Any):
    with pytest.raises(DependencyError, match=r"^OpenVINO could not be installed \(no route\); check the network"):
        make(Installer(error=RuntimeError("no route\nat all")), **SLICERS).install()
