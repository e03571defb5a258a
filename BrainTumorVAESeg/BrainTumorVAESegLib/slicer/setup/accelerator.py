"""OpenVINO, which runs networks faster on a processor."""

from __future__ import annotations

from slicer.i18n import tr as _

from .installed import Range
from .optional import OptionalPackage


class Accelerator(OptionalPackage):
    """OpenVINO in Slicer's Python; its versions are those of `inference.optimized.library`, which needs torch."""

    package = Range("openvino", "2026.4", "2027")
    title = "OpenVINO"
    size_mb = 60

    def problem(self) -> str | None:
        """Return why it cannot be used, in a sentence, or None."""
        version = self.version
        if version is None:
            return _("OpenVINO is not installed: install it, or choose PyTorch.")
        if self.package.admits(version):
            return None
        sentence = _(
            "OpenVINO {version} is installed; the tested versions are {least} and later, below {below}: install one of"
            " them, or choose PyTorch."
        )
        return sentence.format(version=version, least=self.package.least, below=self.package.below)

    def _question(self) -> str:
        text = _(
            "OpenVINO runs the networks faster on the processor. {package} will be downloaded from the internet (about"
            " {size} MB) and installed into Slicer. Each model is converted for it once, when it is first used."
        )
        return text.format(package=self.package, size=self.size_mb)

    def _without_torch(self) -> str:
        return _("A model is converted for OpenVINO by PyTorch; install that first.")
