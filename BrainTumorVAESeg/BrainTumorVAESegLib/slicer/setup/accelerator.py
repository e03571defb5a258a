"""OpenVINO, which runs networks faster on a processor: whether it is there, and how it comes when a person asks."""

from __future__ import annotations

from collections.abc import Callable

from slicer.i18n import tr as _

from ...core.errors import Cancelled, DependencyError
from .installed import Installed, Range
from .installing import Installer
from .requirements import attempt

OPENVINO = Range("openvino", "2026.4", "2027")
"""As in `inference.optimized.library`, which needs torch."""
SIZE_MB = 60


class Accelerator:
    """OpenVINO in Slicer's Python; tests give their own `installed` and `installer`."""

    def __init__(self, installed: Installed | None = None, installer: Installer | None = None) -> None:
        self._installed = installed or Installed()
        self._installer = installer or Installer()

    def problem(self) -> str | None:
        """Return why it cannot be used, in a sentence, or None; quick, nothing is imported."""
        version = self._installed.version(OPENVINO.name)
        if version is None:
            return _("OpenVINO is not installed: install it, or choose PyTorch.")
        if OPENVINO.admits(version):
            return None
        sentence = _(
            "OpenVINO {version} is installed; the tested versions are {least} and later, below {below}: install one of"
            " them, or choose PyTorch."
        )
        return sentence.format(version=version, least=OPENVINO.least, below=OPENVINO.below)

    def install(self, confirm: Callable[[str], bool] | None = None) -> None:
        """Install it after a question that tells its size. Raises Cancelled, DependencyError in one sentence."""
        if self.problem() is None:
            return
        numpy = self._installed.version("numpy")
        if numpy is None or self._installed.version("torch") is None:
            raise DependencyError(_("A model is converted for OpenVINO by PyTorch; install that first."))
        text = _(
            "OpenVINO runs the networks faster on the processor. {package} will be downloaded from the internet (about"
            " {size} MB) and installed into Slicer. Each model is converted for it once, when it is first used."
        )
        if not (confirm or self._installer.confirm)(text.format(package=OPENVINO, size=SIZE_MB)):
            raise Cancelled(_("Nothing was installed."))
        attempt(lambda: self._installer.install_packages([OPENVINO], {"numpy": numpy}), "OpenVINO")
