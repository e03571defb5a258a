"""What stage 1's VAE branch makes of a study: its latent, and the images that it gives back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..core.boxes import Box, cut
from ..core.errors import PackageError
from ..core.settings import StageSettings
from ..inference.fields import coarsen, refine
from ..models.package import ModelPackage, load_stage
from ..networks.nvnet import NvNet
from ..networks.vae import Latent, VaeBranch

NO_BRANCH = "This package's first stage has no VAE branch, so there is no reconstruction."


@dataclass(frozen=True)
class View:
    """The part of a prepared study that the VAE branch sees.

    box: of the prepared grid. seen: the images there on the stage's own grid, (1, 4, D, H, W). end: the encoder's end.
    """

    box: Box
    seen: Tensor
    end: Tensor


class Reconstructor:
    """Stage 1's encoder and VAE branch. Raises PackageError where the package has no such branch."""

    def __init__(self, package: ModelPackage) -> None:
        if not package.has_vae:
            raise PackageError(NO_BRANCH)
        self.network: NvNet = load_stage(package, 1, with_vae=True)
        self.settings: StageSettings = package.settings.stage1

    @property
    def branch(self) -> VaeBranch:
        """The branch itself."""
        assert self.network.vae is not None
        return self.network.vae

    def look(self, images: np.ndarray, end: Tensor | None = None) -> View:
        """Return what the branch sees of prepared images (4, z, y, x).

        end: the encoder's end that a pass of stage 1 left; it is used where that pass saw the same, else computed.
        """
        box = branch_field((images.shape[1], images.shape[2], images.shape[3]), self.settings)
        seen = coarsen(torch.from_numpy(cut(images, box)).float()[None], self.settings.downsample)
        if end is None or tuple(n // 8 for n in seen.shape[2:]) != tuple(end.shape[2:]):
            with torch.inference_mode():
                end = self.network.encode(seen)[-1]
        return View(box, seen, end)

    def encode(self, view: View) -> Latent:
        """Return the latent of what is seen."""
        with torch.inference_mode():
            return self.branch.encode(view.end)

    def decode(self, numbers: Tensor) -> Tensor:
        """Return images (N, 4, D, H, W) on the stage's own grid, as decoded from latent numbers (N, latent)."""
        with torch.inference_mode():
            return self.branch.decode(numbers)

    def on_prepared_grid(self, values: Tensor, box: Box, shape: tuple[int, ...]) -> np.ndarray:
        """Return values (1, 4, D, H, W) of the stage's grid in a box on the prepared grid, (4, z, y, x); 0 beyond."""
        fine = refine(values, self.settings.downsample)[0].numpy()
        result = np.zeros((fine.shape[0], *shape), np.float32)
        whole, part = box.inside(shape)
        result[(slice(None), *whole)] = fine[(slice(None), *part)]
        return result


def branch_field(shape: tuple[int, int, int], stage: StageSettings) -> Box:
    """Return the centered box of a prepared grid of this shape that the VAE branch's dense layers are made for."""
    assert stage.vae_crop is not None
    size = [n * stage.downsample for n in stage.vae_crop]
    return Box.at([-((side - n) // 2) for side, n in zip(size, shape, strict=True)], size)
