"""What segmenting needs of Slicer's Python, whether it is there, and how to get it.

The panel shows the sentence of `Requirements().state()` and a button for its action, which calls `act`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeVar

from slicer.i18n import tr as _

from ...core.errors import Cancelled, DependencyError
from .installed import Installed, Range, read_requirements
from .installing import Installer, alone, release_nothing, released

TORCH = Range("torch", "2.4", "3")
"""Comes with the PyTorch extension."""
BUNDLED: tuple[Range, ...] = (Range("numpy", "1.26", "3"), Range("SimpleITK", "2.4", "3"))
"""Come with Slicer and are never touched."""
REQUIREMENTS_FILE = Path(__file__).resolve().parents[3] / "Resources" / "requirements.txt"

_Answer = TypeVar("_Answer")


class Code(Enum):
    """What is the matter."""

    READY = "ready"
    EXTENSION_MISSING = "extension-missing"
    TORCH_MISSING = "torch-missing"
    PACKAGES_MISSING = "packages-missing"
    HALF_INSTALLED = "half-installed"
    OUT_OF_RANGE = "out-of-range"
    RESTART_NEEDED = "restart-needed"
    TORCH_WITHOUT_CUDA = "torch-without-cuda"
    CUDA_FAILS = "cuda-fails"


class Action(Enum):
    """What a button beside the sentence does."""

    NONE = "none"
    INSTALL = "install"
    OPEN_EXTENSIONS_MANAGER = "open-extensions-manager"
    RESTART = "restart"


@dataclass(frozen=True)
class State:
    """What is the matter, in one plain sentence, and what a button offers.

    usable: segmenting works all the same (on the processor).
    """

    code: Code
    sentence: str
    action: Action = Action.NONE
    usable: bool = False


@dataclass(frozen=True)
class Gpu:
    """What the worker found. nvidia: the machine has an NVIDIA GPU. cuda_build: this PyTorch could use it.

    problem: why a convolution on it fails, "" where it works or there is none.
    """

    nvidia: bool = False
    cuda_build: bool = False
    problem: str = ""


class Requirements:
    """What segmenting needs of Slicer's Python; tests give their own `installed` and `installer`."""

    def __init__(self, installed: Installed | None = None, installer: Installer | None = None) -> None:
        self._installed = installed or Installed()
        self._installer = installer or Installer()
        self._packages = read_requirements(REQUIREMENTS_FILE)
        self._replaced: tuple[str, ...] = ()

    def state(self, gpu: Gpu | None = None) -> State:
        """Return what is the matter, the gravest first; quick, nothing is imported.

        gpu: what the worker's probe told, None before there was one.
        """
        return (
            self._restart_needed()
            or self._half_installed()
            or self._missing()
            or self._out_of_range()
            or _gpu_unused(gpu)
            or State(Code.READY, _("All packages that are needed are installed."), usable=True)
        )

    def install(
        self,
        confirm: Callable[[str], bool] | None = None,
        gpu: Gpu | None = None,
        release: Callable[[], None] = release_nothing,
    ) -> State:
        """Install what is missing after asking, and return the state then.

        confirm: shows a text and returns whether the person agrees; Slicer's own question by default. release: ends
        what uses packages; called once the person has agreed, and again after it. Raises Cancelled where not, and
        DependencyError, in one sentence with what to do, where the installation fails.
        """
        state = self.state(gpu)
        if state.action is not Action.INSTALL:
            return state
        renew = not self._installed.whole(TORCH.name) or state.code is Code.TORCH_WITHOUT_CUDA
        torch = renew or not self._fits(TORCH)
        packages = [package for package in self._packages if not self._fits(package)]
        self._require_way(torch)
        with alone():
            if not (confirm or self._installer.confirm)(_question(torch, packages)):
                raise Cancelled(_("Nothing was installed."))
            versions, loaded = self._installed.versions(), self._installed.loaded()
            with released(release):
                if torch:
                    self._install_torch(renew)
                if packages:
                    attempt(lambda: self._install_packages(packages), ", ".join(p.name for p in packages))
        self._note_replaced(versions, loaded)
        # The probe's word is that of the PyTorch before.
        return self.state(None if torch else gpu)

    def act(
        self,
        state: State,
        confirm: Callable[[str], bool] | None = None,
        gpu: Gpu | None = None,
        release: Callable[[], None] = release_nothing,
    ) -> State:
        """Do what a state offers: install, open the Extensions Manager, restart; return the state then."""
        if state.action is Action.INSTALL:
            return self.install(confirm, gpu, release)
        if state.action is Action.OPEN_EXTENSIONS_MANAGER:
            self._installer.open_extensions_manager()
        elif state.action is Action.RESTART:
            self._installer.restart()
        return self.state(gpu)

    # --- what is the matter -------------------------------------------------------------------------------------------
    def _restart_needed(self) -> State | None:
        memory, disk = self._installed.loaded_version("numpy"), self._installed.version("numpy")
        names = self._replaced or (("numpy",) if memory and disk and memory != disk else ())
        if not names:
            return None
        sentence = _("Slicer still uses {names} as it was before the installation; restart Slicer.")
        return State(Code.RESTART_NEEDED, sentence.format(names=", ".join(names)), Action.RESTART)

    def _half_installed(self) -> State | None:
        broken = [p.name for p in (TORCH, *self._packages) if not self._installed.whole(p.name)]
        if not broken:
            return None
        sentence = _("The installation of {names} was cut short; install it again.").format(names=", ".join(broken))
        return State(Code.HALF_INSTALLED, sentence, self._way(TORCH.name in broken))

    def _missing(self) -> State | None:
        names = [p.name for p in (TORCH, *self._packages) if self._installed.version(p.name) is None]
        if not names:
            return None
        if TORCH.name not in names:
            sentence = _("{names} is not installed; it is small.").format(names=", ".join(names))
            return State(Code.PACKAGES_MISSING, sentence, Action.INSTALL)
        if not self._installer.has_extension():
            sentence = _(
                "PyTorch is not installed, nor is the extension that brings it: install the extension PyTorch in the"
                " Extensions Manager, then restart Slicer."
            )
            return State(Code.EXTENSION_MISSING, sentence, Action.OPEN_EXTENSIONS_MANAGER)
        sentence = _("PyTorch, which computes the networks, is not installed.")
        return State(Code.TORCH_MISSING, sentence, Action.INSTALL)

    def _out_of_range(self) -> State | None:
        for package in (*BUNDLED, TORCH, *self._packages):
            version = self._installed.version(package.name)
            if version is None or package.admits(version):
                continue
            sentence = _("{name} {version} is installed; the tested versions are {least} and later, below {below}.")
            told = sentence.format(name=package.name, version=version, least=package.least, below=package.below)
            if package in BUNDLED:
                advice = _("It comes with Slicer: use Slicer 5.10 or later as it was installed.")
                return State(Code.OUT_OF_RANGE, f"{told} {advice}")
            return State(Code.OUT_OF_RANGE, told, self._way(package is TORCH))
        return None

    def _way(self, torch: bool) -> Action:
        """Return how to install: PyTorch needs its extension."""
        return Action.OPEN_EXTENSIONS_MANAGER if torch and not self._installer.has_extension() else Action.INSTALL

    def _fits(self, package: Range) -> bool:
        version = self._installed.version(package.name)
        return version is not None and package.admits(version) and self._installed.whole(package.name)

    # --- installing ---------------------------------------------------------------------------------------------------
    def _require_way(self, torch: bool) -> None:
        if not torch:
            return
        if not self._installer.has_extension():
            raise DependencyError(
                _("PyTorch is installed by the extension PyTorch; install that in the Extensions Manager first.")
            )
        if self._installed.loaded_version("torch") is not None:
            raise DependencyError(
                _("Another module is using PyTorch, so it cannot be replaced; restart Slicer, then install at once.")
            )

    def _install_torch(self, renew: bool) -> None:
        def work() -> bool:
            if renew:
                self._installer.remove_torch()
            return self._installer.install_torch(TORCH)

        if not attempt(work, "PyTorch"):
            raise Cancelled(_("PyTorch was not installed."))

    def _install_packages(self, packages: list[Range]) -> None:
        broken = [package.name for package in packages if not self._installed.whole(package.name)]
        if broken:
            self._installer.remove_packages(broken)
        self._installer.install_packages(packages)

    def _note_replaced(self, versions: dict[str, str], loaded: set[str]) -> None:
        now = self._installed.versions()
        changed = {name for name in loaded if name in versions and now.get(name) != versions[name]}
        self._replaced = tuple(sorted(changed.union(self._replaced)))


def _gpu_unused(gpu: Gpu | None) -> State | None:
    if gpu is None:
        return None
    if gpu.nvidia and not gpu.cuda_build:
        sentence = _("This computer has an NVIDIA GPU, but the installed PyTorch computes on the processor alone.")
        return State(Code.TORCH_WITHOUT_CUDA, sentence, Action.INSTALL, usable=True)
    if gpu.problem and gpu.nvidia:
        sentence = _("The GPU does not work, so the processor computes: {problem} Update the NVIDIA driver.")
        return State(Code.CUDA_FAILS, sentence.format(problem=gpu.problem), usable=True)
    return None


def _question(torch: bool, packages: list[Range]) -> str:
    """Return the text with which consent is asked."""
    lines = [_("PyTorch {range}, by the extension PyTorch (up to 3 GB)").format(range=TORCH.specifier)] if torch else []
    lines += [str(package) for package in packages]
    text = _("These Python packages will be downloaded from the internet and installed into Slicer:\n\n{packages}")
    return text.format(packages="\n".join(lines))


def attempt(work: Callable[[], _Answer], what: str) -> _Answer:
    """Do a piece of installing. Raises DependencyError, one sentence, for whatever goes wrong in it."""
    try:
        return work()
    except Exception as error:
        sentence = _(
            "{what} could not be installed ({error}); check the network, and its proxy in a hospital (environment"
            " variable HTTPS_PROXY), or install without a network as the README says, then press Install again."
        )
        first = str(error).strip().split("\n")[0] or type(error).__name__
        raise DependencyError(sentence.format(what=what, error=first[:120])) from error
