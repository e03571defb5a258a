"""What is told of a package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...models.library import BrokenPackage
    from ...models.package import ModelPackage


def is_whole(package: ModelPackage | BrokenPackage) -> bool:
    """Say whether a package can be used."""
    return not hasattr(package, "error")


def package_facts(package: ModelPackage | BrokenPackage) -> dict[str, Any]:
    """Return a package's facts as plain JSON values."""
    from ...models.library import origin_of

    common = {
        "name": package.name,
        "origin": origin_of(package),
        "folder": str(package.folder),
    }
    if hasattr(package, "error"):
        return {**common, "ok": False, "error": package.error}
    return {
        **common,
        "ok": True,
        "version": package.version,
        "preset": package.settings.preset,
        "stages": 1 if package.settings.stage2 is None else 2,
        "bytes": package.size,
        "sha256": package.sha256,
    }
