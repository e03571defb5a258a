"""A synthetic study of a brain with a glioma, for demonstrations and tests that must not need a patient's images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.volume import Study, Volume
from .anatomy import build_anatomy, shape_brain
from .contrast import render
from .fields import Frame
from .tumor import grow_tumors, plan_tumors, push


@dataclass(frozen=True)
class PhantomSettings:
    """What to make.

    seed: the same seed gives the same study, bit by bit; another seed another brain and tumor. size: voxels (x, y, z).
    spacing: isotropic, mm. tumors: how many, 0 for a healthy brain. enhancing: with rims that take up contrast, or a
    core that does not. tumor_radius_mm: range of the first tumor's core radius. noise: in standard deviations of the
    brain. bias: largest relative gain of the bias field.
    """

    seed: int = 0
    size: tuple[int, int, int] = (240, 240, 155)
    spacing: float = 1.0
    tumors: int = 1
    enhancing: bool = True
    tumor_radius_mm: tuple[float, float] = (16.0, 20.0)
    noise: float = 0.09
    bias: float = 0.12

    def __post_init__(self) -> None:
        if min(self.size) < 16 or self.spacing <= 0:
            raise InputError(
                f"A phantom cannot have {self.size} voxels at {self.spacing} mm; give at least 16 per axis."
            )
        if self.tumors < 0 or not 0 < self.tumor_radius_mm[0] <= self.tumor_radius_mm[1]:
            raise InputError("A phantom needs a number of tumors of 0 or more and a range of radii above 0 mm.")


@dataclass(frozen=True)
class Phantom:
    """The study and its true labels (z, y, x; uint8, the library's values 1 NCR, 2 ED, 3 ET)."""

    study: Study
    labels: np.ndarray


def make_phantom(settings: PhantomSettings | None = None) -> Phantom:
    """Make a skull-stripped brain with gliomas in T1, T1ce, T2 and FLAIR (int16, LPS, 0 outside the brain).

    All four volumes share one grid. A field of view under about 154 x 196 x 146 mm holds a brain scaled to fit. Raises
    InputError on settings that make no image.
    """
    settings = settings or PhantomSettings()
    rng = np.random.default_rng(settings.seed)
    frame = Frame.fit(settings.size, settings.spacing)
    x, a, s = (c + 2.2 * frame.noise(rng, 75.0, coarse=True) for c in frame.coarse_coordinates())
    outer = shape_brain(x, a, s)
    tumors = plan_tumors(rng, settings.tumors, settings.tumor_radius_mm)
    inner = shape_brain(*push(tumors, x, a, s, outer.cerebrum))
    anatomy = build_anatomy(frame, rng, outer, inner)
    labels = grow_tumors(frame, rng, tumors, anatomy, settings.enhancing)
    images = render(frame, rng, anatomy, settings.noise, settings.bias)
    nx, ny, nz = settings.size
    gap = settings.spacing
    geometry = Geometry((nx, ny, nz), (gap, gap, gap), (0.0, -(ny - 1) * gap, 0.0))
    name = f"phantom-{settings.seed}"
    volumes = {
        modality: Volume(_place(frame, part, geometry.shape), geometry, f"{name} {modality}")
        for modality, part in images.items()
    }
    return Phantom(Study(volumes, name=name), _place(frame, labels, geometry.shape))


def _place(frame: Frame, part: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Put the frame's array into a whole one of zeros."""
    whole = np.zeros(shape, part.dtype)
    whole[frame.slices] = part
    return whole
