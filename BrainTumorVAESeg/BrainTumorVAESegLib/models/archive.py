"""Unpacking a package's zip file: only files that packages hold, only into the folder given, only so much."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ..core.disk.files import output_error
from ..core.disk.guarded import UnreadableError, cause_of, guarded, open_regular
from ..core.errors import PackageError
from ..core.text import printable, shorten
from .manifest import MANIFEST
from .names import LEFT_BY_SYSTEMS, check_member

LARGEST_TOTAL = 2 * 2**30
"""Bytes that a zip may unpack to."""
MOST_FILES = 200
LARGEST_RATIO = 200
"""How much a member of more than a MiB may grow; weights hardly do."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def unpack(path: Path, folder: Path) -> Path:
    """Unpack a package's zip into folder, which is made, and return it.

    The package may stand at the zip's root or in its one folder, whose name does not matter. Every member is checked
    before the first is written. Raises PackageError on a file that is no zip or is damaged, a path that leads
    elsewhere, a link, a kind of file that packages do not hold, or too many bytes; OSError or OutputError where folder
    cannot be written.
    """
    try:
        stream = open_regular(path)
    except (OSError, UnreadableError) as error:
        raise PackageError(f"{printable(path)} {cause_of(error)}; choose a package's folder or zip file.") from error
    where = printable(path.name)

    def damaged(reason: str) -> PackageError:
        return PackageError(f"{where} is damaged or no zip file ({reason}); get it from its source again.")

    with stream:
        with guarded(damaged):
            archive = zipfile.ZipFile(stream)
            members = _checked(archive.infolist(), where)
        for member, info in members.items():
            target = folder / member
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as out, guarded(damaged):
                for block in _blocks(archive, info):
                    try:
                        out.write(block)
                    except OSError as error:
                        raise output_error(target, error) from error
    return folder


def _checked(infos: list[zipfile.ZipInfo], where: str) -> dict[PurePosixPath, zipfile.ZipInfo]:
    """Return path inside the package -> member, of every file to unpack."""
    # The names as they stand in the file: zipfile cuts `filename` at a NUL and turns Windows' separators.
    named = [(info.orig_filename, info) for info in infos]
    named = [(name, info) for name, info in named if not _is_left_by_systems(name)]
    prefix = _prefix([name for name, _ in named], where)
    members: dict[PurePosixPath, zipfile.ZipInfo] = {}
    for name, info in named:
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise PackageError(
                f"{where}: {shorten(repr(name))} is a link or a device, not a file; get the zip from its source again."
            )
        if name == prefix:
            continue
        if not name.startswith(prefix):
            raise PackageError(
                f"{where}: {shorten(repr(name))} lies outside the package; get the zip from its source again."
            )
        inner = name.removeprefix(prefix)
        if inner.endswith("/"):
            check_member(f"{inner}LICENSE", where)
            continue
        member = check_member(inner, where)
        if info.flag_bits & 1 or info.compress_type not in _METHODS:
            raise PackageError(
                f"{where}: {shorten(name)} is encrypted or packed in a rare way; unpack it and install the folder."
            )
        members[member] = info
    if len({str(member).lower() for member in members}) < sum(not name.endswith("/") for name, _ in named):
        raise PackageError(f"{where} holds a file twice; get the zip from its source again.")
    _check_sizes(list(members.values()), where)
    return members


def _is_left_by_systems(name: str) -> bool:
    """Say whether a member is one of those that macOS and Windows add to any folder."""
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1] in LEFT_BY_SYSTEMS


def _prefix(names: list[str], where: str) -> str:
    """Return what stands before every path inside the package: nothing, or one folder and a slash."""
    found = [name for name in names if name == MANIFEST or name.endswith(f"/{MANIFEST}")]
    prefix = found[0].removesuffix(MANIFEST) if len(found) == 1 else "?"
    top = prefix.removesuffix("/")
    if prefix and (prefix == top or "/" in top or "\\" in top or ":" in top or top in ("", ".", "..")):
        raise PackageError(f"{where} does not hold one model package; choose a package's zip file.")
    return prefix


def is_swollen(info: zipfile.ZipInfo) -> bool:
    """Say whether a member unpacks to far more than it takes in the zip."""
    return info.file_size > max(2**20, LARGEST_RATIO * info.compress_size)


def _check_sizes(infos: list[zipfile.ZipInfo], where: str) -> None:
    """Raise PackageError where a zip's members are too many or unpack to too much."""
    total = sum(info.file_size for info in infos)
    swollen = any(map(is_swollen, infos))
    if len(infos) > MOST_FILES or total > LARGEST_TOTAL or swollen:
        raise PackageError(
            f"{where} would unpack to more than a package is ({len(infos)} files, {total} bytes); it is not opened."
        )


def _blocks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give a member's bytes, never more of them than it announced."""
    left = info.file_size
    with archive.open(info) as source:
        while block := source.read(min(2**20, left + 1)):
            left -= len(block)
            if left < 0:
                raise ValueError("a file in it is longer than it says")
            yield block
    if left:
        raise ValueError("a file in it is shorter than it says")
