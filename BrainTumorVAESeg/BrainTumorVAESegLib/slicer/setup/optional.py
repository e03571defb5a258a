"""A package that segmenting can do without: whether it is installed, and how it comes when a person asks for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from slicer.i18n import tr as _

from ...core.errors import Cancelled, DependencyError
from .installed import Installed, Range
from .installing import Installer, alone, release_nothing, released
from .requirements import BUNDLED, TORCH, attempt


class OptionalPackage(ABC):
    """One in Slicer's Python; tests give their own `installed` and `installer`.

    package: its tested versions. title: what people call it. size_mb: what is downloaded. PyTorch has to be there
    before; it and what comes with Slicer stay as they are.
    """

    package: ClassVar[Range]
    title: ClassVar[str]
    size_mb: ClassVar[int]

    def __init__(self, installed: Installed | None = None, installer: Installer | None = None) -> None:
        self._installed = installed or Installed()
        self._installer = installer or Installer()

    @property
    def version(self) -> str | None:
        """The version that is there, None without one; quick, nothing is imported."""
        return self._installed.version(self.package.name)

    @property
    def usable(self) -> bool:
        """Whether it is there in a tested version."""
        version = self.version
        return version is not None and self.package.admits(version)

    def install(
        self, confirm: Callable[[str], bool] | None = None, release: Callable[[], None] = release_nothing
    ) -> None:
        """Install it after a question that tells its size. Raises Cancelled, DependencyError in one sentence.

        release: ends what uses packages; called once the person has agreed, and again when it is installed.
        """
        if self.usable:
            return
        found = {each.name: self._installed.version(each.name) for each in (TORCH, *BUNDLED)}
        if found[TORCH.name] is None:
            raise DependencyError(self._without_torch())
        kept = {name: version for name, version in found.items() if version is not None}
        with alone():
            if not (confirm or self._installer.confirm)(self._question()):
                raise Cancelled(_("Nothing was installed."))
            with released(release):
                attempt(lambda: self._installer.install_packages([self.package], kept), self.title)

    @abstractmethod
    def _question(self) -> str:
        """Return the text with which consent is asked."""

    @abstractmethod
    def _without_torch(self) -> str:
        """Return why PyTorch has to be there first, in a sentence."""
