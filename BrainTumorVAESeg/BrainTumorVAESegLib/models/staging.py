"""Folders made beside their place and moved into it, so that a failure leaves nothing half done."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..core.disk.claims import claim
from ..core.disk.files import output_error
from ..core.disk.paths import require_output_path
from ..core.disk.unfinished import unfinished_folder
from ..core.errors import OutputError, PackageError
from ..core.text import printable
from .manifest import MANIFEST, METADATA

_REPLACED = ".old-"
"""How the name of a package that is being replaced begins; its own name follows."""


@contextmanager
def staging_folder(parent: Path, purpose: str) -> Iterator[Path]:
    """Give a hidden folder in parent, which is made where it is missing; what is left in it goes at the end.

    purpose: see `unfinished_folder`.
    Raises OutputError where it cannot be written, also for an OSError of the work inside.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _settle_replaced(parent)
        with unfinished_folder(parent, purpose) as folder:
            yield folder
    except OSError as error:
        raise output_error(parent, error) from error


def looks_like_package(folder: Path) -> bool:
    """Say whether a folder is a package, whole or damaged, and not something of a person's that must be kept."""
    return any((folder / name).is_file() for name in (MANIFEST, METADATA)) or any(folder.glob("models/*.safetensors"))


def check_place(target: Path, replace: bool) -> None:
    """Raise OutputError where something stands at target that must not be replaced; only packages ever are."""
    require_output_path(target)
    if not os.path.lexists(target):
        return
    if not replace:
        raise OutputError(f"{printable(target)} exists already; choose another folder or ask to replace it.")
    if not looks_like_package(target):
        raise OutputError(f"{target} is not a model package and is not replaced; choose another folder.")


def move_into_place(folder: Path, target: Path, replace: bool = False) -> None:
    """Move a finished folder to target, on the same disk; a package that stood there goes only after that.

    Raises OutputError where target must not be replaced.
    """
    check_place(target, replace)
    if not target.exists():
        os.replace(folder, target)
        return
    old = target.with_name(f"{_REPLACED}{uuid.uuid4().hex[:12]}-{target.name}")
    with claim(target.parent, f"replacing-{target.name}"):
        os.replace(target, old)
        try:
            os.replace(folder, target)
        except OSError:
            os.replace(old, target)
            raise
    with suppress(PackageError):  # the new one is in place; what is left of the old one is hidden
        discard(old)


def _settle_replaced(parent: Path) -> None:
    """Remove the packages that killed processes had replaced, and put back those that they had not yet replaced."""
    for old in parent.glob(f"{_REPLACED}*-*"):
        name = old.name.removeprefix(_REPLACED).partition("-")[2]
        with suppress(OSError, OutputError, PackageError), claim(parent, f"replacing-{name}"):
            if os.path.lexists(parent / name):
                discard(old)
            else:
                os.replace(old, parent / name)


def discard(folder: Path) -> None:
    """Remove a folder, or the link to one. Raises PackageError where it cannot be removed."""
    try:
        if folder.is_symlink():
            folder.unlink()
        else:
            shutil.rmtree(folder)
    except OSError as error:
        raise PackageError(
            f"{printable(folder)} cannot be removed ({error.strerror}); close what uses it and try again."
        ) from error
