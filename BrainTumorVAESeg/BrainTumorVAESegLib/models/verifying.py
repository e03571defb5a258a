"""Whether a package's files are those that its manifest lists."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..core.disk.guarded import UnreadableError, cause_of, open_regular
from ..core.errors import PackageError
from ..core.text import shorten
from .manifest import MANIFEST, Manifest, locate, stage_file
from .names import LEFT_BY_SYSTEMS

_LISTED_FOLDERS = ("models", "configs")
_MOST_ENTRIES = 1000
"""Files and folders that are looked at: a link may lead to a folder of anything."""


def verify_presence(folder: Path, manifest: Manifest, label: str) -> None:
    """Raise PackageError unless every listed file has its size and `models` and `configs` hold no other file."""
    try:
        _verify_sizes(folder, manifest, label)
        _verify_no_others(folder, manifest, label)
    except OSError as error:
        raise PackageError(f"{label} cannot be read ({error.strerror}); check its permissions.") from error


def _verify_sizes(folder: Path, manifest: Manifest, label: str) -> None:
    for path, entry in manifest.files.items():
        file = locate(folder, manifest, path)
        if not file.is_file():
            beside = f" here and in {manifest.shared[path]} beside it" if path in manifest.shared else ""
            raise PackageError(f"{label}: {path} is missing{beside}; install the package again.")
        size = file.stat().st_size
        if size != entry.bytes:
            raise PackageError(f"{label}: {path} has {size} bytes instead of {entry.bytes}; install the package again.")


def _verify_no_others(folder: Path, manifest: Manifest, label: str) -> None:
    for name in _LISTED_FOLDERS:
        for number, file in enumerate((folder / name).rglob("*")):
            relative = file.relative_to(folder).as_posix()
            known = relative == MANIFEST or relative in manifest.files or file.name in LEFT_BY_SYSTEMS
            if number >= _MOST_ENTRIES or (not known and not file.is_dir()):
                what = shorten(relative)
                raise PackageError(f"{label}: {what} is no part of the package; remove it or install it again.")


def verify_hashes(folder: Path, manifest: Manifest, label: str) -> None:
    """Raise PackageError unless every listed file has its SHA-256; torch is not needed for this."""
    for path, entry in manifest.files.items():
        try:
            with open_regular(locate(folder, manifest, path)) as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except (OSError, UnreadableError) as error:
            raise PackageError(f"{label}: {path} {cause_of(error)}; install it again.") from error
        if found != entry.sha256:
            raise PackageError(f"{label}: {path} was changed after the package was written; install the package again.")


def verify_tensors(folder: Path, manifest: Manifest, label: str) -> None:
    """Raise PackageError unless the tensors are finite and those of the settings' networks. Imports torch."""
    from .tensors import check_tensors, read_state

    for stage, settings in ((1, manifest.settings.stage1), (2, manifest.settings.stage2)):
        if settings is not None:
            where = f"{label}: {stage_file(stage)}"
            check_tensors(read_state(folder, manifest, stage, where), settings, where)
