"""What in an image is brain and what is not: the one place that decides it, for checks and preparing alike.

Skull-stripped images are 0 outside the brain. Others are met as well: a constant (the least value, or what a z-score
made of 0), noise around 0 left by resampling, NaN. It is recognized by the array's twelve edges, where no brain lies.
Exported modules repeat the rule (`exchange.scripted_background`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..core.boxes import bounding_box
from ..core.volume import Volume, is_finite
from .sampling import sample_coarsely

FEWEST_VALUES = 8
"""An image has more values beside the background; a label map or a mask has not."""
LARGE_SHARE = 0.2
"""Of what is not 0: a brain holds no value, and no values next to 0, as often as this."""
ENOUGH = 1500
"""Values that tell how often one is met."""
NOISE = 0.002
"""Most that a background varies, as a share of the image's range; air around a head that was not stripped has more."""


@dataclass(frozen=True)
class Background:
    """The values outside the brain: those within tolerance of value, and 0 too where padded.

    value is NaN where the outside is not finite. A voxel in the brain that is not finite counts as outside as well.
    """

    value: float = 0.0
    tolerance: float = 0.0
    padded: bool = False

    @property
    def is_zero(self) -> bool:
        """Whether outside the brain all is 0, as it should be."""
        return self == Background()

    def remove(self, array: np.ndarray) -> np.ndarray:
        """Return the array (any shape) with 0 outside the brain and only there; itself where it is so already.

        Values are counted from the background's, so that those of the brain do not become 0.
        """
        shifts = bool(self.value) and not math.isnan(self.value)
        result = array
        if shifts:
            exact = array.dtype.itemsize <= 2 or array.dtype == np.float32
            result = array.astype(np.float32 if exact else np.float64)
            result -= result.dtype.type(self.value)
        if not is_finite(result):
            result = np.nan_to_num(result, nan=0.0, posinf=0.0, neginf=0.0)
        if self.tolerance:
            result = np.where(np.abs(result) <= self.tolerance, result.dtype.type(0), result)
        if self.padded:
            result = np.where(array == 0, result.dtype.type(0), result)
        return result

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "NaN"
        name = f"{self.value:.4g}"
        if self.tolerance:
            name = f"noise of up to {self.tolerance:.2g}" + (f" around {name}" if self.value else "")
        return f"0 and {name}" if self.padded else name


def find_background(volume: Volume) -> Background:
    """Recognize a volume's background by points some millimeters apart; 0 where nothing else is clear."""
    return background_of(sample_coarsely(volume)[0])


def background_of(values: np.ndarray) -> Background:
    """Recognize the background of values (z, y, x) that stand for an image."""
    edges = _edges(values)
    finite = edges[np.isfinite(edges)]
    if 2 * len(finite) < len(edges):
        return Background(math.nan)
    if 2 * np.count_nonzero(finite) < len(finite):
        return _beside_zero(values)
    common, counts = np.unique(finite, return_counts=True)
    if 2 * counts.max() > len(finite):
        return Background(float(common[counts.argmax()]))
    return _noise_at(finite, values) or _constant_of(values) or Background()


def is_varied(values: np.ndarray) -> bool:
    """Say whether an image's values beside the background (one after another) are more than a label map's."""
    few = values[:: max(1, len(values) // 500)]
    return len(np.unique(few)) > FEWEST_VALUES or len(np.unique(values)) > FEWEST_VALUES


def _edges(values: np.ndarray) -> np.ndarray:
    """Return the values at the twelve edges of an array, one after another."""
    ends = slice(None, None, max(1, values.shape[0] - 1)), slice(None, None, max(1, values.shape[1] - 1))
    last = slice(None, None, max(1, values.shape[2] - 1))
    return np.concatenate(
        [values[ends[0], ends[1], :].ravel(), values[ends[0], :, last].ravel(), values[:, ends[1], last].ravel()]
    )


def _beside_zero(values: np.ndarray) -> Background:
    """Look for a background beside 0 at the edges: noise, or a constant below it that 0 was put around."""
    inside = values[values != 0]
    few = inside[:: max(1, len(inside) // ENOUGH)].astype(np.float64)
    few = few[np.isfinite(few)]
    if not len(few):
        return Background()
    least = few.min()
    constant = least < 0 and (few == least).mean() > LARGE_SHARE
    sizes = np.abs(few)
    large = np.partition(sizes, -1 - len(sizes) // 100)[-1 - len(sizes) // 100]
    tiny = sizes[sizes <= NOISE * large]
    if (not constant and len(tiny) <= LARGE_SHARE * len(few)) or not is_varied(inside):
        return Background()
    if constant:
        return Background(float(least), padded=True) if _surrounds(values, least) else Background()
    return Background(0.0, 2 * float(tiny.max()))


def _surrounds(values: np.ndarray, constant: float) -> bool:
    """Say whether a constant lies around all other values that are not 0, as no part of a brain does."""
    outer, inner = bounding_box(values == constant), bounding_box((values != constant) & (values != 0))
    if outer is None or inner is None:
        return False
    sides = [(o.start < i.start, o.stop > i.stop) for o, i in zip(outer, inner, strict=True)]
    return sum(sum(side) for side in sides) >= 4


def _noise_at(edges: np.ndarray, values: np.ndarray) -> Background | None:
    """Return the background where the edges' values vary by next to nothing against the image's."""
    numbers = edges.astype(np.float64)
    middle = float(np.median(numbers))
    spread = float(np.abs(numbers - middle).max())
    low, high = np.nanquantile(values[np.isfinite(values)].astype(np.float64), (0.01, 0.99))
    if spread > NOISE * (high - low):
        return None
    if abs(middle) <= 2 * spread:
        return Background(0.0, 2 * (spread + abs(middle)))
    return Background(middle, 2 * spread)


def _constant_of(values: np.ndarray) -> Background | None:
    """Return the background where a large share of the image has its least value and nothing is 0."""
    finite = values[np.isfinite(values)]
    least = finite.min()
    if (finite == 0).any() or (finite == least).mean() <= LARGE_SHARE or not is_varied(finite):
        return None
    return Background(float(least))
