"""Packages that lie side by side and hold a stage in common, which is stored once."""

from __future__ import annotations

import shutil
from dataclasses import replace

from ..core.errors import PackageError
from .manifest import HALF, MANIFEST, manifest_json
from .package import ModelPackage, read_package
from .staging import move_into_place, staging_folder


def share_stages(package: ModelPackage, other: ModelPackage) -> ModelPackage:
    """Take the tensors that another package has as well from there, and return the package as it is then.

    Both lie in one folder, the other under its name. The manifest names it, and the package's own file is removed; the
    hash stays, so that nothing but the very same file is accepted. A zip of the package, and its installed copy, hold
    the file again. Raises PackageError where they have no file in common or do not lie side by side, OutputError where
    the folder cannot be written.
    """
    own = {path: entry for path, entry in package.files.items() if path.endswith(".safetensors")}
    common = [path for path, entry in own.items() if other.files.get(path) == entry and path not in other.shared]
    if not common:
        raise PackageError(f"{package.name} and {other.name} have no tensors in common; there is nothing to share.")
    if package.folder.resolve().parent != other.folder.resolve().parent or other.folder.name != other.name:
        raise PackageError(f"{package.folder} does not lie beside {other.name}, in one folder; move it there first.")
    manifest = replace(
        package,
        storage=package.storage or dict.fromkeys(own, HALF),
        shared={**package.shared, **dict.fromkeys(common, other.name)},
    )
    with staging_folder(package.folder.parent, "sharing") as staging:
        for path in set(package.files) - set(manifest.shared):
            (staging / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(package.folder / path, staging / path)
        (staging / MANIFEST).write_bytes(manifest_json(manifest).encode("ascii"))
        read_package(staging, label=package.name)
        move_into_place(staging, package.folder, replace=True)
    return read_package(package.folder)
