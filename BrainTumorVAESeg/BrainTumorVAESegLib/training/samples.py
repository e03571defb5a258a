"""Training samples of both stages, drawn from the cached cases; sample i of a run depends on the seed and i alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset, Sampler

from ..core.labels import REGIONS, channels_from_labels, regions_from_labels
from ..core.settings import MASK_CHANNELS, CascadeSettings, StageSettings
from ..inference.fields import Box, coarsen, cut, first_field
from ..inference.regions import choose_regions
from .augmentation import make_augmentation
from .cases import CachedCase
from .settings import Augmentation

Sample = dict[str, Tensor]
"""`input` (C, z, y, x), `images` (4, z, y, x) to reconstruct, `target` (3, z, y, x) in 0 to 1: WT, TC, ET."""


class EpochSampler(Sampler[int]):
    """Give each epoch numbers of its own, so that a resumed run draws what the uninterrupted one would have drawn."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called before each epoch."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.epoch * self.length, (self.epoch + 1) * self.length))

    def __len__(self) -> int:
        return self.length


class _Samples(Dataset[Sample], ABC):
    """Cases in a new random order every epoch; subclasses cut and augment."""

    def __init__(self, cases: Sequence[CachedCase], seed: int, augmentation: Augmentation) -> None:
        self.cases = list(cases)
        self.seed = seed
        self.augment = make_augmentation(augmentation)

    def __len__(self) -> int:
        return len(self.cases)

    def __getitem__(self, number: int) -> Sample:
        epoch, position = divmod(number, len(self.cases))
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.cases))
        random = np.random.default_rng((self.seed, 1, number))
        sample = self.draw(self.cases[int(order[position])], random)
        self.augment.set_random_state(seed=int(random.integers(2**31)))
        changed = self.augment(sample)
        images = changed["images"].as_tensor() * changed["brain"].as_tensor()
        masks = [changed["masks"].as_tensor()] if "masks" in changed else []
        return {
            "input": torch.cat([*masks, images]),
            "images": images,
            "target": changed["target"].as_tensor(),
        }

    @abstractmethod
    def draw(self, case: CachedCase, random: np.random.Generator) -> Sample:
        """Cut one case: images, target, brain and, for stage 2, masks."""


class FirstStageSamples(_Samples):
    """The whole brain on stage 1's grid, shifted a little; the target is each coarse voxel's share of a region."""

    def __init__(
        self, cases: Sequence[CachedCase], stage: StageSettings, jitter: int, seed: int, augmentation: Augmentation
    ) -> None:
        super().__init__(cases, seed, augmentation)
        self.stage = stage
        self.jitter = jitter

    def draw(self, case: CachedCase, random: np.random.Generator) -> Sample:
        """Cut one case; see `_Samples`."""
        images, labels = case.images(), case.labels()
        box = first_field(labels.shape, self.stage)
        crop = tuple(n * self.stage.downsample for n in self.stage.vae_crop) if self.stage.vae_crop else box.size
        shift = random.integers(-self.jitter, self.jitter + 1, 3) * self.stage.downsample
        start = [a + (n - c) // 2 + int(s) for a, n, c, s in zip(box.start, box.size, crop, shift, strict=True)]
        box = Box((start[0], start[1], start[2]), (crop[0], crop[1], crop[2]))
        part = torch.from_numpy(cut(images, box).astype(np.float32))
        target = torch.from_numpy(regions_from_labels(cut(labels, box)).astype(np.float32))
        small = coarsen(
            torch.cat([part, target, (part != 0).any(0, keepdim=True).float()])[None], self.stage.downsample
        )[0]
        images_end, target_end = len(part), len(part) + len(REGIONS)
        return {
            "images": small[:images_end],
            "target": small[images_end:target_end],
            "brain": (small[target_end:] > 0).float(),
        }


class SecondStageSamples(_Samples):
    """A region at full resolution with the masks that a stage 1 which never saw the case predicts for it.

    masks: case name -> label maps (z, y, x) of several stage-1 weights; each sample takes one. The region is one of
    those inference would choose from that mask, or (one in four) from the truth, shifted at random.
    """

    def __init__(
        self,
        cases: Sequence[CachedCase],
        masks: Mapping[str, Sequence[np.ndarray]],
        settings: CascadeSettings,
        jitter: int,
        seed: int,
        augmentation: Augmentation,
    ) -> None:
        super().__init__(cases, seed, augmentation)
        if settings.stage2 is None or settings.stage2.field is None:
            raise ValueError("these settings have no second stage with a field")
        self.masks = masks
        self.size = settings.stage2.field
        self.jitter = jitter

    def draw(self, case: CachedCase, random: np.random.Generator) -> Sample:
        """Cut one case; see `_Samples`."""
        images, labels = case.images(), case.labels()
        several = self.masks[case.name]
        mask = several[int(random.integers(len(several)))]
        boxes = choose_regions((labels if random.random() < 0.25 else mask) > 0, self.size)
        boxes = boxes or choose_regions(np.asarray(labels) > 0, self.size)
        start = (
            boxes[int(random.integers(len(boxes)))].start
            if boxes
            else tuple((n - s) // 2 for n, s in zip(labels.shape, self.size, strict=True))
        )
        shift = random.integers(-self.jitter, self.jitter + 1, 3)
        z, y, x = (int(a + s) for a, s in zip(start, shift, strict=True))
        box = Box((z, y, x), self.size)
        part = torch.from_numpy(cut(images, box).astype(np.float32))
        return {
            "images": part,
            "masks": torch.from_numpy(channels_from_labels(cut(mask, box), MASK_CHANNELS).astype(np.float32)),
            "target": torch.from_numpy(regions_from_labels(cut(labels, box)).astype(np.float32)),
            "brain": (part != 0).any(0, keepdim=True).float(),
        }
