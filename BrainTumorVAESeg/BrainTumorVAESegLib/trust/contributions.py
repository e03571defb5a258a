"""What each sequence contributed: how the answer changes where one is replaced and the others stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ..core.inspection import Contribution
from ..core.labels import REGIONS, regions_from_labels
from ..core.modalities import Modality

NOTHING, RECONSTRUCTION = "nothing", "reconstruction"


def replacements(images: np.ndarray, reconstructed: bool) -> list[tuple[int, str]]:
    """Return which image of a study (n, z, y, x) is replaced by what, an answer each, in their order.

    reconstructed: whether there are reconstructions. An image that is 0 everywhere is passed over.
    """
    kinds = (NOTHING, RECONSTRUCTION) if reconstructed else (NOTHING,)
    return [(place, instead) for place, image in enumerate(images) if image.any() for instead in kinds]


def contributions(
    answer: Callable[[np.ndarray], np.ndarray],
    images: np.ndarray,
    labels: np.ndarray,
    modalities: Sequence[Modality],
    voxel_ml: float,
    reconstructed: np.ndarray | None = None,
) -> Iterator[Contribution]:
    """Yield for each image of a study what the answer becomes where it is 0, then where it is its reconstruction.

    answer: gives the labels (z, y, x) of images (n, z, y, x). labels: those of the images as they are. reconstructed:
    (n, z, y, x), None where there is none.
    """
    regions = regions_from_labels(labels)
    for place, instead in replacements(images, reconstructed is not None):
        changed = images.copy()
        changed[place] = 0 if instead == NOTHING or reconstructed is None else reconstructed[place]
        yield _compared(modalities[place], instead, regions, regions_from_labels(answer(changed)), voxel_ml)


def _compared(modality: Modality, instead: str, before: np.ndarray, after: np.ndarray, voxel_ml: float) -> Contribution:
    dice, change = {}, {}
    for region, was, now in zip(REGIONS, before, after, strict=True):
        sizes = int(was.sum()), int(now.sum())
        dice[region.key] = 2 * int((was & now).sum()) / sum(sizes) if sum(sizes) else 1.0
        change[region.key] = (sizes[1] - sizes[0]) * voxel_ml
    return Contribution(str(modality), instead, dice, change)
