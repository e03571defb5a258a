"""How the phantom's tissues look in each modality, and what a scanner adds: blur, bias field and noise."""

from __future__ import annotations

import numpy as np

from ..core.modalities import Modality
from .anatomy import Anatomy
from .fields import Frame

SCALES: dict[Modality, tuple[float, float]] = {
    Modality.T1: (900.0, 190.0),
    Modality.T1CE: (1300.0, 280.0),
    Modality.T2: (700.0, 270.0),
    Modality.FLAIR: (560.0, 170.0),
}
"""Raw intensity of the brain's mean and of one standard deviation; every scanner has its own."""

BRIGHTNESS: dict[str, tuple[float, float, float, float]] = {
    "CSF": (-2.8, -1.9, 3.9, -2.2),
    "GM": (-0.45, -0.25, 0.0, 0.25),
    "WM": (0.95, 0.3, -0.75, -0.3),
    "NUCLEI": (0.15, 0.0, -0.45, 0.0),
    "PALLIDUM": (0.55, 0.15, -1.0, -0.35),
    "STEM": (0.4, 0.0, -0.55, -0.1),
    "VESSEL": (-0.9, 4.5, -0.4, -0.7),
    "CHOROID": (-1.0, 2.6, 1.8, -0.3),
    "ED": (-0.25, -0.55, 2.2, 1.8),
    "ET": (-0.1, 2.3, 1.8, 1.35),
    "NCR": (-1.0, -0.9, 3.2, 1.1),
}
"""Tissue -> T1, T1ce, T2, FLAIR in standard deviations of the whole brain, as in z-scored public glioma studies."""

_TEXTURE: dict[str, float] = {"ED": 0.2, "ET": 0.35, "NCR": 0.3, "CSF": 0.1, "WM": 0.1, "GM": 0.1}


def render(
    frame: Frame, rng: np.random.Generator, anatomy: Anatomy, noise: float, bias: float
) -> dict[Modality, np.ndarray]:
    """Return the four images (int16, z, y, x) of the frame, zero outside the brain and at least one inside.

    noise: spread of the Gaussian noise in each of the two channels, in standard deviations of the brain. bias: largest
    gain or loss of the coil's smooth sensitivity.
    """
    grain = {name: _grain(frame, rng) for name in ("fine", "tumor")}
    grain["tumor"] = np.float32(0.35) * grain["tumor"] + np.float32(0.8) * frame.noise(rng, 11.0)
    images = {}
    for index, modality in enumerate(Modality):
        image = np.full(frame.shape, BRIGHTNESS["CSF"][index], np.float32)
        for tissue, share in anatomy.layers:
            value = np.float32(BRIGHTNESS[tissue][index])
            texture = grain["tumor" if tissue in ("ED", "ET", "NCR") else "fine"]
            image += share * (value + np.float32(_TEXTURE.get(tissue, 0.08)) * texture - image)
        images[modality] = _scan(frame, rng, image, anatomy.mask, SCALES[modality], noise, bias)
    return images


def _grain(frame: Frame, rng: np.random.Generator) -> np.ndarray:
    """Texture within tissues: small and larger mottles together."""
    return np.float32(0.7) * frame.noise(rng, 5.0) + np.float32(0.7) * frame.noise(rng, 14.0)


def _scan(
    frame: Frame, rng: np.random.Generator, image: np.ndarray, mask: np.ndarray, scale: tuple[float, float],
    noise: float, bias: float,
) -> np.ndarray:  # fmt: skip
    """Blur, add the bias field and Rician noise, and bring to raw units."""
    mean, spread = scale
    raw = _blur(image) * np.float32(spread) + np.float32(mean)
    field = frame.noise(rng, 110.0)
    raw *= 1 + np.float32(bias) * field / max(float(np.abs(field).max()), 1e-6)
    sigma = np.float32(noise * spread)
    first = _blur(rng.standard_normal(raw.shape, dtype=np.float32)) * sigma * 2
    second = rng.standard_normal(raw.shape, dtype=np.float32) * sigma
    raw = np.hypot(raw + first, second)
    return np.where(mask, np.clip(np.rint(raw), 1, np.iinfo(np.int16).max), 0).astype(np.int16)


def _blur(image: np.ndarray) -> np.ndarray:
    """Smooth over three voxels along each axis, as partial volume and resampling do."""
    for axis in range(3):
        padded = np.concatenate([image.take([0], axis), image, image.take([-1], axis)], axis)
        n = image.shape[axis]
        low, high = (np.take(padded, np.arange(k, n + k), axis) for k in (0, 2))
        image = np.float32(0.66) * image + np.float32(0.17) * (low + high)
    return image
