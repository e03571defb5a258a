"""Folders made beside their place and moved into it, so that a failure leaves nothing half done."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..core.errors import OutputError, PackageError
from .manifest import MANIFEST, METADATA


@contextmanager
def staging_folder(parent: Path, purpose: str) -> Iterator[Path]:
    """Give an empty hidden folder in parent, which is made where it is missing; what is left in it goes at the end.

    Raises OutputError where it cannot be written, also for an OSError of the work inside.
    """
    # Not tempfile.mkdtemp: its folders are closed to others, and a package may be meant for all of a machine.
    folder = parent / f".{purpose}-{uuid.uuid4().hex[:12]}"
    try:
        folder.mkdir(parents=True)
        yield folder
    except OSError as error:
        raise OutputError(
            f"{parent} cannot be written ({error.strerror or error}); free space or choose another."
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def looks_like_package(folder: Path) -> bool:
    """Say whether a folder is a package, whole or damaged, and not something of a person's that must be kept."""
    return any((folder / name).is_file() for name in (MANIFEST, METADATA)) or any(folder.glob("models/*.safetensors"))


def check_place(target: Path, replace: bool) -> None:
    """Raise OutputError where something stands at target that must not be replaced; only packages ever are."""
    if not os.path.lexists(target):
        return
    if not replace:
        raise OutputError(f"{target} exists already; choose another folder or ask to replace it.")
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
    old = target.with_name(f".old-{uuid.uuid4().hex[:12]}")
    os.replace(target, old)
    try:
        os.replace(folder, target)
    except OSError:
        os.replace(old, target)
        raise
    with suppress(PackageError):  # the new one is in place; what is left of the old one is hidden
        discard(old)


def discard(folder: Path) -> None:
    """Remove a folder, or the link to one. Raises PackageError where it cannot be removed."""
    try:
        if folder.is_symlink():
            folder.unlink()
        else:
            shutil.rmtree(folder)
    except OSError as error:
        raise PackageError(
            f"{folder} cannot be removed ({error.strerror}); close what uses it and try again."
        ) from error
