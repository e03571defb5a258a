"""Installs packages in Slicer's own ways: PyTorch by its extension, the rest by pip."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

import slicer

from .installed import Range

REQUESTER = "BrainTumorVAESeg"


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

    def install_packages(self, packages: Sequence[Range]) -> None:
        """Install packages by pip, showing its progress where this Slicer can (5.12 and later)."""
        lines = [str(package) for package in packages]
        try:
            from slicer import packaging
        except ImportError:
            slicer.util.pip_install(lines)
            return
        packaging.pip_ensure(lines, prompt_install=False, prompt_restart=False, requester=REQUESTER)

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
