"""Shading (a bias field) of a study's images: how much, of which, and where they are bright by it.

A field multiplies an image slowly from one end to the other. Within a tissue the logarithm's slope is then the field's
own, and at tissues' borders slopes of both signs come together: the field is the polynomial of second order whose
gradient most slopes follow, by weights that leave the others out (Geman and McClure 1987). Anatomy bends it as well,
and does so in all images of a study together, while a coil shades each by itself: what is usual, and how the four go
along with each other, untouched cases tell. What is left is set against the fields to be expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from ..core.boxes import Box, bounding_box
from ..core.modalities import MODALITIES, Modality

_ORDER = 2
_EXPONENTS = [each for each in product(range(_ORDER + 1), repeat=3) if 0 < sum(each) <= _ORDER]
TERMS = len(_EXPONENTS)
"""Coefficients of a field: those of the powers of (z, y, x) over the brain's box, -1 to 1, up to the second order."""
SHADING = "shading"
_STEP = 2
_FLOOR = 0.3
"""In SD: the darkest of the brain lies as much above 0. A z-scored image does not tell; water is nearly black."""
_DARKEST, _BRIGHTEST = 10, 97
_MOST_SLOPES = 30_000
_ROUNDS = 6
_SCALE = 0.7
_SHRINKAGE = 0.2
_STRENGTHS = (0.15, 0.4)
_DRAWS = 500
_ENDS = (2.5, 97.5)
_FACES = (("bottom", "top"), ("front", "back"), ("right", "left"))
_OFF_CENTER = 0.4


@dataclass(frozen=True)
class ShadingModel:
    """How untouched images' fields lie, flat in C order: mean (4 * `TERMS`,) and covariance, of that squared."""

    mean: tuple[float, ...]
    covariance: tuple[float, ...]

    def __post_init__(self) -> None:
        size = len(MODALITIES) * TERMS
        if (len(self.mean), len(self.covariance)) != (size, size**2):
            raise ValueError("the model of shading is of another version's fields")


@dataclass(frozen=True)
class Shade:
    """The shading of an image: how many times as bright it is at one place as at the other, and these in words."""

    ratio: float
    bright: str
    dark: str


def field_terms(image: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return the coefficients (`TERMS`,) of the logarithm of an image's field (z, y, x); 0 where there is no contrast.

    image: z-scored, on a grid of 2 mm. inside: the brain.
    """
    box = bounding_box(inside)
    values = image[inside]
    if box is None or values.min() == values.max():
        return np.zeros(TERMS)
    log = np.log(np.maximum(image[box] - values.min() + _FLOOR, _FLOOR / 2))
    low, high = np.percentile(log[inside[box]], (_DARKEST, _BRIGHTEST))
    terms, slopes = _slopes(log, inside[box] & (log > low) & (log < high))
    return _robust_fit(terms, slopes) if len(slopes) > 4 * TERMS else np.zeros(TERMS)


def fit_shading(cases: Sequence[np.ndarray]) -> ShadingModel:
    """Return what is usual, from the fields (4, `TERMS`) of untouched cases in the project's order, two at least."""
    rows = np.stack([np.ravel(case) for case in cases])
    covariance = np.cov(rows.T)
    covariance = (1 - _SHRINKAGE) * covariance + _SHRINKAGE * np.diag(np.diag(covariance))
    covariance += 1e-6 * np.eye(len(covariance))
    return ShadingModel(tuple(np.median(rows, axis=0).tolist()), tuple(covariance.ravel().tolist()))


def score_shading(model: ShadingModel, terms: np.ndarray, modalities: Sequence[Modality]) -> dict[str, float]:
    """Return the measures of the fields (n, `TERMS`) of a study's images.

    shading: the root of twice the logarithm of how much likelier a coil's field on one of the images, the one that this
    holds most of, makes all of them than anatomy alone. shading-all: the same of a field on each of them.
    """
    center, usual, coils = _known(model, modalities)
    off = np.ravel(terms) - center
    by_anatomy = off @ np.linalg.solve(usual, off)
    gains = [0.0]
    for place in range(len(modalities)):
        own = slice(place * TERMS, (place + 1) * TERMS)
        shaded = usual.copy()
        shaded[own, own] += coils[own, own]
        gains.append(by_anatomy - off @ np.linalg.solve(shaded, off))
    on_all = by_anatomy - off @ np.linalg.solve(usual + coils, off)
    return {SHADING: float(np.sqrt(max(gains))), f"{SHADING}-all": float(np.sqrt(max(on_all, 0.0)))}


def likeliest_fields(model: ShadingModel, terms: np.ndarray, modalities: Sequence[Modality]) -> np.ndarray:
    """Return the coefficients (n, `TERMS`) of the part of the images' fields that is likeliest a coil's."""
    center, usual, coils = _known(model, modalities)
    return np.asarray(coils @ np.linalg.solve(usual + coils, np.ravel(terms) - center)).reshape(-1, TERMS)


def random_polynomial(shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Return a random polynomial of second order over a box (z, y, x), each of its axes from -1 to 1."""
    weights = random.normal(size=(_ORDER + 1,) * 3)
    weights[np.indices(weights.shape).sum(axis=0) > _ORDER] = 0
    z, y, x = (np.linspace(-1, 1, n) for n in shape)
    return np.asarray(np.polynomial.polynomial.polygrid3d(z, y, x, weights))


def random_field(shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Return a random polynomial of second order over a box (z, y, x), from -1 to 1."""
    field = random_polynomial(shape, random)
    return np.asarray(2 * (field - field.min()) / max(float(np.ptp(field)), 1e-6) - 1)


def divided(image: np.ndarray, brain: np.ndarray, box: Box, field: np.ndarray) -> np.ndarray:
    """Return an image (z, y, x; z-scored), made positive, over a field of coefficients (`TERMS`,), 0 outside the brain.

    box: the brain's.
    """
    values: np.ndarray = np.where(brain, image - image[brain].min() + _FLOOR, 0).astype(np.float32)
    z, y, x = (np.linspace(-1, 1, side.stop - side.start, dtype=np.float32) for side in box)
    coefficients = np.zeros((_ORDER + 1,) * 3, np.float32)
    for exponents, value in zip(_EXPONENTS, field, strict=True):
        coefficients[exponents] = value
    values[box] /= np.exp(np.polynomial.polynomial.polygrid3d(z, y, x, coefficients))
    return values


def locate_shade(field: np.ndarray) -> Shade:
    """Say of a field's coefficients (`TERMS`,) how strong it is and where in the brain its ends are."""
    values = _grid_terms() @ field
    low, high = np.percentile(values, _ENDS)
    places = _grid()
    return Shade(float(np.exp(high - low)), _place(places[values.argmax()]), _place(places[values.argmin()]))


def _place(unit: np.ndarray) -> str:
    named = [faces[int(value > 0)] for value, faces in zip(unit, _FACES, strict=True) if abs(value) > _OFF_CENTER]
    return " ".join(named) or "middle"


def _slopes(log: np.ndarray, use: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for pairs of voxels the gradients of the terms (n, `TERMS`) and the slopes of the logarithm (n,)."""
    half = np.maximum((np.array(log.shape) - 1) / 2, 0.5)
    every = max(3 * int(use.sum()) // _MOST_SLOPES, 1)
    terms, slopes = [], []
    for axis in range(3):
        here = tuple(slice(None, -_STEP) if other == axis else slice(None) for other in range(3))
        there = tuple(slice(_STEP, None) if other == axis else slice(None) for other in range(3))
        places = np.argwhere(use[here] & use[there])[::every]
        beside = places + _STEP * (np.arange(3) == axis)
        slopes.append((log[tuple(beside.T)] - log[tuple(places.T)]) / _STEP)
        terms.append(_gradients((places + beside) / 2 / half - 1, axis) / half[axis])
    return np.concatenate(terms), np.concatenate(slopes).astype(np.float64)


def _robust_fit(terms: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Return the coefficients by iteratively reweighted least squares."""
    weights = np.ones(len(slopes))
    ridge = 1e-9 * len(slopes) * np.eye(terms.shape[1])
    found = np.zeros(terms.shape[1])
    for _ in range(_ROUNDS):
        weighted = terms * weights[:, None]
        found = np.linalg.solve(weighted.T @ terms + ridge, weighted.T @ slopes)
        off = np.abs(slopes - terms @ found)
        weights = (1 + (off / (_SCALE * 1.4826 * np.median(off) + 1e-6)) ** 2) ** -2
    return found


def _powers(unit: np.ndarray) -> np.ndarray:
    """Return the terms (n, `TERMS`) of places (n, 3)."""
    return np.stack([np.prod(unit**exponents, axis=1) for exponents in np.array(_EXPONENTS)], axis=1)


def _gradients(unit: np.ndarray, axis: int) -> np.ndarray:
    """Return the terms' derivatives (n, `TERMS`) along an axis."""
    columns = []
    for exponents in np.array(_EXPONENTS):
        lower = exponents - (np.arange(3) == axis)
        power = exponents[axis]
        columns.append(power * np.prod(unit ** np.maximum(lower, 0), axis=1))
    return np.stack(columns, axis=1)


@cache
def _grid() -> np.ndarray:
    """Return places (n, 3) over the ball that the brain's box holds, -1 to 1."""
    axis = np.linspace(-1, 1, 15)
    places = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    return places[(places**2).sum(axis=1) < 1]


@cache
def _grid_terms() -> np.ndarray:
    return _powers(_grid())


@cache
def _coil_covariance() -> np.ndarray:
    """Return the covariance (`TERMS`, `TERMS`) of the fields to be expected, those of `corrupting.shade`."""
    random = np.random.default_rng(0)
    index = tuple(np.round((_grid() + 1) * 7).astype(int).T)
    solve = np.linalg.pinv(np.concatenate([np.ones((len(_grid()), 1)), _grid_terms()], axis=1))
    drawn = [
        solve @ np.log(1 + random.uniform(*_STRENGTHS) * random_field((15, 15, 15), random)[index])
        for _ in range(_DRAWS)
    ]
    return np.cov(np.array(drawn)[:, 1:].T)


def _known(model: ShadingModel, modalities: Sequence[Modality]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return of these images the usual fields' mean and covariance, and the covariance of coils' fields."""
    size = len(MODALITIES) * TERMS
    keep = np.concatenate([MODALITIES.index(m) * TERMS + np.arange(TERMS) for m in modalities])
    covariance = np.reshape(model.covariance, (size, size))[np.ix_(keep, keep)]
    return np.array(model.mean)[keep], covariance, np.kron(np.eye(len(modalities)), _coil_covariance())
