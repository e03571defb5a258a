"""What a cascade is made of, as frozen values: they are stored with the weights and read back from the package.

`PRESETS` holds both papers' networks at full width and resolution (`paper`); with half the filters, the first stage on
a 2 mm grid and the second at 1 mm on the tumor's region (`standard`); the first stage of that alone (`fast`); and what
a CPU can train in a night (`small`).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from .errors import PackageError
from .labels import CHANNEL_SETS
from .modalities import MODALITIES, Modality
from .text import shorten

ARCHITECTURES = ("nvnet", "attention_add", "segresnet")
"""Networks of a stage: Myronenko's asymmetric U-Net, the same with additive attention gates on its skips, and the same
as MONAI's SegResNet has it (no biases but the head's, a normalization before the head)."""
FOREGROUNDS = ("brain", "channel")
"""The voxels that are normalized: those that any volume has, or of each volume its own."""
MOST_MEMBERS = 16
MASK_CHANNELS = ("ED", "NCR", "ET")
"""Channels of the mask that the second stage reads before the images; always these, whatever the stages predict."""


@dataclass(frozen=True)
class Preprocessing:
    """How a study becomes a network's input; training and inference share it, so it is stored with the weights.

    spacing: isotropic grid in mm. margin: voxels kept around the brain's bounding box. clip: percentiles of the brain's
    voxels between which intensities are clipped before the z-score over the brain. foreground: one of `FOREGROUNDS`,
    the voxels that percentiles and z-score are taken over and outside which 0 stands; the crop is the brain's always.
    """

    spacing: float = 1.0
    margin: int = 2
    clip: tuple[float, float] = (0.1, 99.9)
    foreground: str = "brain"

    def __post_init__(self) -> None:
        if self.foreground not in FOREGROUNDS:
            raise PackageError(
                f"The foreground {shorten(repr(self.foreground))} is not known; known are {', '.join(FOREGROUNDS)}."
            )


@dataclass(frozen=True)
class StageSettings:
    """One network and the grid that it sees.

    filters: channels of the first level. groups: of GroupNorm. blocks_down, blocks_up: residual blocks of each level of
    the encoder and of the decoder, finest first; each level halves the size. downsample: the stage's grid is this many
    times coarser than the prepared one. field: (z, y, x) in the stage's voxels; the first stage sees at least this much
    around the brain, the second stage's regions have exactly this size. vae_crop: (z, y, x) that the VAE branch's dense
    layers are made for, a multiple of 16, or None for no branch. spread: how the branch's raw spreads become positive.
    members: networks of this kind whose logits are averaged; the first of them alone has the VAE branch.
    """

    architecture: str = "nvnet"
    in_channels: int = 4
    out_channels: int = 3
    filters: int = 32
    groups: int = 8
    blocks_down: tuple[int, ...] = (1, 2, 2, 4)
    blocks_up: tuple[int, ...] = (1, 1, 1)
    dropout: float = 0.2
    downsample: int = 1
    field: tuple[int, int, int] | None = None
    vae_crop: tuple[int, int, int] | None = None
    latent: int = 128
    spread: str = "softplus"
    align_corners: bool = True
    members: int = 1

    def __post_init__(self) -> None:
        if self.architecture not in ARCHITECTURES:
            given = shorten(repr(self.architecture))
            raise PackageError(f"The architecture {given} is not known; known are {', '.join(ARCHITECTURES)}.")
        if self.groups < 1 or self.filters % self.groups:
            filters, groups = shorten(self.filters), shorten(self.groups)
            raise PackageError(f"{filters} filters cannot be normalised in {groups} groups; choose a divisor.")
        if len(self.blocks_up) != len(self.blocks_down) - 1:
            down, up = shorten(self.blocks_down), shorten(self.blocks_up)
            raise PackageError(f"The blocks {down} down and {up} up do not fit: up has one level less.")
        for name, size, unit in (("field", self.field, self.unit), ("vae_crop", self.vae_crop, 16)):
            if size is not None and any(n <= 0 or n % unit for n in size):
                raise PackageError(f"The {name} {shorten(size)} must be a multiple of {unit} on each axis.")
        if self.spread not in ("softplus", "absolute"):
            raise PackageError(
                f"The spread {shorten(repr(self.spread))} is not known; known are softplus and absolute."
            )
        if not 1 <= self.members <= MOST_MEMBERS:
            raise PackageError(f"A stage has 1 to {MOST_MEMBERS} networks, not {shorten(self.members)}.")

    @property
    def unit(self) -> int:
        """What every side of the network's input must be a multiple of."""
        return int(2 ** (len(self.blocks_down) - 1))


@dataclass(frozen=True)
class Cleaning:
    """How a finished label map is cleaned; by default not at all.

    least_ml: the smallest connected part in ml that WT, TC and ET may have; what is smaller becomes part of the region
    around it, or no tumor. least_unseen_ml: the smallest part of WT in which stage 1 saw no tumor at all; what is
    smaller is no tumor. fill: what the tumor core encloses on all sides is core (necrosis, not edema), and what the
    tumor encloses is tumor.
    """

    least_ml: tuple[float, float, float] = (0.0, 0.0, 0.0)
    least_unseen_ml: float = 0.0
    fill: bool = False

    def __post_init__(self) -> None:
        sizes = (*self.least_ml, self.least_unseen_ml)
        if not all(0 <= least < math.inf for least in sizes):
            raise PackageError(f"The smallest parts {shorten(sizes)} must be 0 ml or more.")


@dataclass(frozen=True)
class CascadeSettings:
    """The whole arrangement. stage2 is None where a package holds the first stage alone.

    modalities: order of the image channels. optional: those that a study may lack, since the networks were trained to
    do without them; their channels are then 0. output_channels: what a network's outputs mean. thresholds: one per
    output channel. temperatures, offsets: one per output channel, dividing the logits and added to them then (1 and 0
    where not calibrated). cleaning: of the label map, on the grid on which it is given out.
    """

    preset: str = "custom"
    modalities: tuple[str, ...] = tuple(m.value for m in MODALITIES)
    optional: tuple[str, ...] = ()
    output_channels: tuple[str, ...] = ("WT", "TC", "ET")
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    stage1: StageSettings = field(default_factory=StageSettings)
    stage2: StageSettings | None = None
    thresholds: tuple[float, ...] = (0.5, 0.5, 0.5)
    stage1_thresholds: tuple[float, ...] = (0.5, 0.5, 0.5)
    temperatures: tuple[float, ...] = (1.0, 1.0, 1.0)
    offsets: tuple[float, ...] = (0.0, 0.0, 0.0)
    cleaning: Cleaning = field(default_factory=Cleaning)

    def __post_init__(self) -> None:
        if tuple(self.output_channels) not in CHANNEL_SETS:
            raise PackageError(
                f"The output channels {shorten(self.output_channels)} are not known; known are {CHANNEL_SETS}."
            )
        if sorted(self.modalities) != sorted(m.value for m in MODALITIES):
            raise PackageError(
                f"The modalities {shorten(self.modalities)} are not an order of {[m.value for m in MODALITIES]}."
            )
        if len(set(self.optional)) < len(self.optional) or not set(self.optional) <= set(self.modalities):
            raise PackageError(f"The optional modalities {shorten(self.optional)} are not some of {self.modalities}.")
        if not all(0 < t < 1 for t in (*self.thresholds, *self.stage1_thresholds)):
            raise PackageError(
                f"The thresholds {shorten((*self.thresholds, *self.stage1_thresholds))} must lie between 0 and 1."
            )

    @property
    def channels(self) -> tuple[Modality, ...]:
        """The modalities in the order of the image channels."""
        return tuple(Modality(name) for name in self.modalities)

    @property
    def may_lack(self) -> tuple[Modality, ...]:
        """The modalities that a study may lack."""
        return tuple(Modality(name) for name in self.optional)


PAPER = CascadeSettings(
    preset="paper",
    stage1=StageSettings(vae_crop=(128, 192, 160)),
    stage2=StageSettings("attention_add", in_channels=7, field=(128, 128, 128), vae_crop=(128, 128, 128)),
)
STANDARD = CascadeSettings(
    preset="standard",
    stage1=StageSettings(filters=16, downsample=2, field=(80, 96, 80), vae_crop=(80, 96, 80)),
    stage2=StageSettings("attention_add", in_channels=7, filters=16, field=(128, 128, 128)),
)
FAST = replace(STANDARD, preset="fast", stage2=None)
SMALL = CascadeSettings(
    preset="small",
    stage1=replace(STANDARD.stage1, filters=12, groups=4),
    stage2=StageSettings(
        "attention_add", in_channels=7, filters=12, groups=4, field=(80, 80, 80), vae_crop=(80, 80, 80)
    ),
)
PRESETS: dict[str, CascadeSettings] = {each.preset: each for each in (STANDARD, FAST, SMALL, PAPER)}
"""Name -> arrangement, with random weights until a package brings some."""


def without_vae(stage: StageSettings) -> StageSettings:
    """Return the stage without its VAE branch; the mask does not depend on it."""
    return replace(stage, vae_crop=None)


_T = TypeVar("_T")


def to_plain(settings: Any) -> dict[str, Any]:
    """Return frozen settings as plain JSON values."""
    return dataclasses.asdict(settings)


def from_plain(cls: type[_T], values: Mapping[str, Any], where: str) -> _T:
    """Build frozen settings from JSON values, tuples and nested settings restored.

    where names the file for messages. Raises PackageError on a key that the class does not have or a value of a wrong
    kind.
    """
    fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    unknown = sorted(set(values) - set(fields))
    if unknown:
        keys = shorten(", ".join(unknown))
        raise PackageError(f"{where}: unknown key {keys}; this package needs a newer version, or is damaged.")
    nested = {"preprocessing": Preprocessing, "stage1": StageSettings, "stage2": StageSettings, "cleaning": Cleaning}
    built: dict[str, Any] = {}
    for key, value in values.items():
        if key in nested and value is not None:
            if not isinstance(value, Mapping):
                raise PackageError(f"{where}: {key} must be an object.")
            value = from_plain(nested[key], value, f"{where}: {key}")
        built[key] = tuple(value) if isinstance(value, list) else value
    try:
        return cls(**built)
    except (TypeError, ValueError) as error:
        raise PackageError(f"{where}: {shorten(error, 160)}") from error
