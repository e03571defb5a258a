"""The button that installs a package which segmenting can do without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from ...core.errors import BrainTumorVAESegError
from ..setup.optional import OptionalPackage


class InstallButton:
    """Offers one package; the person is asked first, and told its size.

    failed: why it was not installed when it was last tried, "" where it was. release: ends what uses the packages,
    once the person has agreed and again after it was installed. changed: called then.
    """

    def __init__(
        self, button: Any, package: OptionalPackage, release: Callable[[], None], changed: Callable[[], None]
    ) -> None:
        self._button, self.package = button, package
        self._release, self._changed = release, changed
        self.failed = ""
        button.connect("clicked()", self.install)
        button.text = _("Install {title} ({size} MB)...").format(title=package.title, size=package.size_mb)

    def show(self, wanted: bool, busy: bool) -> None:
        """Show the button where the package is wanted; while a segmentation runs it cannot be pressed."""
        self._button.visible = wanted
        self._button.enabled = not busy

    def install(self) -> None:
        """Install the package, or note why not."""
        try:
            self.package.install(release=self._release)
            self.failed = ""
        except BrainTumorVAESegError as error:
            self.failed = str(error)
        self._changed()
