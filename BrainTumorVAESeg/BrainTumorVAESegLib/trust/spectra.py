"""What an image's frequencies tell of how it was taken, without a network: sharpness, noise, and lines that do not fit.

A scanner takes a slice line by line of the frequency space. Where the head moved in between, some lines differ from
their neighbors in energy, and in phase from the same lines of the study's other images, whose edges lie in the same
places. Both are looked at along each axis of the prepared grid, over the brain without its surface.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import SimpleITK as sitk

from ..core.threads import thread_pool

_BANDS = ((0.02, 0.05), (0.05, 0.1), (0.1, 0.17), (0.17, 0.26), (0.26, 0.37), (0.37, 0.5))
"""Of frequency, cycles a voxel."""
_LINES, _PHASES = (0.04, 0.45), (0.03, 0.25)
"""Where lines are held against their neighbors, and against the other images' (above, these have little in common)."""
_SURFACE, _RAMP = 1, 8
"""Voxels below the brain's surface that do not count, and over how many more they come to count fully."""
_MOST_SHIFT = 1.5
"""Voxels by which images that were not registered exactly may lie apart, which is no fault of a line."""
_LEAST = 1e-3
_JUMPS = 4
SPECTRAL_FEATURES = 2 * _JUMPS + 3 * (len(_BANDS) - 1) + len(_BANDS) + 4
_Spectrum = list[np.ndarray]
"""Of an image along z, y and x: complex lines (frequencies, lines) each."""


def spectral_features(images: np.ndarray, brain: np.ndarray) -> np.ndarray:
    """Return what the frequencies of a study's images tell, (n, `SPECTRAL_FEATURES`); see `features_of_spectra`.

    images: (n, z, y, x), z-scored over the brain (z, y, x), voxels of 1 mm.
    """
    weight = inner_weight(brain)
    with thread_pool(len(images)) as pool:
        return features_of_spectra(list(pool.map(lambda image: spectrum(image, weight), images)))


def inner_weight(brain: np.ndarray) -> np.ndarray:
    """Return how much each voxel counts, 0 to 1, rising from the brain's surface inwards; sides made even."""
    halves = [n // 2 for n in brain.shape]
    whole = brain[tuple(slice(0, 2 * n) for n in halves)]
    blocks = whole.reshape(halves[0], 2, halves[1], 2, halves[2], 2).all(axis=(1, 3, 5))
    mask = sitk.GetImageFromArray(np.pad(blocks, 1).astype(np.uint8))
    distance = sitk.SignedMaurerDistanceMap(mask, insideIsPositive=True, squaredDistance=False, useImageSpacing=False)
    depth = 2 * sitk.GetArrayFromImage(distance)[1:-1, 1:-1, 1:-1]
    ramp = np.clip((depth - _SURFACE) / _RAMP, 0, 1)
    smooth = (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)
    return smooth.repeat(2, 0).repeat(2, 1).repeat(2, 2)


def spectrum(image: np.ndarray, weight: np.ndarray) -> _Spectrum:
    """Return the Fourier transforms of an image's lines along each axis, every second one along each other axis."""
    values = image[tuple(slice(0, n) for n in weight.shape)]
    mean = float((values * weight).sum() / max(float(weight.sum()), _LEAST))
    values = ((values - mean) * weight).astype(np.float32)
    lines = []
    for axis in range(3):
        thinned = values[tuple(slice(None) if other == axis else slice(None, None, 2) for other in range(3))]
        turned = np.moveaxis(np.fft.rfft(thinned, axis=axis), axis, 0)
        lines.append(turned.reshape(len(turned), -1).astype(np.complex64))
    return lines


def features_of_spectra(spectra: Sequence[_Spectrum]) -> np.ndarray:
    """Return the features (n, `SPECTRAL_FEATURES`) of a study's images, from `spectrum` of each.

    Of each image: jumps between neighboring lines, in the axial plane (along the axis that has more) and along z; by
    how much the energy falls from band to band, in the plane and along z; how it differs between the plane's axes, and
    between z and the plane; and how far lines' phases are from those of the other images.
    """
    apart = _phases_apart(spectra)
    return np.stack([np.concatenate([_of_one(each), row]) for each, row in zip(spectra, apart, strict=True)])


def _of_one(lines: _Spectrum) -> np.ndarray:
    energies = [np.log(np.mean(np.abs(each) ** 2, axis=1) + 1e-6) for each in lines]
    along_z, along_y, along_x = (_by_band(each) for each in energies)
    jumps = [_jumps(each) for each in energies]
    plane = (along_y + along_x) / 2
    parts = [np.maximum(jumps[1], jumps[2]), jumps[0], np.diff(plane), np.diff(along_z)]
    return np.concatenate([*parts, np.abs(along_y - along_x)[1:], along_z - plane])


def _by_band(energy: np.ndarray) -> np.ndarray:
    frequency = _frequencies(len(energy))
    means = []
    for low, high in _BANDS:
        here = energy[(frequency >= low) & (frequency <= high)]
        means.append(float(here.mean()) if here.size else 0.0)
    return np.array(means)


def _jumps(energy: np.ndarray) -> np.ndarray:
    """Return logarithms of how unevenly the energy falls from line to line: by SD, largest rise and curvature."""
    here = _within(len(energy), _LINES)
    if here.sum() < 8:
        return np.zeros(_JUMPS)
    fine = (_smoothed(energy, 3) - _smoothed(_smoothed(energy, 25), 3))[here]
    broad = (_smoothed(energy, 5) - _smoothed(energy, 31))[here]
    bend = np.abs(np.diff(_smoothed(energy, 5), n=2)).mean()
    return np.log(np.maximum([fine.std(), broad.std(), broad.max(), bend], _LEAST))


def _phases_apart(spectra: Sequence[_Spectrum]) -> np.ndarray:
    """Return for each image logarithms of how far its lines' phases are from the others': of the nearest, and the mean.

    Of the mean distance and of how it changes from line to line, along that axis of the plane that has more; (n, 4).
    0 of an image that is alone.
    """
    count = len(spectra)
    if count < 2:
        return np.zeros((count, 4))
    apart = np.zeros((count, count, 2))
    for first in range(count):
        for second in range(first):
            both = [_phase_apart(spectra[first][axis], spectra[second][axis]) for axis in (1, 2)]
            apart[first, second] = apart[second, first] = np.max(both, axis=0)
    others = apart[~np.eye(count, dtype=bool)].reshape(count, count - 1, 2)
    return np.log(np.concatenate([others.min(axis=1), others.mean(axis=1)], axis=1) + _LEAST)


def _phase_apart(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Return by how much two images' lines differ in phase, modulo half a turn: contrast may be reversed; rad."""
    product = first * np.conj(second)
    size = np.abs(product) + 1e-9
    # The square of a phase is the same for reversed contrast; weighed by size once, not twice.
    mean = (product * product / size).sum(axis=1) / size.sum(axis=1)
    frequency, here = _frequencies(len(mean)), _within(len(mean), _PHASES)
    shifts = np.linspace(-_MOST_SHIFT, _MOST_SHIFT, 31)
    back = np.exp(-4j * np.pi * frequency[None] * shifts[:, None])
    shift = int(np.argmax((mean * back).real[:, here].sum(axis=1)))
    angle = np.angle(_smoothed(mean * back[shift], 5)[here])
    if angle.size < 2:
        return 0.0, 0.0
    return float(np.abs(angle).mean()), float(np.abs(np.diff(angle)).mean())


def _frequencies(count: int) -> np.ndarray:
    return np.arange(count) / (2 * max(count - 1, 1))


def _within(count: int, band: tuple[float, float]) -> np.ndarray:
    frequency = _frequencies(count)
    return (frequency > band[0]) & (frequency < band[1])


def _smoothed(values: np.ndarray, count: int) -> np.ndarray:
    """Return means over so many neighbors, the ends repeated."""
    return np.convolve(np.pad(values, count // 2, mode="edge"), np.ones(count) / count, "valid")
