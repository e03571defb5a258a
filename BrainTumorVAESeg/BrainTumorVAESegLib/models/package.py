"""A model package on disk: read, verified, and its networks loaded.

Torch is imported only where tensors are looked at, so that a program without it can list packages and show their cards.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.disk.guarded import fault_of, read_regular, reason_of
from ..core.errors import PackageError
from ..core.settings import StageSettings
from ..core.text import printable
from .manifest import CARD, METADATA, FileEntry, LatentStatistics, Manifest, ValidityDomain, read_manifest, stage_file
from .metadata import check_metadata
from .typed_json import read_json
from .verifying import verify_hashes, verify_presence, verify_tensors

if TYPE_CHECKING:
    from ..networks.nvnet import NvNet

__all__ = [
    "FileEntry",
    "LatentStatistics",
    "ModelPackage",
    "ValidityDomain",
    "first_stage_alone",
    "load_stage",
    "read_package",
]


@dataclass(frozen=True, kw_only=True)
class ModelPackage(Manifest):
    """A package: its manifest and where it lies.

    metadata: `configs/metadata.json`, in MONAI's bundle schema. card: the model card, Markdown. shipped: whether it
    came with the library and cannot be removed.
    """

    folder: Path
    metadata: Mapping[str, Any] = field(default_factory=dict)
    card: str = ""
    shipped: bool = False

    @property
    def has_vae(self) -> bool:
        """Whether the first stage's VAE branch is in the package."""
        return self.settings.stage1.vae_crop is not None

    @property
    def size(self) -> int:
        """Bytes of all listed files, shared ones as well."""
        return sum(entry.bytes for entry in self.files.values())

    def stage(self, stage: int) -> StageSettings:
        """Return the settings of stage 1 or 2. Raises PackageError where the package does not have it."""
        settings = {1: self.settings.stage1, 2: self.settings.stage2}.get(stage)
        if settings is None:
            raise PackageError(f"{self.name} has no stage {stage}; choose a package that has it.")
        return settings


def read_package(folder: Path, verify: bool = True, label: str | None = None) -> ModelPackage:
    """Read a package's folder.

    With verify, the hash of every file, and the names, shapes and finiteness of every tensor are checked; without it,
    only the JSON files, and every file's presence and size. label names the package in messages, the folder's name by
    default. Raises PackageError, which says what is wrong with which file.
    """
    folder = Path(folder)
    label = printable(label or folder.name or folder.resolve().name)
    if fault := fault_of(folder):
        raise PackageError(f"The model package {printable(folder)} {fault}; choose a package's folder.")
    if not folder.is_dir():
        raise PackageError(f"The model package {printable(folder)} is not a folder; choose a package's folder.")
    manifest = read_manifest(folder, label)
    verify_presence(folder, manifest, label)
    if verify:
        verify_hashes(folder, manifest, label)
    metadata = read_json(folder / METADATA, f"{label}: {METADATA}")
    check_metadata(metadata, manifest.version, f"{label}: {METADATA}")
    if verify:
        verify_tensors(folder, manifest, label)
    values = {key.name: getattr(manifest, key.name) for key in dataclasses.fields(Manifest)}
    return ModelPackage(folder=folder, metadata=metadata, card=_card(folder, label), **values)


def first_stage_alone(package: ModelPackage) -> ModelPackage:
    """Return a package as if it had no second stage, its first one deciding as it does before the second."""
    settings = package.settings
    ones, zeros = ((value,) * len(settings.temperatures) for value in (1.0, 0.0))
    cuts = settings.stage1_thresholds
    alone = dataclasses.replace(settings, stage2=None, thresholds=cuts, temperatures=ones, offsets=zeros)
    return dataclasses.replace(package, settings=alone)


def _card(folder: Path, label: str) -> str:
    try:
        return read_regular(folder / CARD).decode("utf-8")
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        raise PackageError(f"{label}: {CARD} cannot be read as text ({reason}); install the package again.") from error


def load_stage(package: ModelPackage, stage: int, with_vae: bool = False) -> NvNet:
    """Load the network of stage 1 or 2 in evaluation mode, float32, on the CPU.

    The bytes read are held against the manifest's hash and the tensors against the network, whatever was verified
    before. with_vae keeps the VAE branch, which only the first stage may have. Raises PackageError.
    """
    from .tensors import build_network, check_tensors, read_state

    settings = package.stage(stage)
    if with_vae and settings.vae_crop is None:
        raise PackageError(f"{package.name}: stage {stage} has no VAE branch; choose a package that has one.")
    path = stage_file(stage)
    where = f"{package.name}: {path}"
    tensors = read_state(package.folder, package, stage, where)
    check_tensors(tensors, settings, where)
    return build_network(tensors, settings, with_vae)
