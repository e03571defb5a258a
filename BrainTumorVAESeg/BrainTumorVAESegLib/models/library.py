"""The packages on this machine: those that ship with the library and those that a person installed."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.disk.claims import claim
from ..core.disk.guarded import UnreadableError, cause_of, fault_of, guarded, open_regular
from ..core.errors import PackageError
from ..core.resources import resources_folder
from ..core.settings import PRESETS
from ..core.text import printable, shorten
from .archive import unpack
from .manifest import MANIFEST, locate
from .package import ModelPackage, read_package
from .staging import discard, looks_like_package, move_into_place, staging_folder
from .verifying import verify_hashes

ENVIRONMENT_VARIABLE = "BRAINTUMORVAESEG_MODELS"
"""Names the folder of installed packages, in place of the platform's."""
_DERIVED = ".optimized"
"""A hidden folder beside the packages, so that it is never taken for one."""


@dataclass(frozen=True)
class BrokenPackage:
    """A folder among the packages that cannot be used; error says why and what to do."""

    folder: Path
    name: str
    error: str
    shipped: bool = False


def shipped_folder() -> Path:
    """Return the folder of the packages that ship with the library. Raises PackageError (see `resources_folder`)."""
    return resources_folder() / "Models"


def user_folder() -> Path:
    """Return the folder of installed packages, which may not exist yet.

    It is the one that BRAINTUMORVAESEG_MODELS names, or else in the platform's place for a person's data. Raises
    PackageError where the person's home is not known.
    """
    chosen = os.environ.get(ENVIRONMENT_VARIABLE, "").strip()
    try:
        base = Path(chosen).expanduser().absolute() if chosen else _data_folder() / "BrainTumorVAESeg" / "Models"
    except RuntimeError as error:
        raise PackageError(f"No folder for models is known ({error}); set {ENVIRONMENT_VARIABLE} to one.") from error
    return base


def derived_folder(sha256: str) -> Path:
    """Return where is kept what was made of the package of a hash, whether there is something or not."""
    return user_folder() / _DERIVED / sha256


def _data_folder() -> Path:
    """Return the platform's place for a person's data."""
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    named = Path(os.environ.get("XDG_DATA_HOME", ""))
    # The XDG specification says that a relative path is to be ignored.
    return named if named.is_absolute() else Path.home() / ".local" / "share"


def origin_of(package: ModelPackage | BrokenPackage) -> str:
    """Return where a package comes from: `shipped`, `installed`, or `folder` for one that lies anywhere else."""
    if package.shipped:
        return "shipped"
    return "installed" if package.folder.parent == user_folder() else "folder"


def list_packages(hashes: bool = True) -> list[ModelPackage | BrokenPackage]:
    """Return all packages, shipped ones first, then by name, without importing torch.

    hashes: check every file's hash, which takes a moment for large packages; else its presence and size alone. A
    damaged one is listed with its error and hides no other.
    """
    return list(_entries(hashes))


def find_package(name_or_path: str | Path | None = None, verify: bool = True) -> ModelPackage:
    """Return the package of a name or in a folder, verified unless said otherwise; None means the default one.

    The default is a shipped package: the first by the order of the presets (`core.settings`), then by name. Raises
    PackageError on an unknown name, naming the known ones, and on a damaged package.
    """
    if name_or_path is None:
        return _default(verify)
    entries = list(_entries())
    for entry in entries:
        if entry.name == str(name_or_path):
            return _verified(entry, verify)
    path = _expanded(name_or_path)
    fault = fault_of(path)
    if fault is None:
        for entry in entries:
            if path.resolve() == entry.folder.resolve():
                return _verified(entry, verify)
        if path.is_dir():
            return read_package(path, verify)
        raise PackageError(f"{printable(path)} is a file; install it first, or name a package's folder.")
    if not fault.startswith("does not exist"):
        raise PackageError(f"{printable(path)} {fault}; choose a package's name or folder.")
    known = ", ".join(shorten(entry.name) for entry in entries) or "none"
    raise PackageError(
        f"No model package is called {shorten(name_or_path)}; known are: {known}. Install it from its folder or zip."
    )


def install_package(source: Path, replace: bool = False) -> ModelPackage:
    """Install a package from its folder or zip file into the user's folder, and return it.

    It is unpacked and verified beside the others and only then moved to its place; only listed files are taken. Raises
    PackageError if it is damaged, unsafe or of a name that is taken (replace allows an installed one), OutputError if
    the folder cannot be written.
    """
    source = _expanded(source)
    if fault := fault_of(source):
        raise PackageError(f"{printable(source)} {fault}; choose a package's folder or zip file.")
    with staging_folder(user_folder(), "installing") as staging:
        root = source
        if not source.is_dir():
            root = unpack(source, staging / "unpacked")
        found = read_package(root, verify=False, label=source.name)
        copy = staging / "package"
        with claim(user_folder(), f"installing-{found.name}"):
            target = _free_place(found.name, replace)
            _copy(root, found, copy)
            read_package(copy, label=source.name)
            move_into_place(copy, target, replace)
    return read_package(target, verify=False)


def _copy(root: Path, package: ModelPackage, target: Path) -> None:
    """Copy a package's listed files. Raises PackageError where one cannot be read, else OSError."""
    for member in (MANIFEST, *package.files):
        (target / member).parent.mkdir(parents=True, exist_ok=True)
        try:
            stream = open_regular(locate(root, package, member))
        except (OSError, UnreadableError) as error:
            raise PackageError(f"{package.name}: {member} {cause_of(error)}; get it from its source again.") from error
        with stream, (target / member).open("xb") as out:
            shutil.copyfileobj(stream, out, 2**20)


def _expanded(path: str | Path) -> Path:
    """Return a path with the person's home in it. Raises PackageError where that is not known."""
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise PackageError(f"{printable(path)}: its home folder is not known; give a full path.") from error


def remove_package(name: str) -> None:
    """Remove an installed package, damaged or not.

    Raises PackageError where none of that name is installed, or where it ships with the library.
    """
    entries = [entry for entry in _entries() if entry.name == name]
    installed = [entry for entry in entries if not entry.shipped]
    if not installed:
        why = "comes with BrainTumorVAESeg and cannot be removed" if entries else "is not installed; look at the list"
        raise PackageError(f"The model package {shorten(name)} {why}.")
    if not looks_like_package(installed[0].folder):
        raise PackageError(f"{installed[0].folder} does not look like a model package; remove it by hand.")
    discard(installed[0].folder)
    if isinstance(installed[0], ModelPackage) and derived_folder(installed[0].sha256).is_dir():
        discard(derived_folder(installed[0].sha256))


def _free_place(name: str, replace: bool) -> Path:
    """Return where a package of this name is installed. Raises PackageError where the name is taken."""
    for entry in _entries():
        if entry.name.lower() != name.lower():  # one folder on a disk that does not tell them apart
            continue
        if entry.shipped:
            raise PackageError(f"A package called {name} comes with BrainTumorVAESeg; give yours another name.")
        if not replace:
            raise PackageError(f"A package called {name} is installed already; remove it first or ask to replace it.")
        return entry.folder
    return user_folder() / name


def _default(verify: bool) -> ModelPackage:
    """Return the shipped default."""
    entries = list(_read_all(shipped_folder(), shipped=True))
    whole = [entry for entry in entries if isinstance(entry, ModelPackage)]
    order = {preset: rank for rank, preset in enumerate(PRESETS)}
    for entry in sorted(whole, key=lambda e: (order.get(e.settings.preset, len(order)), e.name)) or entries:
        return _verified(entry, verify)
    raise PackageError("No model package comes with this version of BrainTumorVAESeg; install one, or name its folder.")


def _verified(entry: ModelPackage | BrokenPackage, verify: bool) -> ModelPackage:
    """Return an entry's package, verified on request. Raises PackageError where it is broken."""
    if isinstance(entry, BrokenPackage):
        raise PackageError(entry.error)
    return replace(read_package(entry.folder), shipped=entry.shipped) if verify else entry


def _entries(hashes: bool = False) -> Iterator[ModelPackage | BrokenPackage]:
    """Give the shipped packages, then the installed ones."""
    try:
        shipped = shipped_folder()
    except PackageError:
        shipped = None  # A library without its Resources can still use installed packages.
    if shipped is not None:
        yield from _read_all(shipped, shipped=True, hashes=hashes)
    yield from _read_all(user_folder(), shipped=False, hashes=hashes)


def _read_all(folder: Path, shipped: bool, hashes: bool = False) -> Iterator[ModelPackage | BrokenPackage]:
    """Give what each folder in a folder of packages holds; hidden ones are work in progress."""
    try:
        with os.scandir(folder) as entries:
            folders = sorted(Path(entry) for entry in entries if not entry.name.startswith(".") and _is_folder(entry))
    except FileNotFoundError:
        return
    except OSError as error:
        raise PackageError(f"The folder of models {printable(folder)} {cause_of(error)}.") from error
    for path in folders:
        yield _entry(path, shipped, hashes)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link that leads back to itself


def _entry(path: Path, shipped: bool, hashes: bool) -> ModelPackage | BrokenPackage:
    """Return what a folder holds; whatever is wrong with it hides no other one."""
    name = printable(path.name)
    try:
        with guarded(lambda reason: PackageError(f"{name} cannot be read ({reason}); install the package again.")):
            package = replace(read_package(path, verify=False), shipped=shipped)
            if hashes:
                verify_hashes(path, package, name)
            return package
    except PackageError as error:
        return BrokenPackage(path, name, str(error), shipped)
