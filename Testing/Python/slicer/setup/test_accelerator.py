"""OpenVINO is installed only when a person asks, knowing its size, and leaves numpy as Slicer has it."""

from __future__ import annotations

from typing import Any

import pytest
from BrainTumorVAESegLib.core.errors import Cancelled, DependencyError
from BrainTumorVAESegLib.inference.optimized.library import TESTED
from optional_packages import SLICERS, Installed, Installer


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
    from BrainTumorVAESegLib.slicer.setup.accelerator import Accelerator

    openvino = Accelerator.package
    least, below = (tuple(int(part) for part in text.split(".")) for text in (openvino.least, openvino.below))
    assert (least, below) == TESTED["openvino"]


def test_it_asks_with_its_size_before_it_downloads_and_keeps_what_is_there(make: Any):
    installer = Installer()
    make(installer, **SLICERS).install()
    assert "about 60 MB" in installer.asked[0] and "openvino>=2026.4,<2027" in installer.asked[0]
    assert installer.installed == [(["openvino>=2026.4,<2027"], SLICERS)]


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
