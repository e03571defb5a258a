"""A Python and its installer in place of Slicer's, for what a person may have installed besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from BrainTumorVAESegLib.core.errors import Cancelled

SLICERS = {"torch": "2.9", "numpy": "2.0.1"}


class Installed:
    """Packages by their versions."""

    def __init__(self, **versions: str) -> None:
        self.versions = versions

    def version(self, name: str) -> str | None:
        return self.versions.get(name.replace("-", "_"))


class Installer:
    """Notes what it is asked to install, and what is to stay as it is."""

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


class OptionalPackage:
    """One that is usable or not, as the panel sees it; `error` is what installing it raises, Cancelled for a no."""

    def __init__(self, usable: bool, lacking: str = "") -> None:
        self.usable, self.lacking = usable, lacking
        self.asked, self.error = 0, None

    def problem(self) -> str | None:
        return None if self.usable else self.lacking

    def install(self, release: Callable[[], None]) -> None:
        self.asked += 1
        if isinstance(self.error, Cancelled):
            raise self.error
        release()
        if self.error:
            raise self.error
        self.usable = True
