"""The two stages on a prepared study: stage 1 on the whole brain, stage 2 on the regions that hold what it found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..core.boxes import Box, cut, union
from ..core.labels import channels_from_labels, labels_from_channels
from ..core.settings import MASK_CHANNELS, CascadeSettings
from ..networks.nvnet import NvNet
from .fields import coarsen, first_field, refine, second_input
from .regions import choose_regions


@dataclass(frozen=True)
class Step:
    """One pass of a network: the stage, and for stage 2 which of how many regions."""

    stage: int
    region: int = 1
    regions: int = 1

    def __str__(self) -> str:
        return f"stage {self.stage}" + (f", region {self.region} of {self.regions}" if self.regions > 1 else "")


Runner = Callable[[NvNet, Tensor, Step], Tensor]
"""Runs a network: (network, input (1, C, D, H, W), step) -> logits (1, 3, D, H, W), float32 on the CPU."""


@dataclass(frozen=True)
class Prediction:
    """What the cascade answers on the prepared grid.

    probabilities: (3, z, y, x) float32, 0 outside the brain. channels: what they mean. stage1: stage 1's own
    probabilities. regions: the boxes that stage 2 refined, none where stage 1 found nothing or there is no stage 2.
    """

    probabilities: np.ndarray
    channels: tuple[str, ...]
    stage1: np.ndarray
    regions: tuple[Box, ...]


def predict(
    stage1: NvNet,
    stage2: NvNet | None,
    settings: CascadeSettings,
    images: np.ndarray,
    run: Runner,
    regions: Sequence[Box] | None = None,
) -> Prediction:
    """Run the cascade on prepared images (4, z, y, x).

    regions overrides the choice of stage 2's regions (for measurements and for a region drawn by hand).
    """
    brain = torch.from_numpy(images != 0).any(0)
    first = torch.from_numpy(predict_first(stage1, settings, images, run)) * brain
    labels = labels_from_channels((first >= _column(settings.stage1_thresholds)).numpy(), settings.output_channels)
    boxes: list[Box] = []
    if stage2 is not None and settings.stage2 is not None and settings.stage2.field is not None:
        boxes = list(regions) if regions is not None else choose_regions(labels > 0, settings.stage2.field)
    temperatures = _column(settings.temperatures)
    refined = calibrated(first, temperatures)
    if stage2 is not None and boxes:
        inside, logits, covered = _predict_second(stage2, images, labels, boxes, run)
        answer = torch.sigmoid(logits / temperatures) * brain[inside]
        refined[(slice(None), *inside)] = torch.where(covered, answer, refined[(slice(None), *inside)])
    return Prediction(refined.numpy(), settings.output_channels, first.numpy(), tuple(boxes))


def _predict_second(
    stage2: NvNet, images: np.ndarray, labels: np.ndarray, boxes: Sequence[Box], run: Runner
) -> tuple[Box, Tensor, Tensor]:
    """Run stage 2 on each box and join the answers.

    Returns where in the grid all boxes lie, the logits (3, z, y, x) there, and which voxels there are in some box.
    """
    places = [box.inside(labels.shape) for box in boxes]
    inside = union([whole for whole, _ in places])
    logits, weight = torch.zeros(3, *inside.size), torch.zeros(inside.size)
    for number, (box, (whole, part)) in enumerate(zip(boxes, places, strict=True), start=1):
        masks = channels_from_labels(cut(labels, box), MASK_CHANNELS)
        answer = run(stage2, second_input(masks, cut(images, box)), Step(2, number, len(boxes)))[0]
        here = whole.shifted([-a for a in inside.start])
        share = torch.from_numpy(taper(box.size))[part]
        logits[(slice(None), *here)] += answer[(slice(None), *part)] * share
        weight[here] += share
    covered = weight > 0
    return inside, logits / weight.where(covered, torch.ones(())), covered


def predict_first(stage1: NvNet, settings: CascadeSettings, images: np.ndarray, run: Runner) -> np.ndarray:
    """Return stage 1's probabilities (3, z, y, x) on the prepared grid of images (4, z, y, x)."""
    stage = settings.stage1
    box = first_field((images.shape[1], images.shape[2], images.shape[3]), stage)
    x = coarsen(torch.from_numpy(cut(images, box)).float()[None], stage.downsample)
    logits = refine(run(stage1, x, Step(1)), stage.downsample)[0]
    whole, part = box.inside(images.shape[1:])
    result = np.empty((logits.shape[0], *images.shape[1:]), np.float32)
    result[(slice(None), *whole)] = torch.sigmoid(logits[(slice(None), *part)]).numpy()
    return result


def calibrated(probabilities: Tensor, temperatures: Tensor) -> Tensor:
    """Return sigmoid(logit / temperature) of probabilities (C, ...) as a new tensor."""
    if (temperatures == 1).all():
        return probabilities.clone()
    power = 1 / temperatures
    inside, outside = probabilities**power, (1 - probabilities) ** power
    return inside / (inside + outside)


def _column(values: tuple[float, ...]) -> Tensor:
    return torch.tensor(values, dtype=torch.float32)[:, None, None, None]


def taper(size: tuple[int, int, int]) -> np.ndarray:
    """Weights (z, y, x) that fall towards a region's border, so that overlapping regions join smoothly."""
    result = np.ones(size, np.float32)
    for axis, length in enumerate(size):
        centre = (np.arange(length, dtype=np.float32) + 0.5) / length
        line = np.clip(np.minimum(centre, 1 - centre) * 8, 0.05, 1)
        result *= line.reshape([-1 if a == axis else 1 for a in range(3)])
    return result
