"""What can be looked at of a result beyond its mask: the one table of maps, and what is told of each.

A map is a float32 volume on the reference volume's own grid. Its key is stable, for machines and files' names; its
group is what a person asks for. Colors are names of matplotlib's color maps, but for `labels`: the table of labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .errors import InputError
from .labels import LABELS, REGIONS
from .modalities import MODALITIES
from .volume import Volume

PROBABILITY, UNCERTAINTY, STAGE1, CHANGE = "probability", "uncertainty", "stage1", "change"
ATTENTION, RECONSTRUCTION, RESIDUAL = "attention", "reconstruction", "residual"
INFORMATION = "information"
PROBABILITY_COLORS, UNCERTAINTY_COLORS, ATTENTION_COLORS = "viridis", "inferno", "magma"
LABEL_COLORS, GRAY_COLORS = "labels", "gray"
DIVERGING_COLORS, CHANGE_COLORS = "RdBu_r", "coolwarm"
"""The second has bright ends, which are seen over dark tissue: a change is always one of them."""


@dataclass(frozen=True)
class MapKind:
    """A kind of map.

    key: unique. name: for people. group: of maps that are asked for together. unit: of its values, "" where they have
    none. colors: a color map's name. low, high: the values at the ends of the colors; others may lie beyond.
    """

    key: str
    name: str
    group: str
    unit: str
    colors: str
    low: float
    high: float


MAPS: tuple[MapKind, ...] = (
    *(
        MapKind(f"{PROBABILITY}-{region.key}", f"Probability of {region.name.lower()}", PROBABILITY, "",
                PROBABILITY_COLORS, 0.0, 1.0)
        for region in REGIONS
    ),
    MapKind(UNCERTAINTY, "Uncertainty", UNCERTAINTY, "bit", UNCERTAINTY_COLORS, 0.0, 1.0),
    MapKind(STAGE1, "Stage 1's answer", STAGE1, "", LABEL_COLORS, 0.0, float(len(LABELS))),
    *(
        MapKind(f"{CHANGE}-{region.key}", f"{region.name}: won (1) or lost (-1) by stage 2", CHANGE, "",
                CHANGE_COLORS, -1.0, 1.0)
        for region in REGIONS
    ),
    *(
        MapKind(f"{ATTENTION}-{level}", f"Attention gate {level}, {size}", ATTENTION, "", ATTENTION_COLORS, 0.0, 1.0)
        for level, size in enumerate(("the finest", "in the middle", "the coarsest"), start=1)
    ),
    *(
        MapKind(f"{RECONSTRUCTION}-{modality}", f"{modality} as the VAE gives it back", RECONSTRUCTION, "SD",
                GRAY_COLORS, -1.5, 2.5)
        for modality in MODALITIES
    ),
    *(
        MapKind(f"{RESIDUAL}-{modality}", f"{modality} less what the VAE gives back", RESIDUAL, "SD",
                DIVERGING_COLORS, -3.0, 3.0)
        for modality in MODALITIES
    ),
    MapKind(INFORMATION, "Disagreement of mirrored images", INFORMATION, "bit", UNCERTAINTY_COLORS, 0.0, 0.2),
)  # fmt: skip
"""All maps, in the order in which they are shown.

probability: calibrated, 0 to 1. uncertainty: the binary entropy of the least certain region, 0 to 1 bit. stage1: label
values, the library's. change: 1 where stage 2 added a voxel to the region, -1 where it took one away. attention: a
gate's coefficients, 0 to 1, 0 outside stage 2's regions and the brain. reconstruction, residual: z-scores over the
brain, 0 outside.
information: mutual information of the answer and the mirroring of the images, in bit; made with flips alone.
"""
MAP_BY_KEY: dict[str, MapKind] = {kind.key: kind for kind in MAPS}
MAP_GROUPS: tuple[str, ...] = tuple(dict.fromkeys(kind.group for kind in MAPS))
"""What maps can be asked for together."""


def choose_maps(names: Sequence[str] = ()) -> tuple[MapKind, ...]:
    """Return the maps of these keys and groups in the table's order, all where none is named.

    Raises InputError on a name that is neither, telling the groups.
    """
    unknown = [name for name in names if name not in MAP_BY_KEY and name not in MAP_GROUPS]
    if unknown:
        raise InputError(f"{unknown[0]!r} is no map; choose {', '.join(MAP_GROUPS)} or one of them, as {MAPS[0].key}.")
    return tuple(kind for kind in MAPS if not names or kind.key in names or kind.group in names)


@dataclass(frozen=True)
class Map:
    """A map on the reference's own grid: what it is, the values at the ends of its colors, and its volume (float32)."""

    kind: MapKind
    low: float
    high: float
    volume: Volume


@dataclass(frozen=True)
class MapFile:
    """A map in a file: what it is, with the range that its own values suggest, and its `.npy` file (z, y, x)."""

    key: str
    name: str
    unit: str
    colors: str
    low: float
    high: float
    file: str


@dataclass(frozen=True)
class DoubtfulSlice:
    """A slice through an uncertain part of the tumor's border.

    index: along the first axis of the reference's array (z). point: LPS mm, the middle of what is uncertain there.
    voxels: how many of the border's are uncertain. share: of all the border's voxels in the slice, 0 to 1.
    """

    index: int
    point: tuple[float, float, float]
    voxels: int
    share: float


@dataclass(frozen=True)
class Contribution:
    """What the answer becomes where a sequence is replaced.

    modality: its name. instead: `nothing` (0 everywhere, as an image that is missing) or `reconstruction` (what the VAE
    gives back of it: its rough look without detail). dice, change_ml: by region (WT, TC, ET), of the answer so changed
    with the answer as it was, 1 where both are empty; and how much larger (or less) it is.
    """

    modality: str
    instead: str
    dice: Mapping[str, float]
    change_ml: Mapping[str, float]


@dataclass(frozen=True)
class Cost:
    """What more answers take: passes of the networks, seconds, and bytes beside a plain run's; no pass where they are
    there.
    """

    passes: int
    seconds: float
    bytes: int

    def __str__(self) -> str:
        return (
            f"{self.passes} more {'pass' if self.passes == 1 else 'passes'} of the networks, about"
            f" {max(self.seconds, 1):.0f} s and {self.bytes / 2**30:.1f} GiB more than the plain run"
        )


FREE = Cost(0, 0.0, 0)
"""Of answers that are there."""
MIRROR, CONTRIBUTIONS = "mirror", "contributions"
"""What costs are told of: answers to mirrored images, and to images of which one is replaced."""
MOST_MIRRORINGS = 8
"""Ways to mirror an image along its three axes, none among them."""


@dataclass(frozen=True)
class StageChange:
    """What stage 2 added to a region (WT, TC, ET) and took away from it, on the reference's grid."""

    region: str
    won_voxels: int
    lost_voxels: int
    won_ml: float
    lost_ml: float
