"""The two stages on a prepared study: stage 1 on the whole brain, stage 2 on the regions that hold what it found.

Everything is computed where the images lie, on the processor or on a GPU: no image, mask or probability leaves a device
before somebody asks a `Prediction` for arrays. What comes back on the way is where stage 2 has to look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch
from torch import Tensor

from ..core.boxes import Box, union
from ..core.settings import CascadeSettings
from ..networks.nvnet import NvNet
from .fields import first_field, first_input, label_channels, refine, second_input
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
"""Runs a network: (network, input (1, C, D, H, W), step) -> logits (1, 3, D, H, W), float32 on the input's device."""


@dataclass(frozen=True)
class Prediction:
    """What the cascade answers on the prepared grid, where it was computed; arrays are made when they are asked for.

    answer: probabilities (3, z, y, x) float32, 0 outside the brain. channels: what they mean. first: stage 1's own
    probabilities. regions: the boxes that stage 2 refined, none where stage 1 found nothing or there is no stage 2.
    """

    answer: Tensor
    channels: tuple[str, ...]
    first: Tensor
    regions: tuple[Box, ...]

    @cached_property
    def probabilities(self) -> np.ndarray:
        """The answer as an array (3, z, y, x), float32."""
        return self.answer.cpu().numpy()

    @cached_property
    def stage1(self) -> np.ndarray:
        """Stage 1's own probabilities as an array (3, z, y, x), float32."""
        return self.first.cpu().numpy()

    def seen_first(self, thresholds: Sequence[float]) -> np.ndarray:
        """Return where stage 1 saw a tumor (z, y, x), bool."""
        return (label_channels(self.first >= _column(thresholds, self.first), self.channels) > 0).cpu().numpy()

    def labels(self, thresholds: Sequence[float]) -> np.ndarray:
        """Return the label map (z, y, x), uint8: made where the answer lies, and all of it that is copied."""
        return label_channels(self.answer >= _column(thresholds, self.answer), self.channels).cpu().numpy()


def predict(
    stage1: NvNet,
    stage2: NvNet | None,
    settings: CascadeSettings,
    images: np.ndarray | Tensor,
    run: Runner,
    regions: Sequence[Box] | None = None,
) -> Prediction:
    """Run the cascade on prepared images (4, z, y, x), on the device on which they lie (an array: the processor).

    regions overrides the choice of stage 2's regions (for measurements and for a region drawn by hand).
    """
    images = torch.as_tensor(images)
    brain = (images != 0).any(0)
    first = predict_first(stage1, settings, images, run).mul_(brain)
    labels = label_channels(first >= _column(settings.stage1_thresholds, first), settings.output_channels)
    boxes: list[Box] = []
    if stage2 is not None and settings.stage2 is not None and settings.stage2.field is not None:
        boxes = list(regions) if regions is not None else choose_regions(labels > 0, settings.stage2.field)
    refined = calibrated(first, settings.temperatures, settings.offsets)
    if stage2 is not None and boxes:
        inside, logits, covered = _predict_second(stage2, images, labels, boxes, run)
        logits.div_(_column(settings.temperatures, logits)).add_(_column(settings.offsets, logits))
        answer = logits.sigmoid_().mul_(brain[inside])
        part = refined[(slice(None), *inside)]
        torch.where(covered, answer, part, out=part)
    return Prediction(refined, settings.output_channels, first, tuple(boxes))


def _predict_second(
    stage2: NvNet, images: Tensor, labels: Tensor, boxes: Sequence[Box], run: Runner
) -> tuple[Box, Tensor, Tensor]:
    """Run stage 2 on each box and join the answers.

    Returns where in the grid all boxes lie, the logits (3, z, y, x) there, and which voxels there are in some box.
    """
    places = [box.inside(labels.shape) for box in boxes]
    inside = union([whole for whole, _ in places])
    logits = images.new_zeros(3, *inside.size, dtype=torch.float32)
    weight = torch.zeros_like(logits[0])
    for number, (box, (whole, part)) in enumerate(zip(boxes, places, strict=True), start=1):
        answer = run(stage2, second_input(labels, images, box), Step(2, number, len(boxes)))[0]
        here = whole.shifted([-a for a in inside.start])
        share = _taper_on(images.device, box.size)[part]
        logits[(slice(None), *here)] += answer[(slice(None), *part)] * share
        weight[here] += share
    covered = weight > 0
    return inside, logits.div_(weight.masked_fill_(~covered, 1)), covered


def predict_first(stage1: NvNet, settings: CascadeSettings, images: np.ndarray | Tensor, run: Runner) -> Tensor:
    """Return stage 1's probabilities (3, z, y, x), a new tensor where the images (4, z, y, x) lie."""
    images = torch.as_tensor(images)
    stage = settings.stage1
    logits = refine(run(stage1, first_input(images, stage), Step(1)), stage.downsample)[0]
    _, part = first_field((images.shape[1], images.shape[2], images.shape[3]), stage).inside(images.shape[1:])
    return torch.sigmoid(logits[(slice(None), *part)].contiguous())


def calibrated(probabilities: Tensor, temperatures: Sequence[float], offsets: Sequence[float]) -> Tensor:
    """Return sigmoid(logit / temperature + offset) of probabilities (C, ...) as a new tensor."""
    if set(temperatures) == {1} and set(offsets) == {0}:
        return probabilities.clone()
    power = 1 / _column(temperatures, probabilities)
    inside, outside = probabilities**power, (1 - probabilities) ** power
    if any(offsets):
        inside = inside * _column(offsets, probabilities).exp()
    return inside / (inside + outside)


def _column(values: Sequence[float], like: Tensor) -> Tensor:
    return torch.tensor(values, dtype=torch.float32)[:, None, None, None].to(like.device)


@lru_cache(maxsize=4)
def _taper_on(device: torch.device, size: tuple[int, int, int]) -> Tensor:
    """Return a region's weights on a device: the same for all regions and cases."""
    return torch.from_numpy(taper(size)).to(device)


def taper(size: tuple[int, int, int]) -> np.ndarray:
    """Weights (z, y, x) that fall towards a region's border, so that overlapping regions join smoothly."""
    result = np.ones(size, np.float32)
    for axis, length in enumerate(size):
        center = (np.arange(length, dtype=np.float32) + 0.5) / length
        line = np.clip(np.minimum(center, 1 - center) * 8, 0.05, 1)
        result *= line.reshape([-1 if a == axis else 1 for a in range(3)])
    return result
