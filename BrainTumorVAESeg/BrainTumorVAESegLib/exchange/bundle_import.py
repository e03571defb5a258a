"""Reading a MONAI Bundle of a SegResNet, such as the model zoo's `brats_mri_segmentation`: as data, never evaluated."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from ..core.disk.guarded import UnreadableError, cause_of, guarded, parse_json, read_regular
from ..core.errors import PackageError
from ..core.labels import REGIONS
from ..core.modalities import MODALITIES, recognise_modality
from ..core.text import printable, shorten
from ..models.archive import is_swollen
from ..models.manifest import MANIFEST
from .checkpoints import read_checkpoint

CONFIG, DESCRIPTION, WEIGHTS = "configs/inference.json", "configs/metadata.json", "models/model.pt"
_LARGEST = {CONFIG: 8 * 2**20, DESCRIPTION: 8 * 2**20, WEIGHTS: 2 * 2**30}
_FIXED = {"use_conv_final": True, "upsample_mode": "nontrainable", "spatial_dims": 3, "act": "RELU"}
"""Options of SegResNet of which only the usual value can be imported."""
_HARMLESS = ("LoadImaged", "EnsureChannelFirstd", "EnsureTyped", "Orientationd", "ToTensord", "NormalizeIntensityd")
Reader = Callable[[str], bytes | None]


@dataclass(frozen=True)
class ForeignBundle:
    """What a bundle says of its network.

    state: name -> tensor. groups: of GroupNorm. modalities, channels: what goes in and comes out, None where it does
    not say. field: (z, y, x) that it looks at at once. notes: what a person should know.
    """

    state: Mapping[str, Tensor]
    groups: int
    modalities: tuple[str, ...] | None
    channels: tuple[str, ...] | None
    field: tuple[int, int, int] | None
    notes: tuple[str, ...]


def is_bundle(path: Path) -> bool:
    """Say whether a path is a folder, or a zip file that holds a bundle's or a package's configuration."""
    if path.is_dir():
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith((CONFIG, MANIFEST)) for name in archive.namelist())
    except Exception:
        return False  # no zip file, or a damaged one; whoever reads it says so


def read_bundle(path: Path) -> ForeignBundle:
    """Read a bundle's folder or zip file: its JSON files as plain values, its weights as tensors alone.

    Raises PackageError if a file is missing or damaged, or the network or its preparation is one that is not known.
    """
    read, where = _reader(path), printable(path.name)
    if read(MANIFEST) is not None:
        raise PackageError(f"{where} is a model package of this library; install it: models install {where}.")
    config, description = _json(read, CONFIG, where), _json(read, DESCRIPTION, where)
    weights = read(WEIGHTS)
    if weights is None:
        raise PackageError(f"{where}: {WEIGHTS} is missing; choose a bundle with its weights.")
    formats = description.get("network_data_format")
    told = formats if isinstance(formats, Mapping) else {}
    return ForeignBundle(
        state=read_checkpoint(io.BytesIO(weights), f"{where}: {WEIGHTS}"),
        groups=_groups(config.get("network_def"), f"{where}: {CONFIG}"),
        modalities=_modalities(_names(told, "inputs", "image")),
        channels=_channels(_names(told, "outputs", "pred")),
        field=_field(config.get("inferer")),
        notes=_notes(config.get("preprocessing")),
    )


def _reader(path: Path) -> Reader:
    """Return a function from a file's path inside the bundle to its bytes, None where it is not there."""
    where = printable(path.name)

    def damaged(reason: str) -> PackageError:
        return PackageError(f"{where} is damaged ({reason}); get it from its source again.")

    def read_file(member: str) -> bytes | None:
        try:
            return read_regular(path / member, _LARGEST.get(member, 2**20))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnreadableError) as error:
            raise PackageError(f"{where}: {member} {cause_of(error)}; choose another bundle.") from error

    def read_member(member: str) -> bytes | None:
        with guarded(damaged), zipfile.ZipFile(path) as archive:
            found = [i for i in archive.infolist() if i.filename == member or i.filename.endswith(f"/{member}")]
            large = any(i.file_size > _LARGEST.get(member, 2**20) or is_swollen(i) for i in found)
            if len(found) > 1 or large:
                raise PackageError(f"{where}: {member} is there twice or too large; it is not opened.")
            return archive.read(found[0]) if found else None

    return read_file if path.is_dir() else read_member


def _json(read: Reader, member: str, where: str) -> dict[str, Any]:
    """Read one of the bundle's JSON files."""
    data = read(member)
    if data is None:
        raise PackageError(f"{where}: {member} is missing; choose a checkpoint, or the folder or zip of a bundle.")
    try:
        values = parse_json(data)
    except UnreadableError as error:
        raise PackageError(f"{where}: {member} is not valid JSON ({error}); get it from its source again.") from error
    if not isinstance(values, dict):
        raise PackageError(f"{where}: {member} is not a JSON object; get it from its source again.")
    return values


def _groups(network: Any, where: str) -> int:
    """Return the groups of GroupNorm that a bundle's network definition names; the usual 8 where it names none."""
    values = network if isinstance(network, Mapping) else {}
    kind = str(values.get("_target_", "SegResNet"))
    if kind.rsplit(".", 1)[-1] not in ("SegResNet", "SegResNetVAE"):
        raise PackageError(f"{where}: the network is {shorten(kind)}; only bundles of a SegResNet can be imported.")
    for key, usual in _FIXED.items():
        given = values.get(key, usual)
        given = given[0] if isinstance(given, list) and given else given
        if str(given).lower() != str(usual).lower():
            raise PackageError(
                f"{where}: {key} is {shorten(repr(given))}; only a SegResNet with {usual!r} can be imported."
            )
    norm = values.get("norm", ["GROUP", {"num_groups": 8}])
    known = isinstance(norm, list) and len(norm) == 2 and str(norm[0]).lower() == "group" and isinstance(norm[1], dict)
    groups = norm[1].get("num_groups") if known else None
    if type(groups) is not int or groups < 1:
        raise PackageError(
            f"{where}: norm is {shorten(repr(norm))}; only a SegResNet with GROUP and num_groups can be imported."
        )
    return groups


def _names(formats: Mapping[str, Any], side: str, key: str) -> list[str]:
    """Return what the bundle's description calls each channel, in order; empty where it does not."""
    try:
        table = formats[side][key]["channel_def"]
        return [str(table[str(number)]) for number in range(len(table))]
    except (KeyError, TypeError):
        return []


def _modalities(names: list[str]) -> tuple[str, ...] | None:
    found = [recognise_modality(name) for name in names]
    known = [modality for modality in found if modality is not None]
    return tuple(m.value for m in known) if sorted(known) == sorted(MODALITIES) and len(found) == len(known) else None


def _channels(names: list[str]) -> tuple[str, ...] | None:
    keys = [next((r.key for r in REGIONS if r.name.lower() in n.lower() or r.key in n.split()), "") for n in names]
    return tuple(keys) if sorted(keys) == sorted(region.key for region in REGIONS) else None


def _field(inferer: Any) -> tuple[int, int, int] | None:
    """Return the inferer's window, given in (x, y, z), as (z, y, x)."""
    size = inferer.get("roi_size") if isinstance(inferer, Mapping) else None
    if not isinstance(size, list) or len(size) != 3 or not all(isinstance(n, int) and 0 < n <= 1024 for n in size):
        return None
    x, y, z = size
    return z, y, x


def _notes(preprocessing: Any) -> tuple[str, ...]:
    """Say where the bundle prepares images otherwise than imported SegResNets do."""
    steps = preprocessing.get("transforms") if isinstance(preprocessing, Mapping) else None
    listed = [step for step in steps if isinstance(step, Mapping)] if isinstance(steps, list) else []
    names = [str(step.get("_target_", "")).rsplit(".", 1)[-1] for step in listed]
    scaled = [step for step, name in zip(listed, names, strict=True) if name == "NormalizeIntensityd"]
    usual = len(scaled) == 1 and scaled[0].get("nonzero") is True and scaled[0].get("channel_wise") is True
    strange = [name for name in names if name not in _HARMLESS]
    if usual and not strange:
        return ()
    what = shorten(", ".join(strange)) or "no NormalizeIntensityd with nonzero and channel_wise"
    return (f"The bundle prepares its images otherwise ({what}); here each volume is z-scored over its own voxels.",)
