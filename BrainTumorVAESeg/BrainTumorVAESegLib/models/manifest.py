"""The manifest of a model package, `configs/cascade.json`: what the package is, and the hash of each of its files."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..core.errors import PackageError
from ..core.settings import MASK_CHANNELS, CascadeSettings, StageSettings, to_plain
from ..core.text import shorten
from .names import check_member, is_name
from .typed_json import build, read_json

FORMAT = 2
"""Number of the manifest's format; a reader refuses what it does not know."""
FULL, HALF, INT8 = STORAGES = ("float32", "float16", "int8")
"""Ways in which a stage's file holds its numbers; see `storage`."""
MANIFEST = "configs/cascade.json"
METADATA = "configs/metadata.json"
CARD = "docs/README.md"
LICENSE = "LICENSE"
_KEYS = {"format", "name", "version", "settings", "latent", "domain", "training", "files", "sha256"}
_SINCE_2 = {"storage", "shared"}
_MOST_OFFSET = 20.0
"""Of a logit: e to this power is far beyond any likelihood that cases could tell."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class FileEntry:
    """A file of a package: SHA-256 in lower-case hexadecimal, and size in bytes."""

    sha256: str
    bytes: int


@dataclass(frozen=True)
class LatentStatistics:
    """The latent means of the training cases, per number: mean and standard deviation, for the input check.

    cases: how many cases they were gathered from.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    cases: int = 0


@dataclass(frozen=True)
class ValidityDomain:
    """What a package may be used on: text for people, the rest for machines."""

    text: str = (
        "Pre-operative glioma of adults, from T1, T1ce, T2 and FLAIR. For research only; this is not a medical device."
    )
    tumors: tuple[str, ...] = ("glioma",)
    timing: tuple[str, ...] = ("pre-operative",)
    ages: tuple[str, ...] = ("adult",)
    use: str = "research"
    medical_device: bool = False


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What `configs/cascade.json` says.

    training: free facts about how the weights came to be. files: relative path (forward slashes) -> entry, every file
    but the manifest itself. storage: relative path of each stage's tensors -> one of `STORAGES`; before format 2, float
    tensors of either width, and no entry. shared: relative path -> the name of the package, in a folder beside this
    one's, from which a file is taken where it does not lie here. sha256: of the manifest's canonical JSON, which holds
    the files' hashes; it tells one package from another and finds edits, but is no signature.
    """

    name: str
    version: str
    settings: CascadeSettings
    latent: LatentStatistics | None = None
    domain: ValidityDomain = field(default_factory=ValidityDomain)
    training: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, FileEntry] = field(default_factory=dict)
    storage: Mapping[str, str] = field(default_factory=dict)
    shared: Mapping[str, str] = field(default_factory=dict)
    sha256: str = ""


def stage_file(stage: int) -> str:
    """Return the relative path of a stage's tensors; stage is 1 or 2."""
    return f"models/stage{stage}.safetensors"


def locate(folder: Path, manifest: Manifest, path: str) -> Path:
    """Return where a listed file of a package in folder lies: there, or in the package that it is shared with."""
    own = folder / path
    if path not in manifest.shared or os.path.lexists(own):
        return own
    return folder.parent / manifest.shared[path] / path


def manifest_json(manifest: Manifest) -> str:
    """Return the text of `configs/cascade.json`, its own hash computed anew."""
    values = {key: value for key, value in to_plain(manifest).items() if key in _KEYS | _SINCE_2}
    values = {"format": FORMAT, **values}
    values["sha256"] = digest(values)
    return json.dumps(values, indent=1, sort_keys=True, allow_nan=False) + "\n"


def digest(values: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest's values without their `sha256`, as canonical JSON."""
    rest = {key: value for key, value in values.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def read_manifest(folder: Path, label: str) -> Manifest:
    """Read and check a package's manifest; label names the package in messages. Raises PackageError."""
    where = f"{label}: {MANIFEST}"
    if not _is_there(folder / MANIFEST):
        raise PackageError(f"{label} is not a model package: it has no {MANIFEST}; choose a package's folder or zip.")
    values = read_json(folder / MANIFEST, where)
    number = values.get("format")
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= FORMAT:
        given = shorten(repr(number))
        raise PackageError(
            f"{where}: format {given} is not known (this version reads 1 to {FORMAT}); update BrainTumorVAESeg."
        )
    keys = _KEYS if number == 1 else _KEYS | _SINCE_2
    if set(values) != keys:
        odd = shorten(", ".join(sorted(set(values) ^ keys)))
        raise PackageError(f"{where}: missing or unknown keys ({odd}); install the package again.")
    if not isinstance(values["sha256"], str) or values["sha256"] != digest(values):
        raise PackageError(f"{where} was changed after the package was written; install the package again.")
    return _manifest(values, where)


def _is_there(path: Path) -> bool:
    """Say whether something has the path's name. A folder that may not be entered is not told from an empty one."""
    try:
        os.lstat(path)
    except PermissionError:
        return True  # whoever reads it says so
    except (OSError, ValueError):
        return False
    return True


def _manifest(values: Mapping[str, Any], where: str) -> Manifest:
    """Build the manifest from its values, keys and hash checked before."""
    for key in ("name", "version"):
        if not isinstance(values[key], str) or not is_name(values[key]):
            raise PackageError(
                f"{where}: the {key} {shorten(repr(values[key]))} is not valid; install the package again."
            )
    if not isinstance(values["training"], dict):
        raise PackageError(f"{where}: training is not an object; install the package again.")
    settings = build(CascadeSettings, values["settings"], f"{where}: settings")
    check_arrangement(settings, where)
    latent = None if values["latent"] is None else build(LatentStatistics, values["latent"], f"{where}: latent")
    check_latent(latent, settings.stage1, where)
    files = _files(values["files"], settings, where)
    return Manifest(
        name=values["name"],
        version=values["version"],
        settings=settings,
        latent=latent,
        domain=build(ValidityDomain, values["domain"], f"{where}: domain"),
        training=values["training"],
        files=files,
        storage=_storage(values["storage"], settings, where) if "storage" in values else {},
        shared=_shared(values.get("shared", {}), files, where),
        sha256=values["sha256"],
    )


def _storage(values: Any, settings: CascadeSettings, where: str) -> dict[str, str]:
    """Check how the stages' files hold their numbers."""
    stages = {stage_file(1)} | ({stage_file(2)} if settings.stage2 else set())
    if not isinstance(values, dict) or set(values) != stages or not all(way in STORAGES for way in values.values()):
        raise PackageError(f"{where}: storage is not one of {', '.join(STORAGES)} for each stage's file; update.")
    return values


def _shared(values: Any, files: Mapping[str, FileEntry], where: str) -> dict[str, str]:
    """Check which packages, by their names, hold some of the files."""
    right = isinstance(values, dict) and all(isinstance(name, str) and is_name(name) for name in values.values())
    if not right or not all(path in files and path.endswith(".safetensors") for path in values):
        raise PackageError(f"{where}: shared does not name packages for some of the files; install the package again.")
    return dict(values)


def _files(values: Any, settings: CascadeSettings, where: str) -> dict[str, FileEntry]:
    """Build the table of files; every needed one must be in it, and no other tensors."""
    if not isinstance(values, dict):
        raise PackageError(f"{where}: files is not an object; install the package again.")
    files = {
        str(check_member(path, where)): build(FileEntry, entry, f"{where}: {shorten(path)}")
        for path, entry in values.items()
    }
    for path, entry in files.items():
        if not _DIGEST.fullmatch(entry.sha256) or entry.bytes < 0:
            raise PackageError(f"{where}: the hash or size of {path} is not valid; install the package again.")
    stages = {stage_file(1)} | ({stage_file(2)} if settings.stage2 else set())
    missing = sorted(({METADATA, CARD, LICENSE} | stages) - set(files))
    if missing or MANIFEST in files:
        raise PackageError(
            f"{where} does not list {', '.join(missing) or 'its files rightly'}; install the package again."
        )
    strange = sorted(path for path in files if path.endswith(".safetensors") and path not in stages)
    if strange:
        raise PackageError(
            f"{where} lists {shorten(', '.join(strange))}, which its settings do not use; install the package again."
        )
    return files


def check_latent(latent: LatentStatistics | None, stage1: StageSettings, where: str) -> None:
    """Raise PackageError where latent statistics do not belong to the first stage's VAE branch."""
    if latent is None:
        return
    sizes = {len(latent.mean), len(latent.std)}
    usable = all(map(math.isfinite, latent.mean)) and all(0 < spread < math.inf for spread in latent.std)
    if stage1.vae_crop is None or sizes != {stage1.latent} or not usable:
        raise PackageError(
            f"{where}: the latent statistics are not {stage1.latent} finite numbers of stage 1's VAE branch each."
        )


def check_arrangement(settings: CascadeSettings, where: str) -> None:
    """Raise PackageError where a cascade's numbers do not fit each other or are out of all reason."""
    images, outputs = len(settings.modalities), len(settings.output_channels)
    stages = [(settings.stage1, images)]
    if settings.stage2 is not None:
        stages.append((settings.stage2, images + len(MASK_CHANNELS)))
    lists = (settings.thresholds, settings.stage1_thresholds, settings.temperatures, settings.offsets)
    low, high = settings.preprocessing.clip
    right = (
        all(stage.in_channels == n and stage.out_channels == outputs and is_in_reason(stage) for stage, n in stages)
        and all(len(numbers) == outputs for numbers in lists)
        and min(settings.temperatures) > 0
        and max(map(abs, settings.offsets)) <= _MOST_OFFSET
        and 0.05 <= settings.preprocessing.spacing <= 20
        and 0 <= settings.preprocessing.margin <= 512
        and 0 <= low < high <= 100
    )
    if not right:
        raise PackageError(f"{where}: the settings' numbers do not fit each other; install the package again.")


def require_reason(stage: StageSettings, where: str) -> None:
    """Raise PackageError where a stage's numbers are those of no network that can be built."""
    if not is_in_reason(stage):
        raise PackageError(f"{where}: its tensors are those of no network of a size that can be imported.")


def is_in_reason(stage: StageSettings) -> bool:
    """Say whether a stage's numbers are those of a network that can be built."""
    return (
        1 <= stage.filters <= 512
        and stage.groups >= 1
        and 2 <= len(stage.blocks_down) <= 6
        and all(1 <= blocks <= 32 for blocks in (*stage.blocks_down, *stage.blocks_up))
        and (stage.vae_crop is None or len(stage.blocks_down) == 4)
        and 0 <= stage.dropout < 1
        and 1 <= stage.downsample <= 16
        and 1 <= stage.latent <= 4096
        and all(n <= 1024 for size in (stage.field, stage.vae_crop) for n in size or ())
    )
