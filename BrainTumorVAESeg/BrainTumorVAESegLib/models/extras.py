"""Files that a package may hold besides its weights and settings: JSON, held against the manifest's hash."""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePosixPath
from typing import Any

from ..core.errors import PackageError
from .package import ModelPackage


def read_extra(package: ModelPackage, path: str) -> dict[str, Any] | None:
    """Return what a file of a package holds, None where the package has none of that name or no object in it.

    Raises PackageError where the file is not the one that the package was written with.
    """
    entry = package.files.get(path)
    if entry is None:
        return None
    where = f"{package.name}: {path}"
    try:
        data = (package.folder / PurePosixPath(path)).read_bytes()
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            raise PackageError(f"{where} was changed after the package was written; install the package again.")
        values = json.loads(data)
    except (OSError, ValueError) as error:
        raise PackageError(f"{where} cannot be read ({error}); install the package again.") from error
    return values if isinstance(values, dict) else None


def extra_json(values: object) -> bytes:
    """Return the text of such a file, numbers with six significant digits, since they are computed with again."""
    return json.dumps(_rounded(values), separators=(",", ":"), sort_keys=True, allow_nan=False).encode()


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value
