"""Pictures of a network while it is trained: its answers, what its VAE branch gives back, and what the latent holds.

Samples lie in the prepared grid's orientation (LPS), so that a slice `[z]` is an axial one as radiologists look at it:
the front at the top, the patient's left on the viewer's right (but where the augmentation mirrored it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ...core.labels import REGIONS, labels_from_channels
from ...core.settings import MASK_CHANNELS
from ...evaluation.dice import region_dice
from ...networks.nvnet import IMAGE_CHANNELS, NvNet
from ...networks.vae import VaeBranch
from ...reporting.tiles import Row, Tile, draw_tiles
from ..data.samples import Sample
from .watchers import Check

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DRAWS = 6
"""Decoded draws from the prior."""
STEPS = 7
"""Pictures from one case to the other, both ends included."""
_REGION_KEYS = tuple(region.key for region in REGIONS)
_THRESHOLD = 0.5
_OVERLAY, _DIMMED = "FLAIR", 0.75
_FULL_COLOR = 2.0
_NARROWEST = 0.1
"""Least share of the images' window that the reconstructions' window spans."""
_NARROW = "decoded pictures: gray values from the reconstructions' range"
_LESS, _MORE = np.array([0.25, 0.6, 1.0], np.float32), np.array([1.0, 0.55, 0.1], np.float32)


@torch.inference_mode()
def draw_pictures(check: Check, title: str, modalities: Sequence[str]) -> dict[str, Figure]:
    """Return the pictures of a check by name: `predictions`, and with a VAE branch those of what it gives back.

    The latter are `reconstructions`, `prior` and, where there are two samples, `interpolation`. modalities: names of
    the image channels. The network is left as it was, and the random state as well.
    """
    title = f"{title}, step {check.step}"
    shown = [_Shown.of(check.network, sample) for sample in check.samples]
    brains = [(each.images != 0).any(0) for each in shown]
    window = Window.of([each.images for each in shown], brains)
    figures = {"predictions": _draw_predictions(shown, window, title, modalities)}
    vae, backs = check.network.vae, [each.back for each in shown if each.back is not None]
    if vae is not None:
        decoder = _Decoder(vae, most_tumor(np.stack([each.target for each in shown]).sum(0)))
        figures["reconstructions"] = _draw_reconstructions(shown, window, title, modalities)
        # What is decoded has little contrast for long, so that it needs a window of its own, but not one for noise.
        narrow = Window.of(backs, brains).widened(_NARROWEST * window.span)
        figures["prior"] = _draw_prior(decoder, narrow, title, modalities)
        if len(shown) > 1:
            figures["interpolation"] = _draw_interpolation(decoder, shown[:2], window, narrow, title, modalities)
    return figures


@dataclass(frozen=True)
class Window:
    """The intensities of each modality that are shown from black to white."""

    dark: np.ndarray
    bright: np.ndarray

    @classmethod
    def of(cls, images: Sequence[np.ndarray], brains: Sequence[np.ndarray]) -> Window:
        """Choose the windows from percentiles of the brains (z, y, x) in some images (4, z, y, x).

        Fluid stays above black.
        """
        limits = []
        for channel in range(len(images[0])):
            values = np.concatenate([each[channel][brain][::7] for each, brain in zip(images, brains, strict=True)])
            limits.append(np.percentile(values, (0.5, 99.6)) if values.size else (0.0, 1.0))
        low, high = np.array(limits, np.float32).T
        span = np.maximum(high - low, 1e-6)
        return cls(low - 0.12 * span, low + span)

    @property
    def span(self) -> np.ndarray:
        """From black to white."""
        return self.bright - self.dark

    def widened(self, least: np.ndarray) -> Window:
        """Return the windows around the same middles, each at least so wide."""
        more = np.maximum(least - self.span, 0) / 2
        return Window(self.dark - more, self.bright + more)

    def show(self, slices: np.ndarray, brain: np.ndarray | None = None) -> list[np.ndarray]:
        """Return slices (4, y, x) in 0 to 1, black outside the brain (y, x) where one is given."""
        shown = (slices - self.dark[:, None, None]) / self.span[:, None, None]
        return list(shown if brain is None else shown * brain)


@dataclass(frozen=True)
class _Shown:
    """A sample with what the network answers to it.

    seen: its images as the network got them, some perhaps 0. back: their
    reconstruction from the latent's mean.
    """

    seen: np.ndarray
    images: np.ndarray
    target: np.ndarray
    mask: np.ndarray | None
    probabilities: np.ndarray
    back: np.ndarray | None
    mean: Tensor | None

    @classmethod
    def of(cls, network: NvNet, sample: Sample) -> _Shown:
        device = next(network.parameters()).device
        x = sample["input"][None].to(device).contiguous(memory_format=torch.channels_last_3d)
        output = network(x, reconstruct=True)
        given = sample["input"].cpu().numpy()
        masks, back = given[:-IMAGE_CHANNELS], output.reconstruction
        return cls(
            given[-IMAGE_CHANNELS:],
            sample["images"].cpu().numpy(),
            sample["target"].cpu().numpy(),
            labels_from_channels(masks > _THRESHOLD, MASK_CHANNELS) if len(masks) else None,
            torch.sigmoid(output.logits[0].float()).cpu().numpy(),
            None if back is None else back[0].float().cpu().numpy(),
            None if output.latent is None else output.latent.mean[0].float(),
        )

    @property
    def slice(self) -> int:
        """The axial slice with the most tumor."""
        return most_tumor(self.target)

    @property
    def brain(self) -> np.ndarray:
        """Which voxels of that slice are brain, (y, x)."""
        return (self.images[:, self.slice] != 0).any(0)

    @property
    def truth(self) -> np.ndarray:
        """The target as labels."""
        return labels_from_channels(self.target >= _THRESHOLD, _REGION_KEYS)

    @property
    def answer(self) -> np.ndarray:
        """The network's answer as labels."""
        return labels_from_channels(self.probabilities >= _THRESHOLD, _REGION_KEYS)

    def dice(self) -> str:
        """Say how well the whole answer fits the truth."""
        return "  ".join(f"{key} {score:.2f}" for key, score in region_dice(self.answer, self.truth).items())


def most_tumor(target: np.ndarray) -> int:
    """Return the axial slice of a target (3, z, y, x) with the most tumor, or the middle one where there is none."""
    areas = target[0].sum(axis=(1, 2))
    return int(areas.argmax()) if areas.any() else len(areas) // 2


def _draw_predictions(shown: Sequence[_Shown], window: Window, title: str, modalities: Sequence[str]) -> Figure:
    """Each sample's images, and the labels given (to stage 2), true and predicted on one of them."""
    rows: list[Row] = []
    over = list(modalities).index(_OVERLAY) if _OVERLAY in modalities else 0
    for number, each in enumerate(shown, start=1):
        z = each.slice
        pictures = window.show(each.seen[:, z], each.brain)
        maps = {"mask given": each.mask} if each.mask is not None else {}
        maps |= {"truth": each.truth, "prediction": each.answer}
        under = _DIMMED * pictures[over]
        tiles = [Tile(picture) for picture in pictures]
        tiles += [Tile(under, labels[z], each.dice() if name == "prediction" else "") for name, labels in maps.items()]
        rows.append(Row(f"sample {number}, slice {z}", tiles, () if rows else (*modalities, *maps)))
    note = "below a prediction: Dice of the whole sample at threshold 0.5"
    return draw_tiles(f"{title}: predictions", rows, note, legend=True)


def _draw_reconstructions(shown: Sequence[_Shown], window: Window, title: str, modalities: Sequence[str]) -> Figure:
    """Below each image its reconstruction and the difference, the samples side by side."""
    images, backs, differences, captions = [], [], [], []
    errors = []
    for number, each in enumerate(shown, start=1):
        assert each.back is not None
        z = each.slice
        back = each.back[:, z]
        images += [Tile(picture) for picture in window.show(each.images[:, z])]
        backs += [Tile(picture) for picture in window.show(back)]
        differences += [Tile(signed_colors(error / _FULL_COLOR)) for error in back - each.images[:, z]]
        captions += [f"{name}, sample {number}" for name in modalities]
        errors.append(f"sample {number} (slice {z}) {np.square(each.back - each.images).mean():.3f}")
    rows = [Row("image", images, captions), Row("reconstruction", backs), Row("difference", differences)]
    note = (
        f"difference: orange too bright, blue too dark, full color at {_FULL_COLOR:g} standard deviations;"
        f" mean square: {', '.join(errors)}"
    )
    return draw_tiles(f"{title}: reconstructions from the latent's mean", rows, note, group=len(modalities))


def signed_colors(values: np.ndarray) -> np.ndarray:
    """Return values (rows, columns), -1 to 1, as RGB (rows, columns, 3): blue below 0, black at 0, orange above."""
    values = np.clip(values, -1, 1)[..., None]
    return np.where(values < 0, -values * _LESS, values * _MORE)


class _Decoder:
    """Decodes latent numbers and keeps one slice: (latent,) -> (4, y, x)."""

    def __init__(self, vae: VaeBranch, z: int) -> None:
        self.vae, self.z = vae, z
        self.device = next(vae.parameters()).device

    def __call__(self, numbers: Tensor) -> np.ndarray:
        """Decode one point of the latent space."""
        return self.vae.decode(numbers[None].to(self.device))[0, :, self.z].float().cpu().numpy()


def _draw_prior(decoder: _Decoder, window: Window, title: str, modalities: Sequence[str]) -> Figure:
    """The decoded middle of the latent space, then decoded draws from N(0, 1), the same ones at every check."""
    size = decoder.vae.latent_size
    draws = torch.randn(DRAWS, size, generator=torch.Generator().manual_seed(0))
    slices = [decoder(torch.zeros(size)), *(decoder(draw) for draw in draws)]
    spread = np.std(slices[1:], axis=0).mean()
    note = (
        f"mean standard deviation between the draws: {spread:.3f} (0 where the decoder ignores the latent); {_NARROW}"
    )
    captions = ["at 0", *(f"draw {number}" for number in range(1, DRAWS + 1))]
    rows = _modality_rows([window.show(each) for each in slices], captions, modalities)
    return draw_tiles(f"{title}: draws from the prior N(0, 1), decoded, slice {decoder.z}", rows, note)


def _draw_interpolation(
    decoder: _Decoder,
    shown: Sequence[_Shown],
    window: Window,
    narrow: Window,
    title: str,
    modalities: Sequence[str],
) -> Figure:
    """Decoded points on the way from one sample's latent mean to the other's, between the two samples' images."""
    (first, last), z = shown, decoder.z
    assert first.mean is not None and last.mean is not None and first.back is not None and last.back is not None
    shares = np.linspace(0, 1, STEPS)
    between = [decoder(torch.lerp(first.mean, last.mean, float(share))) for share in shares[1:-1]]
    decoded = [first.back[:, z], *between, last.back[:, z]]
    columns = [window.show(first.images[:, z]), *map(narrow.show, decoded), window.show(last.images[:, z])]
    captions = ["sample 1", *(f"{100 * share:.0f} %" for share in shares), "sample 2"]
    rows = _modality_rows(columns, captions, modalities)
    return draw_tiles(f"{title}: from one case to the other through the latent space, slice {z}", rows, _NARROW)


def _modality_rows(
    columns: Sequence[list[np.ndarray]], captions: Sequence[str], modalities: Sequence[str]
) -> list[Row]:
    """Return a row for each modality of columns of slices (4, y, x)."""
    return [
        Row(name, [Tile(column[channel]) for column in columns], captions if channel == 0 else ())
        for channel, name in enumerate(modalities)
    ]
