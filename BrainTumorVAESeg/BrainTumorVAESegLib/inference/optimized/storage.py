"""Where a package's converted networks lie, what they are, and that they are the ones that were verified.

    MODELS/.optimized/SHA-256 of the package/openvino/{stage1.xml, stage1.bin, ..., optimized.json}

MODELS is the folder of installed packages, the hash that of the package's manifest, so that another version of a
package never finds them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...core.disk.files import write_json
from ...core.disk.guarded import UnreadableError, cause_of, parse_json, read_regular
from ...core.errors import PackageError
from ...models.library import derived_folder
from ...models.package import ModelPackage
from .library import version_of

OPENVINO = "openvino"
OPENVINO_INT8 = "openvino-int8"
KINDS: dict[str, str] = {OPENVINO: "fp32", OPENVINO_INT8: "int8"}
"""The engines of converted networks, and in what they compute (int8: the last stage; the others in fp32)."""
_FACTS = "optimized.json"
_FORM = 2
"""How networks are converted; counted up where the same package becomes other networks than before."""
_LARGEST = 2**32
_UNREADABLE = (OSError, UnreadableError, TypeError, ValueError, KeyError, AttributeError)
"""What reading a description or a file that somebody else may have touched can raise."""


@dataclass(frozen=True)
class Optimized:
    """Converted networks on disk.

    kind: one of `KINDS`. openvino: the version that made and verified them. files: SHA-256 by name. difference: the
    largest of a probability to torch's in the same passes. dice: by region, of the labels to torch's, on the case on
    which they were verified. calibrated_on: what the ranges of the 8 bits were taken from, empty for fp32. form: how
    they were converted.
    """

    package: str
    sha256: str
    kind: str
    openvino: str
    files: Mapping[str, str] = field(default_factory=dict)
    difference: float = 0.0
    dice: Mapping[str, float] = field(default_factory=dict)
    calibrated_on: str = ""
    form: int = _FORM


def folder_of(package: ModelPackage, kind: str) -> Path:
    """Return where a package's converted networks lie, whether there are any or not."""
    return derived_folder(package.sha256) / kind


def stage_numbers(package: ModelPackage) -> tuple[int, ...]:
    """Return the numbers of a package's stages."""
    return (1,) if package.settings.stage2 is None else (1, 2)


def read_facts(package: ModelPackage, kind: str) -> Optimized:
    """Return what is known of a package's converted networks, without a look at the networks themselves.

    Raises PackageError where they were not made, or were made by another version of OpenVINO or of another package:
    with what to do.
    """
    folder, again = folder_of(package, kind), _again(package, kind)
    if not folder.is_dir():
        raise PackageError(f"{package.name} was not converted for the engine {kind}; {again}.")
    try:
        facts = Optimized(**{"form": 1, **parse_json(read_regular(folder / _FACTS))})
    except _UNREADABLE as error:
        raise _unreadable(package, kind, error) from error
    if (facts.sha256, facts.kind) != (package.sha256, kind):
        raise PackageError(f"{package.name}: {_FACTS} for {kind} is not the file that was verified; {again} again.")
    if facts.form != _FORM:
        raise PackageError(
            f"{package.name}: the networks for {kind} were made by another version of this program; {again} again."
        )
    version = version_of("openvino")
    if facts.openvino != version:
        raise PackageError(
            f"{package.name}: the networks for {kind} were made by OpenVINO {facts.openvino}, and {version} is "
            f"installed; {again} again."
        )
    return facts


def read_networks(package: ModelPackage, kind: str) -> tuple[Optimized, dict[str, bytes]]:
    """Return what is known of a package's converted networks, and their files' bytes by name.

    Raises PackageError as `read_facts` does, and where a file is not the one that was verified.
    """
    facts = read_facts(package, kind)
    folder, files = folder_of(package, kind), {}
    try:
        for name in (f"stage{stage}.{end}" for stage in stage_numbers(package) for end in ("xml", "bin")):
            files[name] = read_regular(folder / name, _LARGEST)
            if digest(files[name]) != facts.files[name]:
                raise PackageError(
                    f"{package.name}: {name} for {kind} is not the file that was verified; {_again(package, kind)} "
                    "again."
                )
    except _UNREADABLE as error:
        raise _unreadable(package, kind, error) from error
    return facts, files


def read_optimized(package: ModelPackage, kind: str) -> Optimized:
    """Return what is known of a package's converted networks. Raises PackageError as `read_networks` does."""
    return read_networks(package, kind)[0]


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the bytes of the networks' files in a folder, by name."""
    return {path.name: read_regular(path, _LARGEST) for path in sorted(folder.glob("stage*"))}


def write_facts(folder: Path, facts: Optimized) -> None:
    """Write what is known of the networks in a folder."""
    values: dict[str, Any] = asdict(facts)
    write_json(folder / _FACTS, values)


def digest(data: bytes) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(data).hexdigest()


def _again(package: ModelPackage, kind: str) -> str:
    return f"run models optimize {package.name}{' --int8' if kind == OPENVINO_INT8 else ''}"


def _unreadable(package: ModelPackage, kind: str, error: Exception) -> PackageError:
    reason = cause_of(error) if isinstance(error, OSError | UnreadableError) else "its description is not whole"
    return PackageError(
        f"{package.name}: the networks for {kind} cannot be read ({reason}); {_again(package, kind)} again."
    )
