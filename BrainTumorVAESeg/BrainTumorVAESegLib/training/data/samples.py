"""Training samples of both stages, drawn from the cached cases; sample i of a run depends on the seed and i alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import Dataset

from ...core.boxes import Box, cut
from ...core.errors import TrainingError
from ...core.labels import LABEL_BY_KEY, REGIONS
from ...core.settings import MASK_CHANNELS, CascadeSettings
from ...inference.fields import coarsen, first_field
from ...inference.regions import choose_regions
from ..settings import Augmentation, StageTraining
from .augmentation import Augmenter
from .cache import CachedCase
from .mixing import Mixer

Mask = np.ndarray | Path
"""A label map (z, y, x), or the file of one, which a process that draws samples maps for itself."""
Sample = dict[str, Tensor]
"""`input` (C, z, y, x), `images` (4, z, y, x) to reconstruct, `target` (3, z, y, x) in 0 to 1: WT, TC, ET."""
Array = np.ndarray | Tensor
"""A case's images or labels: mapped from disk, or held on the device that the samples are made on."""


_TRUTH = -1
_FROM_TRUTH = 0.25
"""Share of stage 2's samples whose region is chosen from the truth and not from a mask."""


class SampleError(TrainingError):
    """A case's prepared arrays cannot be used while the training runs.

    From a worker process PyTorch hands on a whole traceback as the message; its last line is what was said there.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message.strip().rsplit("\n", 1)[-1].split(f"{type(self).__name__}: ", 1)[-1])


class Samples(Dataset[Sample], ABC):
    """Cases in a new random order every epoch; subclasses cut, the augmenter changes.

    Sample i depends on the seed and i alone. Raises SampleError for a case whose prepared arrays are damaged.
    """

    def __init__(
        self, cases: Sequence[CachedCase], seed: int, augmenter: Augmenter, mixer: Mixer | None = None
    ) -> None:
        self.cases = list(cases)
        self.seed = seed
        self.augmenter = augmenter
        self.mixer = mixer
        self._device: torch.device | None = None
        self._held: dict[Path, Tensor] = {}

    def __len__(self) -> int:
        return len(self.cases)

    def __getitem__(self, number: int) -> Sample:
        epoch, position = divmod(number, len(self.cases))
        order = np.random.default_rng((self.seed, epoch)).permutation(len(self.cases))
        random = np.random.default_rng((self.seed, 1, number))
        case = self.cases[int(order[position])]
        images, labels = self._open(case, number)
        seed = int(random.integers(2**31))
        parts = self.augmenter(self.draw(case, images, labels, random, self.augmenter.around(seed)), seed)
        masks = [parts["masks"]] if "masks" in parts else []
        return {"input": torch.cat([*masks, parts["shown"]]), "images": parts["images"], "target": parts["target"]}

    def hold_on(self, device: torch.device) -> None:
        """Make the samples on a device from now on, and hold there what they are cut out of."""
        self._device = device
        if self.mixer is not None:
            self.mixer.keeps = True

    @property
    def held_bytes(self) -> int:
        """What the cases take on a device."""
        files = [file for case in self.cases for file in (case.images_file, case.labels_file)]
        return sum(file.stat().st_size for file in files)

    def _open(self, case: CachedCase, number: int) -> tuple[Array, Array]:
        """Return the images (4, z, y, x) and labels (z, y, x) of a case, mixed or as they are."""
        images, labels = _open_case(case)
        if self.mixer is not None:
            mixed = self.mixer(case, images, labels, self._mixing(number))
            if mixed is not None:
                return (mixed[0], mixed[1]) if self._device is None else (self._put(mixed[0]), self._put(mixed[1]))
        return self._hold(case.images_file, images), self._hold(case.labels_file, labels)

    def _hold(self, file: Path, array: np.ndarray) -> Array:
        """Return an array on the device, to which it is brought once, or where there is none as it is."""
        if self._device is None:
            return array
        if file not in self._held:
            self._held[file] = self._put(array)
        return self._held[file]

    def _put(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(np.array(array)).to(self._device)

    def _mixing(self, number: int) -> np.random.RandomState:
        """Return random numbers of their own, so that mixing changes nothing else of a sample."""
        return np.random.RandomState(np.random.SeedSequence((self.seed, 3, number)).generate_state(4))

    @abstractmethod
    def draw(self, case: CachedCase, images: Array, labels: Array, random: np.random.Generator, around: int) -> Sample:
        """Cut a case's images (4, z, y, x) and labels (z, y, x), with so many voxels more on each side.

        Returns images, target, brain and, for stage 2, masks, on the stage's grid.
        """


class FirstStageSamples(Samples):
    """A crop on stage 1's grid, of the size of its VAE branch or else all that it sees in inference.

    Along an axis on which the crop holds the whole brain it is shifted a little about the middle; along others it lies
    anywhere within the brain's box, or, for the share `tumor_crops` of the samples, around a random voxel of the tumor.
    The target is each coarse voxel's share of a region.
    """

    def __init__(
        self,
        cases: Sequence[CachedCase],
        settings: CascadeSettings,
        training: StageTraining,
        augmentation: Augmentation,
        seed: int,
    ) -> None:
        self.stage = settings.stage1
        self.training = training
        spacing = settings.preprocessing.spacing * self.stage.downsample
        mixes = augmentation.heal or augmentation.paste
        mixer = Mixer(cases, augmentation, settings.preprocessing.spacing) if mixes else None
        super().__init__(cases, seed, Augmenter(augmentation, spacing, settings.modalities), mixer)

    def draw(self, case: CachedCase, images: Array, labels: Array, random: np.random.Generator, around: int) -> Sample:
        """Cut one case; see `Samples`."""
        factor = self.stage.downsample
        box = self._place(labels, random).grown(around * factor)
        inner, beyond = _held_part(box, labels.shape, factor)
        part = _cut(images, inner).float()
        regions = _channels(_cut(labels, inner), [region.values for region in REGIONS])
        small, target, share = (_coarsen_and_pad(x, factor, beyond) for x in (part, regions, _brain(part)))
        return {"images": small, "target": target, "brain": (share > 0).float()}

    def _place(self, labels: Array, random: np.random.Generator) -> Box:
        """Choose where to cut."""
        depth, height, width = labels.shape
        field, factor = first_field((depth, height, width), self.stage), self.stage.downsample
        crop = tuple(n * factor for n in self.stage.vae_crop) if self.stage.vae_crop else field.size
        jitter = self.training.jitter
        shift = random.integers(-jitter, jitter + 1, 3) * factor
        middle = _random_voxel(labels, random) if random.random() < self.training.tumor_crops else None
        start = []
        for axis, (length, whole) in enumerate(zip(crop, labels.shape, strict=True)):
            if length >= whole:
                start.append(field.start[axis] + (field.size[axis] - length) // 2 + int(shift[axis]))
            elif middle is None:
                start.append(int(random.integers(whole - length + 1)))
            else:
                start.append(min(max(middle[axis] - length // 2, 0), whole - length))
        return Box.at(start, crop)


class SecondStageSamples(Samples):
    """A region at full resolution with the masks that a stage 1 which never saw the case predicts for it.

    masks: case name -> the masks of several stage-1 weights; each sample takes one. The region is one of
    those inference would choose from that mask, or (one in four) from the truth, shifted at random.
    """

    def __init__(
        self,
        cases: Sequence[CachedCase],
        masks: Mapping[str, Sequence[Mask]],
        settings: CascadeSettings,
        training: StageTraining,
        augmentation: Augmentation,
        seed: int,
    ) -> None:
        if settings.stage2 is None or settings.stage2.field is None:
            raise ValueError("these settings have no second stage with a field")
        super().__init__(cases, seed, Augmenter(augmentation, settings.preprocessing.spacing, settings.modalities))
        self.masks = masks
        self.size = settings.stage2.field
        self.jitter = training.jitter
        self._chosen: dict[tuple[str, int], list[Box]] = {}

    def draw(self, case: CachedCase, images: Array, labels: Array, random: np.random.Generator, around: int) -> Sample:
        """Cut one case; see `Samples`."""
        several = self.masks[case.name]
        which = int(random.integers(len(several)))
        regions = self._regions(case, _TRUTH if random.random() < _FROM_TRUTH else which)
        regions = regions or self._regions(case, _TRUTH)
        start = (
            regions[int(random.integers(len(regions)))].start
            if regions
            else tuple((n - s) // 2 for n, s in zip(labels.shape, self.size, strict=True))
        )
        shift = random.integers(-self.jitter, self.jitter + 1, 3)
        box = Box.at(start, self.size).shifted(shift.tolist()).grown(around)
        part, own, mask = (_cut(array, box) for array in (images, labels, self._mask(case, which)))
        part = part.float()
        return {
            "images": part,
            "masks": _channels(mask, [(LABEL_BY_KEY[key].value,) for key in MASK_CHANNELS]),
            "target": _channels(own, [region.values for region in REGIONS]),
            "brain": _brain(part),
        }

    def _regions(self, case: CachedCase, which: int) -> list[Box]:
        """Return the regions that one of a case's masks leads to, or its truth."""
        if (case.name, which) not in self._chosen:
            labels = _open_case(case)[1] if which == _TRUTH else _open_mask(case, self.masks[case.name][which])
            self._chosen[case.name, which] = choose_regions(np.asarray(labels) > 0, self.size)
        return self._chosen[case.name, which]

    def _mask(self, case: CachedCase, which: int) -> Array:
        mask = self.masks[case.name][which]
        array = _open_mask(case, mask)
        return self._hold(mask, array) if isinstance(mask, Path) else array


def _held_part(box: Box, shape: tuple[int, ...], factor: int) -> tuple[Box, list[int]]:
    """Return the part of a box, in whole coarse voxels, beyond which it has nothing of an image, and what is beyond.

    shape: of the image (z, y, x). factor: voxels along a side of a coarse one. What is beyond is counted in coarse
    voxels as `F.pad` takes them: before and after, x first.
    """
    start, size = [], []
    beyond: list[int] = []
    for first, length, whole in zip(box.start, box.size, shape, strict=True):
        count = length // factor
        before = min(max(-first // factor, 0), count - 1)
        after = min(max((first + length - whole) // factor, 0), count - 1 - before)
        start.append(first + before * factor)
        size.append((count - before - after) * factor)
        beyond = [before, after, *beyond]
    return Box.at(start, size), beyond


def _coarsen_and_pad(x: Tensor, factor: int, beyond: list[int]) -> Tensor:
    small = coarsen(x[None], factor)[0]
    return F.pad(small, beyond) if any(beyond) else small


def _brain(images: Tensor) -> Tensor:
    """Return 1 where any image (C, z, y, x) is not 0, else 0, (1, z, y, x)."""
    return (images != 0).any(0, keepdim=True).float()


def _cut(array: Array, box: Box) -> Tensor:
    """Return the box of an array (..., z, y, x), on its device, 0 where the box reaches beyond."""
    if not isinstance(array, Tensor):
        return torch.from_numpy(cut(array, box))
    there, here = box.inside(array.shape[-3:])
    result = array.new_zeros((*array.shape[:-3], *box.size))
    result[(..., *here)] = array[(..., *there)]
    return result


def _channels(labels: Tensor, members: Sequence[Sequence[int]]) -> Tensor:
    """Return 1 where labels (z, y, x) have one of some values, else 0: a channel for each set of values."""
    return torch.stack([torch.stack([labels == value for value in values]).any(0) for values in members]).float()


def _random_voxel(labels: Array, random: np.random.Generator) -> tuple[int, ...] | None:
    """Draw one of the tumor's voxels (z, y, x), or None where there is no tumor."""
    tumor = np.flatnonzero(labels.cpu() if isinstance(labels, Tensor) else labels)
    if not len(tumor):
        return None
    return tuple(int(n) for n in np.unravel_index(tumor[int(random.integers(len(tumor)))], labels.shape))


def _open_mask(case: CachedCase, mask: Mask) -> np.ndarray:
    if isinstance(mask, np.ndarray):
        return mask
    try:
        return np.load(mask, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        raise SampleError(
            f"{case.name}: the mask {mask} is damaged ({' '.join(str(error).split())}); delete it and run again."
        ) from error


def _open_case(case: CachedCase) -> tuple[np.ndarray, np.ndarray]:
    try:
        images, labels = case.images(), case.labels()
        if images.shape[1:] != labels.shape:
            raise ValueError(f"images {images.shape} and labels {labels.shape} do not fit")
    except (OSError, ValueError, EOFError) as error:
        raise SampleError(
            f"{case.name}: its prepared images are damaged ({' '.join(str(error).split())}); "
            "run the training again so that it is prepared anew."
        ) from error
    return images, labels
