"""Importing other programs' weights as a package: the kind of file is told by what is in it."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from ..core.disk.guarded import fault_of, guarded
from ..core.errors import PackageError
from ..core.settings import CascadeSettings, StageSettings
from ..core.text import printable
from ..models.library import install_package
from ..models.manifest import FULL, ValidityDomain, check_arrangement
from ..models.names import check_name
from ..models.package import ModelPackage
from ..models.staging import check_place
from ..models.tensors import build_network
from ..models.writing import write_package
from ..networks.nvnet import NvNet
from .bundle_import import ForeignBundle, is_bundle, read_bundle
from .checkpoints import load_checkpoint_file
from .public_code import import_public_state, public_cascade
from .recognizing import Kind, recognize
from .segresnet import ZOO_CHANNELS, ZOO_MODALITIES, import_segresnet_state, segresnet_cascade

LICENSE_TEXT = """\
The weights in this package were imported from a file that a person chose. Their license is that of their source;
where the source gives none, they must not be passed on.
"""
"""What LICENSE says of imported weights."""
_SOURCES = {
    Kind.PUBLIC: "checkpoints of the public two-stage code of Lyu & Shu (2020)",
    Kind.SEGRESNET: "a SegResNet of MONAI",
    Kind.SEGRESNET_VAE: "a SegResNetVAE of MONAI",
}


@dataclass(frozen=True)
class Imported:
    """What was imported: the package, what its files were, and what a person should know."""

    package: ModelPackage
    kind: Kind
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    """A network read from a file, its kind and settings, and the whole arrangement where the file alone tells it."""

    kind: Kind
    network: NvNet
    settings: CascadeSettings
    notes: tuple[str, ...] = ()


def import_model(
    folder: Path,
    name: str,
    stage1: Path,
    stage2: Path | None = None,
    *,
    modalities: tuple[str, ...] | None = None,
    channels: tuple[str, ...] | None = None,
    replace: bool = False,
) -> Imported:
    """Write a package, at folder, from a checkpoint of one stage or of each of two, or from a MONAI Bundle.

    Known are the public two-stage code, MONAI's SegResNet and SegResNetVAE (as stage 1 alone), and bundles of these.
    modalities, channels: what a SegResNet reads and answers, where its file does not say so or is wrong. Raises
    PackageError on files that hold something else, OutputError where the package cannot be written.
    """
    check_place(folder, replace)
    check_name(name)
    first = _read(Path(stage1), modalities, channels)
    second = None if stage2 is None else _read(Path(stage2), None, None)
    settings = first.settings
    if second is not None:
        if {first.kind, second.kind} != {Kind.PUBLIC}:
            raise PackageError(
                f"{Path(stage1).name} holds the weights of {first.kind}, which has one stage; leave stage 2 out."
            )
        settings = public_cascade(settings.stage1, second.settings.stage1)
    _check_channels(settings, first.kind, Path(stage1).name)
    check_arrangement(settings, name)
    sources = [Path(path).name for path in (stage1, stage2) if path is not None]
    package = write_package(
        folder, name, "1.0.0", settings, first.network, None if second is None else second.network,
        _card(name, first, settings, sources),
        training={"imported": sources, "kind": first.kind.value}, storage=FULL, replace=replace,
        description=f"Segmentation of brain tumors, imported from {_SOURCES[first.kind]}",
        authors="unknown", license_text=LICENSE_TEXT,
    )  # fmt: skip
    return Imported(package, first.kind, first.notes)


def install_imported(
    name: str,
    stage1: Path,
    stage2: Path | None = None,
    *,
    modalities: tuple[str, ...] | None = None,
    channels: tuple[str, ...] | None = None,
    replace: bool = False,
) -> Imported:
    """Import as `import_model` does and install the package for this user. Raises what that and installing raise."""
    with tempfile.TemporaryDirectory() as folder:
        imported = import_model(
            Path(folder) / "package", name, stage1, stage2, modalities=modalities, channels=channels
        )
        return dataclasses.replace(imported, package=install_package(imported.package.folder, replace))


def _read(path: Path, modalities: tuple[str, ...] | None, channels: tuple[str, ...] | None) -> _Found:
    """Read one file or folder, whatever it is."""
    if fault := fault_of(path):
        raise PackageError(f"{printable(path)} {fault}; choose a checkpoint or a bundle.")
    where = printable(path.name)
    with guarded(lambda reason: PackageError(f"{where} cannot be imported ({reason}); choose another file.")):
        return _understand(path, where, modalities, channels)


def _understand(path: Path, where: str, modalities: tuple[str, ...] | None, channels: tuple[str, ...] | None) -> _Found:
    """Read a file or folder that is there."""
    bundle = read_bundle(path) if is_bundle(path) else None
    state = load_checkpoint_file(path) if bundle is None else bundle.state
    kind = recognize(state, where)
    if kind is Kind.PUBLIC:
        if modalities or channels:
            raise PackageError(f"{where}: the channels of {kind} are known; leave modalities and channels out.")
        settings, tensors = import_public_state(state, where=where)
        return _Found(kind, _network(settings, tensors), public_cascade(settings))
    return _segresnet(where, kind, state, bundle, modalities, channels)


def _segresnet(
    where: str,
    kind: Kind,
    state: Mapping[str, Tensor],
    bundle: ForeignBundle | None,
    modalities: tuple[str, ...] | None,
    channels: tuple[str, ...] | None,
) -> _Found:
    """Build a SegResNet and its arrangement: what a person says goes before what the bundle says."""
    settings, tensors = import_segresnet_state(state, 8 if bundle is None else bundle.groups, where)
    notes = [] if bundle is None else list(bundle.notes)
    if kind is Kind.SEGRESNET_VAE:
        notes.append("Its VAE branch was left out: it decodes with the mask's own decoder and is none of this library.")
    told_in, told_out = (None, None) if bundle is None else (bundle.modalities, bundle.channels)
    if not (modalities or told_in):
        notes.append(f"The file does not say what its input channels are; taken are {','.join(ZOO_MODALITIES)}.")
    if not (channels or told_out):
        notes.append(f"The file does not say what its output channels are; taken are {','.join(ZOO_CHANNELS)}.")
    if bundle is None:
        notes.append("The file does not say how images are prepared; each volume is z-scored over its own voxels.")
    elif bundle.field is not None:
        z, y, x = (-(-n // settings.unit) * settings.unit for n in bundle.field)
        settings = dataclasses.replace(settings, field=(z, y, x))
    order, meaning = modalities or told_in or ZOO_MODALITIES, channels or told_out or ZOO_CHANNELS
    return _Found(kind, _network(settings, tensors), segresnet_cascade(settings, order, meaning), tuple(notes))


def _network(settings: StageSettings, tensors: Mapping[str, Tensor]) -> NvNet:
    return build_network(tensors, settings, with_vae=settings.vae_crop is not None)


def _check_channels(settings: CascadeSettings, kind: Kind, where: str) -> None:
    """Raise PackageError where a SegResNet is one for other images than ours."""
    stage, images, answers = settings.stage1, len(settings.modalities), len(settings.output_channels)
    if kind is not Kind.PUBLIC and (stage.in_channels, stage.out_channels) != (images, answers):
        raise PackageError(
            f"{where}: the network reads {stage.in_channels} channels and answers {stage.out_channels}; a package "
            f"needs one that reads {images} volumes and answers {answers} regions."
        )


def _card(name: str, found: _Found, settings: CascadeSettings, sources: list[str]) -> str:
    """Return the model card of an imported package."""
    over = "its own voxels" if settings.preprocessing.foreground == "channel" else "the brain"
    field = settings.stage1.field
    seen = f", on a field of at least {'x'.join(map(str, reversed(field)))} voxels" if field else ""
    parts = [
        f"# {name}",
        f"Imported from {_SOURCES[found.kind]}: {', '.join(sources)}.",
        f"Input: {', '.join(settings.modalities)}, each z-scored over {over}, nothing clipped, cropped to the brain "
        f"with a margin of {settings.preprocessing.margin} voxels{seen}. "
        f"Output: {', '.join(settings.output_channels)}.",
        *found.notes,
        ValidityDomain().text,
        "The licenses of the weights and of their training data are those of their source.",
    ]
    return "\n\n".join(parts) + "\n"
