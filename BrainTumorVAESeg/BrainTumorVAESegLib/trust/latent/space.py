"""A package's latent space: a study to its code, and codes to images."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import torch

from ...core.geometry import Geometry
from ...core.modalities import Modality
from ...core.volume import Study
from ...models.package import ModelPackage
from ...preparation.preparing import PreparedStudy, prepare
from ..reconstructing import Reconstructor, View
from .codes import Cloud


@dataclass(frozen=True)
class Coded:
    """A study as the VAE branch sees it.

    view: what is seen. mean, spread: the Gaussian that the encoder answers, its code and the standard deviation of each
    number, (latent,). name: the study's.
    """

    prepared: PreparedStudy
    view: View
    mean: np.ndarray
    spread: np.ndarray
    name: str = ""

    @property
    def seen(self) -> np.ndarray:
        """The images on the stage's own grid, (4, z, y, x), z-scored, 0 outside the brain."""
        return np.asarray(self.view.seen[0].numpy())


class LatentSpace:
    """The encoder and the VAE branch of a package's first stage.

    Raises PackageError where the package has no such branch. reconstructor: of the package, loaded where None.
    """

    def __init__(self, package: ModelPackage, reconstructor: Reconstructor | None = None) -> None:
        self.package = package
        self.reconstructor = reconstructor or Reconstructor(package)

    @property
    def size(self) -> int:
        """How many numbers a code has."""
        return self.reconstructor.branch.latent_size

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """What the channels of decoded images are."""
        return self.package.settings.channels

    @property
    def prior(self) -> Cloud:
        """The standard Gaussian."""
        return Cloud.prior(self.size)

    @property
    def training(self) -> Cloud:
        """Where the codes of the training cases lie; the prior where the package does not tell."""
        return Cloud.of(self.package.latent) if self.package.latent is not None else self.prior

    @property
    def geometry(self) -> Geometry:
        """The grid of decoded images: the stage's own voxels, axes to LPS, the middle of the field at 0 mm."""
        stage = self.package.settings.stage1
        assert stage.vae_crop is not None
        z, y, x = stage.vae_crop
        side = stage.downsample * self.package.settings.preprocessing.spacing
        first = tuple(-side * (n - 1) / 2 for n in (x, y, z))
        return Geometry((x, y, z), (side, side, side), (first[0], first[1], first[2]))

    def geometry_of(self, case: Coded) -> Geometry:
        """Return the same voxels where the case lies, so that its decoded images can be laid over its own."""
        grid, stage = case.prepared.geometry, self.package.settings.stage1
        z, y, x = case.view.box.start
        middle = (stage.downsample - 1) / 2
        origin = grid.index_to_physical @ np.array([x + middle, y + middle, z + middle, 1.0])
        place = (float(origin[0]), float(origin[1]), float(origin[2]))
        return replace(self.geometry, origin=place, direction=grid.direction)

    def encode(self, study: Study, optional: Collection[Modality] = ()) -> Coded:
        """Return a study's code. optional: modalities that may be absent. Raises what `prepare` raises."""
        prepared = prepare(study, self.package.settings.preprocessing, self.modalities, optional)
        view = self.reconstructor.look(prepared.images)
        latent = self.reconstructor.encode(view)
        return Coded(prepared, view, latent.mean[0].numpy(), latent.spread[0].numpy(), study.name)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the images of codes (n, latent) on the grid `geometry`, (n, 4, z, y, x), z-scores, float32."""
        images = [self.reconstructor.decode(torch.from_numpy(code[None])) for code in np.asarray(codes, np.float32)]
        return torch.cat(images).numpy()

    def strongest_axes(self, count: int) -> list[int]:
        """Return the axes along which the training codes' spread moves the decoder's first layer most, those first."""
        weights = self.reconstructor.branch.from_latent.weight.detach().numpy()
        strength = np.linalg.norm(weights, axis=0) * self.training.spread
        return [int(axis) for axis in np.argsort(-strength, kind="stable")[:count]]
