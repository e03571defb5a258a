"""Writing a model package: a folder of tensors and JSON, and a zip of it."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any

import safetensors.torch
from torch import Tensor

from ..core.disk.claims import claim
from ..core.disk.files import make_folder, replacing
from ..core.disk.paths import require_output_path
from ..core.errors import PackageError
from ..core.settings import CascadeSettings, StageSettings, without_vae
from ..networks.nvnet import NvNet
from .manifest import (
    CARD,
    HALF,
    LICENSE,
    MANIFEST,
    METADATA,
    STORAGES,
    FileEntry,
    LatentStatistics,
    Manifest,
    ValidityDomain,
    check_arrangement,
    check_latent,
    locate,
    manifest_json,
    stage_file,
)
from .metadata import build_metadata
from .names import check_name
from .package import ModelPackage, read_package
from .staging import check_place, move_into_place, staging_folder
from .storage import pack
from .tensors import VAE_PREFIX, check_tensors, is_finite

AUTHORS = "BrainTumorVAESeg contributors"
LICENSE_TEXT = """\
The weights (models/*.safetensors) and the model card (docs/README.md) of this package are licensed under the Creative
Commons Attribution 4.0 International license (CC BY 4.0): https://creativecommons.org/licenses/by/4.0/legalcode

The files under configs/ and the software that reads this package are licensed under the Apache License, Version 2.0:
https://www.apache.org/licenses/LICENSE-2.0

The data that the weights were trained on keep their own licenses, which the model card names.

The package is given as it is, without warranty of any kind. It is for research and is not a medical device.
"""
"""What LICENSE says of weights that were trained with this library."""
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def write_package(
    folder: Path,
    name: str,
    version: str,
    settings: CascadeSettings,
    stage1: NvNet,
    stage2: NvNet | None,
    card: str,
    *,
    latent: LatentStatistics | None = None,
    training: Mapping[str, Any] | None = None,
    domain: ValidityDomain | None = None,
    storage: str = HALF,
    replace: bool = False,
    description: str = "Two-stage, VAE-regularized segmentation of brain tumors",
    authors: str = AUTHORS,
    license_text: str = LICENSE_TEXT,
    extras: Mapping[str, bytes] | None = None,
) -> ModelPackage:
    """Write a package to folder and return it, verified.

    The first stage keeps its VAE branch, the second one's is left out, in the settings too. storage: one of `STORAGES`,
    how the numbers are held (see `storage`). training must be plain JSON values. extras: further files by their paths.
    Raises OutputError if the folder exists (unless replace, and it holds a package) or cannot be written, PackageError
    if networks and settings do not fit each other or the weights cannot be stored.
    """
    folder = Path(folder)
    check_place(folder, replace)
    second = None if settings.stage2 is None else without_vae(settings.stage2)
    if storage not in STORAGES:
        raise ValueError(f"{storage!r} is none of {STORAGES}")
    manifest = Manifest(
        name=check_name(name),
        version=check_name(version),
        settings=replaced(settings, stage2=second),
        latent=latent,
        domain=domain or ValidityDomain(),
        training=training or {},
        storage=dict.fromkeys([stage_file(1), *([stage_file(2)] if second else [])], storage),
    )
    tensors = _tensors(manifest, stage1, stage2)
    if not card.strip():
        raise PackageError(f"{name}: a package needs a model card; write what it is for and the licenses of its data.")
    metadata = build_metadata(version, manifest.settings, description, authors)
    texts = {CARD: card, LICENSE: license_text, METADATA: json.dumps(metadata, indent=1) + "\n"}
    files = {path: safetensors.torch.save(kept, {"format": "pt"}) for path, kept in tensors.items()}
    files |= {path: text.encode("utf-8") for path, text in texts.items()} | dict(extras or {})
    with claim(folder.parent, f"writing-{folder.name}"), staging_folder(folder.parent, "writing") as staging:
        temporary = staging / "package"
        _write_files(temporary, files, manifest)
        read_package(temporary, label=name)
        move_into_place(temporary, folder, replace)
    return read_package(folder, verify=False)


def _tensors(manifest: Manifest, stage1: NvNet, stage2: NvNet | None) -> dict[str, dict[str, Tensor]]:
    """Return the tensors of each stage's file, by its path."""
    settings, name = manifest.settings, manifest.name
    check_arrangement(settings, name)
    check_latent(manifest.latent, settings.stage1, name)
    if (stage2 is None) != (settings.stage2 is None):
        raise PackageError(f"{name}: the settings and the networks differ on whether there is a second stage.")
    first, second = stage_file(1), stage_file(2)
    tensors = {first: stage_tensors(stage1, settings.stage1, f"{name}: stage 1", manifest.storage[first])}
    if stage2 is not None and settings.stage2 is not None:
        where = f"{name}: stage 2"
        tensors[second] = stage_tensors(stage2, settings.stage2, where, manifest.storage[second])
    return tensors


def stage_tensors(network: NvNet, settings: StageSettings, where: str, storage: str) -> dict[str, Tensor]:
    """Return the tensors of a stage as its file stores them.

    Raises PackageError where the network is not the settings' one or a number does not fit into float16.
    """
    if _computes(network.settings) != _computes(settings):
        raise PackageError(f"{where}: the network was built from other settings than the package's.")
    state = {k: v.detach().cpu() for k, v in network.state_dict().items()}
    kept = {k: v for k, v in state.items() if settings.vae_crop is not None or not k.startswith(VAE_PREFIX)}
    check_tensors({k: v.float() if v.is_floating_point() else v for k, v in kept.items()}, settings, where)
    stored = pack(kept, storage)
    for key, tensor in stored.items():
        if tensor.is_floating_point() and not is_finite(tensor):
            raise PackageError(f"{where}: {key} holds numbers too large for half precision; write it as float32.")
    return stored


def _computes(settings: StageSettings) -> StageSettings:
    """Return what of the settings changes a network's answer: not dropout, the grid, the field or the VAE's crop."""
    return replaced(settings, vae_crop=None, dropout=0.0, field=None, downsample=1)


def _write_files(folder: Path, files: Mapping[str, bytes], manifest: Manifest) -> None:
    """Write the files, and the manifest that lists them."""
    entries = {path: FileEntry(hashlib.sha256(data).hexdigest(), len(data)) for path, data in sorted(files.items())}
    try:
        text = manifest_json(replaced(manifest, files=entries))
    except (TypeError, ValueError) as error:
        raise PackageError(f"{manifest.name}: the training facts are not plain JSON values ({error}).") from error
    for path, data in {**files, MANIFEST: text.encode("ascii")}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def write_zip(package: ModelPackage, path: Path) -> Path:
    """Write a package as a zip file, for passing on, and return its path; the same package gives the same bytes.

    The package is verified first (PackageError). Raises OutputError where the file cannot be written.
    """
    read_package(package.folder, label=package.name)
    path = Path(path)
    require_output_path(path)
    make_folder(path.parent)
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for member in sorted((MANIFEST, *package.files)):
            # Weights hardly compress; storing them is faster to write and to install.
            kind = zipfile.ZIP_STORED if member.endswith(".safetensors") else zipfile.ZIP_DEFLATED
            info = zipfile.ZipInfo(f"{package.name}/{member}", _ZIP_DATE)
            info.compress_type, info.external_attr, info.create_system = kind, 0o100644 << 16, 3
            archive.writestr(info, locate(package.folder, package, member).read_bytes())
    return path
