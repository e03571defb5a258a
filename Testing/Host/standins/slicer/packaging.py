"""Installing packages: a stand-in for `slicer.packaging` that looks, but never installs."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

__all__ = ["load_requirements", "pip_check", "pip_ensure", "pip_install", "pip_uninstall"]


def load_requirements(path: str | Path) -> list[Requirement]:
    """Return the requirements of a file, without comments."""
    lines = [line.split("#")[0].strip() for line in Path(path).read_text(encoding="utf-8").splitlines()]
    return [Requirement(line) for line in lines if line]


def pip_check(req: str | Requirement | Sequence[str | Requirement]) -> bool:
    """Say whether all of some requirements are fulfilled."""
    several = req.split() if isinstance(req, str) else [req] if isinstance(req, Requirement) else req
    return all(map(_is_fulfilled, map(Requirement, map(str, several))))


def _is_fulfilled(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(version(requirement.name), prereleases=True)
    except PackageNotFoundError:
        return False


def pip_ensure(
    requirements: str | Requirement | Sequence[str | Requirement],
    constraints: str | Path | None = None,
    skip_packages: list[str] | None = None,
    prompt_install: bool = True,
    prompt_restart: bool = True,
    requester: str | None = None,
    skip_in_testing: bool = True,
    show_progress: bool = True,
) -> list[str] | None:
    """Install what is missing; Slicer does nothing in testing mode, and the host is always in it."""
    if not skip_in_testing and not pip_check(requirements):
        pip_install([str(requirement) for requirement in requirements])
    return None


def pip_install(requirements: str | list[str], **kwargs: Any) -> list[str] | None:
    """Refuse."""
    raise RuntimeError(f"The host installs nothing: {requirements}")


def pip_uninstall(requirements: str | list[str], **kwargs: Any) -> None:
    """Refuse."""
    raise RuntimeError(f"The host uninstalls nothing: {requirements}")
