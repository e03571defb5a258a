"""Installs packages in Slicer's own ways: PyTorch by its extension, the rest by pip."""

from __future__ import annotations

import importlib.util
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import slicer
from slicer.i18n import tr as _

from ...core.errors import DependencyError
from .installed import Range

REQUESTER = "BrainTumorVAESeg"
NOTHING: Mapping[str, str] = MappingProxyType({})


def release_nothing() -> None:
    """Nothing uses the packages."""


@contextmanager
def released(release: Callable[[], None]) -> Iterator[None]:
    """End what uses the packages before they are replaced, and what began meanwhile after: that holds the old ones."""
    release()
    try:
        yield
    finally:
        release()


_UNDER_WAY = threading.Lock()
"""Held while something is installed."""


@contextmanager
def alone() -> Iterator[None]:
    """Let one installation run at a time: Slicer takes clicks meanwhile. Raises DependencyError where one runs."""
    if not _UNDER_WAY.acquire(blocking=False):
        raise DependencyError(_("Packages are being installed already; wait until that is done."))
    try:
        yield
    finally:
        _UNDER_WAY.release()


class Installer:
    """Slicer's ways of installing; a test gives another object with these methods."""

    def has_extension(self) -> bool:
        """Say whether the PyTorch extension is installed and loaded."""
        return importlib.util.find_spec("PyTorchUtils") is not None

    def confirm(self, text: str) -> bool:
        """Ask the person; Slicer takes a yes for granted while it runs tests."""
        return bool(slicer.util.confirmOkCancelDisplay(text))

    def install_torch(self, torch: Range) -> bool:
        """Install PyTorch by its extension, which asks first and chooses the build that fits the GPU.

        Returns False where the person declined.
        """
        from PyTorchUtils import PyTorchUtilsLogic

        logic = PyTorchUtilsLogic()
        return logic.installTorch(askConfirmation=True, torchVersionRequirement=torch.specifier) is not None

    def remove_torch(self) -> None:
        """Remove PyTorch by its extension: what is there in part, pip takes for whole."""
        from PyTorchUtils import PyTorchUtilsLogic

        PyTorchUtilsLogic().uninstallTorch()

    def install_packages(self, packages: Sequence[Range], kept: Mapping[str, str] = NOTHING) -> None:
        """Install packages by pip, showing its progress where this Slicer can (5.12 and later).

        kept: versions of packages that pip must leave as they are; where it cannot, it fails.
        """
        lines = [str(package) for package in packages]
        with tempfile.TemporaryDirectory() as folder:
            constraints = Path(folder) / "constraints.txt"
            constraints.write_text("".join(f"{name}=={version}\n" for name, version in kept.items()), "utf-8")
            try:
                from slicer import packaging
            except ImportError:
                slicer.util.pip_install([*lines, "-c", str(constraints)] if kept else lines)
                return
            limits = {"constraints": constraints} if kept else {}
            packaging.pip_ensure(lines, prompt_install=False, prompt_restart=False, requester=REQUESTER, **limits)

    def remove_packages(self, names: Sequence[str]) -> None:
        """Remove packages by pip: what is there in part, it takes for whole."""
        slicer.util.pip_uninstall(list(names))

    def open_extensions_manager(self) -> None:
        """Open the Extensions Manager, where this Slicer was built with one."""
        if hasattr(slicer.app, "openExtensionsManagerDialog"):
            slicer.app.openExtensionsManagerDialog()

    def restart(self) -> None:
        """Restart Slicer, after the question that Slicer asks for the sake of unsaved work."""
        slicer.app.confirmRestart()
