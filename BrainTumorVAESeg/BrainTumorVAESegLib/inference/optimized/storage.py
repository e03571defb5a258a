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
"""The engines of converted networks, and in what they compute."""
_FACTS = "optimized.json"
_FORM = 2
"""How networks are converted; counted up where the same package becomes other networks than before."""
_LARGEST = 2**32


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


def read_optimized(package: ModelPackage, kind: str) -> Optimized:
    """Return what is known of a package's converted networks.

    Raises PackageError where they were not made, were made by another version of OpenVINO or of another package, or
    where a file is not the one that was verified: with what to do.
    """
    folder = folder_of(package, kind)
    again = f"run models optimize {package.name}{' --int8' if kind == OPENVINO_INT8 else ''}"
    if not folder.is_dir():
        raise PackageError(f"{package.name} was not converted for the engine {kind}; {again}.")
    try:
        facts = Optimized(**{"form": 1, **parse_json(read_regular(folder / _FACTS))})
        names = [f"stage{stage}.{end}" for stage in stage_numbers(package) for end in ("xml", "bin")]
        changed = [name for name in names if digest(folder / name) != facts.files[name]]
    except (OSError, UnreadableError, TypeError, ValueError, KeyError, AttributeError) as error:
        reason = cause_of(error) if isinstance(error, OSError | UnreadableError) else "its description is not whole"
        raise PackageError(
            f"{package.name}: the networks for {kind} cannot be read ({reason}); {again} again."
        ) from error
    if (facts.sha256, facts.kind) != (package.sha256, kind) or changed:
        which = changed[0] if changed else _FACTS
        raise PackageError(f"{package.name}: {which} for {kind} is not the file that was verified; {again} again.")
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


def write_facts(folder: Path, facts: Optimized) -> None:
    """Write what is known of the networks in a folder."""
    values: dict[str, Any] = asdict(facts)
    write_json(folder / _FACTS, values)


def digest(path: Path) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(read_regular(path, _LARGEST)).hexdigest()
