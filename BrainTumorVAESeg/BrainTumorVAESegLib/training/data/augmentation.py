"""Random changes of a training sample: those of the papers, and those that few cases need.

What a scanner might have done differently (contrast, coils, slices, noise) is drawn for each image by itself and done
within the brain alone; as the preparing of another scan would, it leaves the brain's mean and standard deviation as
they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from monai.transforms import (
    RandAdjustContrast,
    RandBiasField,
    RandGaussianNoise,
    RandHistogramShift,
    Randomizable,
    RandScaleIntensity,
    RandShiftIntensity,
)
from torch import Tensor

from ...core.modalities import MODALITIES, Modality
from ..settings import Augmentation
from .axis_maps import along, gaussian_map, slice_map
from .shading import draw_field
from .unenhancing import unenhance
from .warping import draw_affine, draw_bend, warp

DEFAULT_ORDER = tuple(modality.value for modality in MODALITIES)
Parts = dict[str, Tensor]
Transform = Callable[[Tensor], Tensor]
_MOVED = ("images", "masks", "target", "brain")
_AROUND_MM = 16.0
"""What is cut around a sample that is turned or bent, so that the tissue beyond its edge moves in, and not nothing."""
_ONE_MORE = 1 / 3
"""Probability that one more image is dropped once one is."""


@dataclass(frozen=True)
class _Plan:
    """What is done to a sample as a whole: the enhancement taken away, which axes are mirrored, turned, bent.

    around: voxels that are needed beyond the sample on each side.
    """

    unenhanced: bool
    axes: tuple[int, ...]
    turned: bool
    bent: bool
    around: int


@dataclass(frozen=True)
class _Brain:
    """Which voxels are brain: mask (1, z, y, x) of 0 and 1, and their N places in the flattened image."""

    mask: Tensor
    places: Tensor

    @classmethod
    def of(cls, mask: Tensor) -> _Brain:
        return cls(mask, mask.flatten().nonzero()[:, 0])

    def take(self, image: Tensor) -> Tensor:
        """Return the brain's values (1, N) of an image (1, z, y, x)."""
        return image.flatten()[self.places][None]

    def put(self, values: Tensor) -> Tensor:
        """Return the image (1, z, y, x) of the brain's values, 0 outside it."""
        return torch.zeros_like(self.mask).flatten().index_copy(0, self.places, values[0]).view_as(self.mask)


Change = Callable[[Tensor, _Brain], Tensor]
"""From the values (1, N) of an image in its brain to changed ones."""


class Augmenter:
    """Changes samples at random, on the device that they lie on; the seed alone decides how.

    On whichever device and after whatever else, but that a GPU draws other noise than a CPU does.
    """

    def __init__(self, settings: Augmentation, spacing: float = 1.0, modalities: Sequence[str] = DEFAULT_ORDER) -> None:
        """Take the settings, the samples' voxel spacing in mm, and what their images show."""
        self.settings = settings
        self.spacing = spacing
        self._native, self._enhanced = (list(modalities).index(name.value) for name in (Modality.T1, Modality.T1CE))
        self._random = np.random.RandomState()
        self._shaded = False
        self._transforms: list[Randomizable] = []
        self._changes = self._list_changes()
        self._factor = self._keep(RandScaleIntensity(settings.scale, prob=1.0))
        self._offset = self._keep(RandShiftIntensity(settings.shift, prob=1.0))

    def around(self, seed: int) -> int:
        """Return how many voxels more on each side a sample must have, so that what is beyond can move in."""
        return self._begin(seed).around

    def __call__(self, sample: Parts, seed: int) -> Parts:
        """Return a changed sample.

        sample: with `around(seed)` voxels more on each side, images (4, z, y, x), target and masks (3, z, y, x; masks
        for stage 2 alone) in 0 to 1, and brain (1, z, y, x), 0 or 1. The result, without them, holds `shown` besides:
        the images, some of them 0 where they are dropped.
        """
        plan = self._begin(seed)
        for transform in self._transforms:
            transform.set_random_state(state=self._random)
        with _one_thread():
            moved = self._move(sample, plan)
            if plan.unenhanced:
                moved = unenhance(moved, self._native, self._enhanced, self.spacing)
            brain = _Brain.of(moved["brain"])
            images = moved["images"]
            if len(brain.places):
                images = torch.cat([brain.put(self._scan(brain.take(image), brain)) for image in images])
            return {**moved, "images": images, "shown": self._drop(images)}

    def _begin(self, seed: int) -> _Plan:
        """Begin a sample's random numbers, and draw what is done to it as a whole."""
        settings = self.settings
        self._random = random = np.random.RandomState(seed)
        # Where one of the later changes is 0, no number is drawn for it: older recipes' samples stay what they are.
        self._shaded = bool(settings.shading) and random.random_sample() < settings.shading
        unenhanced = bool(settings.unenhance) and random.random_sample() < settings.unenhance
        axes = tuple(axis for axis in (1, 2, 3) if random.random_sample() < settings.flip)
        turned, bent = random.random_sample() < settings.affine, random.random_sample() < settings.elastic
        around = round(_AROUND_MM / self.spacing) if turned or bent else 0
        return _Plan(unenhanced, axes, turned, bent, around)

    def _move(self, sample: Parts, plan: _Plan) -> Parts:
        """Mirror, turn and bend all that belongs together."""
        settings, random = self.settings, self._random
        moved = {key: sample[key].flip(plan.axes) if plan.axes else sample[key] for key in _MOVED if key in sample}
        if not plan.turned and not plan.bent:
            return moved
        size = [n - 2 * plan.around for n in sample["images"].shape[1:]]
        matrix = draw_affine(random, settings.rotation, settings.zoom) if plan.turned else None
        bend = (
            draw_bend(random, size, self.spacing, settings.elastic_level, sample["images"].device)
            if plan.bent
            else None
        )
        x = warp(torch.cat(list(moved.values())), size, matrix, bend)
        moved = dict(zip(moved, x.split([len(part) for part in moved.values()]), strict=True))
        share = moved["brain"]
        moved["brain"] = (share >= 0.5).float()
        if "masks" in moved:  # inference gives stage 2 whole ones
            moved["masks"] = (moved["masks"] >= 0.5).float()
        # As in `preparation.preparing`: next to the brain's edge, interpolation blends in the zeros outside.
        moved["images"] = moved["images"] / share.clamp(min=0.5)
        return moved

    def _list_changes(self) -> list[tuple[float, Change]]:
        """Each change of an image with its probability, in the order of tissue, coils, slices and noise."""
        s = self.settings
        return [
            (s.gamma, partial(_plainly, self._keep(RandAdjustContrast(1.0, s.gamma_range)))),
            (s.contrast, partial(_halfway, self._keep(RandHistogramShift(s.contrast_points, 1.0)))),
            (s.bias, partial(_bias, self._keep(RandBiasField(coeff_range=(-s.bias_level, s.bias_level), prob=1.0)))),
            *([(1.0, self._shade)] if s.shading else []),
            (s.thick, self._thicken),
            (s.smooth, self._smooth),
            (s.noise, partial(self._add_noise, self._keep(RandGaussianNoise(1.0, std=s.noise_level)))),
        ]

    def _scan(self, values: Tensor, brain: _Brain) -> Tensor:
        """Change one image as another scan might show it, then by the papers' factor and offset."""
        chosen = [change for probability, change in self._changes if self._random.random_sample() < probability]
        before = values
        for change in chosen:
            values = change(values, brain)
        if chosen:
            factor = before.std(correction=0) / values.std(correction=0).clamp(min=1e-6)
            values = (values - values.mean()) * factor + before.mean()
        return _plain(self._offset(self._factor(values)))

    def _shade(self, values: Tensor, brain: _Brain) -> Tensor:
        """Multiply by a strong field, above the darkest voxel, as `_bias` does, where the sample is a shaded one."""
        if not self._shaded:
            return values
        level = self._random.uniform(*self.settings.shading_range)
        field = brain.take(draw_field(self._random, brain.mask, self.spacing))
        return (values - values.min()) * (level * field).exp()

    def _thicken(self, values: Tensor, brain: _Brain) -> Tensor:
        """Show slices of some mm along one axis."""
        axis = int(self._random.randint(3))
        thickness = self._random.uniform(*self.settings.thick_range) / self.spacing
        shape = brain.mask.shape[1:]
        return _blur(values, brain, [slice_map(n, thickness) if a == axis else None for a, n in enumerate(shape)])

    def _add_noise(self, transform: Transform, values: Tensor, brain: _Brain) -> Tensor:
        """Add Gaussian noise; on a GPU it is drawn there, since a CPU takes longer for it than the GPU for all else."""
        if values.device.type == "cpu":
            return _plainly(transform, values, brain)
        generator = torch.Generator(values.device).manual_seed(int(self._random.randint(2**31)))
        level = self._random.uniform(0, self.settings.noise_level)
        return values + level * torch.randn(values.shape, generator=generator, device=values.device)

    def _smooth(self, values: Tensor, brain: _Brain) -> Tensor:
        sigmas = self._random.uniform(*self.settings.smooth_range, 3)
        return _blur(
            values, brain, [gaussian_map(n, float(s)) for n, s in zip(brain.mask.shape[1:], sigmas, strict=True)]
        )

    def _drop(self, images: Tensor) -> Tensor:
        """Set one image to 0, or more of them, but never all."""
        if self._random.random_sample() >= self.settings.drop:
            return images
        order = self._random.permutation(len(images))
        count = 1
        while count < len(images) - 1 and self._random.random_sample() < _ONE_MORE:
            count += 1
        shown = images.clone()
        shown[order[:count].tolist()] = 0
        return shown

    def _keep(self, transform: Randomizable) -> Transform:
        """Remember a transform of MONAI's, so that it draws from this augmenter's random numbers."""
        self._transforms.append(transform)
        return transform


def _plainly(transform: Transform, values: Tensor, brain: _Brain) -> Tensor:
    """Let a transform see the brain's values alone, so that nothing outside counts in their range."""
    return _plain(transform(values))


def _halfway(transform: Transform, values: Tensor, brain: _Brain) -> Tensor:
    """Go half the way to what a transform gives: its curve can be flat where all gray and white matter lies."""
    return (values + _plain(transform(values))) / 2


def _bias(transform: Transform, values: Tensor, brain: _Brain) -> Tensor:
    """Multiply by a smooth field, above the darkest voxel: in a z-score 0 is the mean, and no longer no signal."""
    return brain.take(_plain(transform(brain.put(values - values.min()))))


def _blur(values: Tensor, brain: _Brain, maps: Sequence[Tensor | None]) -> Tensor:
    """Blur by a map for each axis (see `lines`) within the brain: what lies outside it has no share."""
    image, share = along(torch.cat([brain.put(values), brain.mask]), maps).split(1)
    return brain.take(image) / brain.take(share).clamp(min=1e-6)


def _plain(x: Tensor) -> Tensor:
    """Return a tensor without what MONAI attaches to it."""
    return x.as_tensor() if hasattr(x, "as_tensor") else x


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute with one thread, as in a worker process: a sum over several has another last digit."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
