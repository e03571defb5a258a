"""What a package brings to judge a study by, `configs/trust.json`: optional, JSON alone, listed in the manifest."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..core.errors import PackageError
from ..core.wire import WireError, from_wire, to_wire
from ..models.extras import extra_json, read_extra
from ..models.package import ModelPackage
from ..models.shading import read_shading
from ..preparation.shading import SHADING, ShadingModel
from .artifacts import KINDS as ARTIFACTS
from .artifacts import ArtifactModel
from .sequences import SequenceModel
from .temperature import Correction

TRUST = "configs/trust.json"
FORMAT = 3
NOT_CALIBRATED = (
    "This package brings nothing to judge the images by; calibrate it with: braintumorvaeseg models calibrate."
)
_LEAST_SCALE = 0.03
"""Of a measure's typical size: a smaller spread of a few cases is luck."""
_LEAST_SPREADS = {"cut": 0.06, "missing": 0.006, "uneven": 0.03, "cavity": 1.0}
"""Of what is nearly the same in most cases, by kind."""
SCANNER = (SHADING, *ARTIFACTS)
"""Kinds of measure that tell of the scanner."""
POOLED = (*ARTIFACTS, "cut", "missing")
"""Kinds whose measures are on one scale for all images or faces: each is held against the cases' largest."""
_UPPER_ONLY = (*SCANNER, "cut", "missing", "residual", "latent", "uneven", "cavity")
"""Measures of which less than usual is no fault."""


@dataclass(frozen=True)
class Calibration:
    """How untouched cases look, and how far their volumes were off.

    cases: how many were looked at. measures: by name the values of all cases, rising; of a kind that is pooled the
    largest of each case, by the kind's name. unusual, unlike: scores (see
    `scores`) from which on a study is that. scales: by kind of measure the oddity from which on it alarms; see
    `calibrating.fit_scales`.
    sequences: tells the sequences apart. artifacts, shading: tell scanners' artifacts, whose scores are among the
    measures. intervals: by region the thresholds whose volumes are the interval's ends, see `intervals`. corrections:
    of each channel's probabilities, which are in the package's settings already; see `temperature`.
    """

    cases: int
    measures: Mapping[str, tuple[float, ...]]
    unusual: float
    unlike: float
    sequences: SequenceModel | None = None
    artifacts: ArtifactModel | None = None
    shading: ShadingModel | None = None
    scales: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    corrections: tuple[Correction, ...] = ()
    format: int = FORMAT

    def score(self, measure: str, value: float) -> float:
        """Return the oddity of a value over its kind's scale, so that each kind alarms as often as another."""
        return self.oddity(measure, value) / self.scales.get(kind_of(measure), 1.0)

    def scores(self, measures: Mapping[str, float]) -> dict[str, float]:
        """Return the scores of a study's measures."""
        return {key: self.score(key, value) for key, value in measures.items()}

    def values(self, measure: str) -> tuple[float, ...]:
        """Return what the cases have of a measure, rising; none of one that is not known."""
        return self.measures.get(measure) or self.measures.get(kind_of(measure), ())

    def oddity(self, measure: str, value: float) -> float:
        """Return how far a value lies beyond the cases' median, in spreads of the cases on that side.

        0 for a measure that is not known. The spread is an SD as the 84th or the 97.5th percentile tell it (below the
        median the 16th or the 2.5th), the larger of both.
        """
        values = self.values(measure)
        if not values:
            return 0.0
        farthest, low, middle, high, highest = (float(v) for v in np.percentile(values, (2.5, 16, 50, 84, 97.5)))
        # Two SD of a Gaussian lie between the median and the last: of a measure with long tails the spread is theirs.
        sides = (high - middle, (highest - middle) / 2) if value > middle else (middle - low, (middle - farthest) / 2)
        spread = max(sides)
        least = _LEAST_SPREADS.get(kind_of(measure), _LEAST_SCALE * max(abs(middle), abs(high), abs(low)))
        spread = max(spread, least, 1e-3)
        if value <= middle and measure.startswith(_UPPER_ONLY):
            return 0.0
        return abs(value - middle) / spread

    def percentile(self, measure: str, value: float) -> float:
        """Return the share in % of the cases whose measure is less."""
        values = self.values(measure)
        return 100.0 * bisect.bisect_left(values, value) / len(values)


def kind_of(measure: str) -> str:
    """Return what kind a measure is of: its name without the sequence or the face that it concerns."""
    return measure.partition("-")[0]


def by_kind(values: Mapping[str, float]) -> dict[str, float]:
    """Return by kind the largest of the measures' values."""
    kinds: dict[str, float] = {}
    for key, value in values.items():
        kinds[kind_of(key)] = max(kinds.get(kind_of(key), 0.0), value)
    return kinds


def overall(scores: Mapping[str, float]) -> float:
    """Return one number to rank studies by how unusual they are, from `Calibration.scores`.

    That of the scanner's kinds, or of another kind that alarms. Below its alarm another kind says nothing: of so many
    measures one is always somewhat odd.
    """
    scanner = max((score for key, score in scores.items() if kind_of(key) in SCANNER), default=0.0)
    other = max((score for key, score in scores.items() if kind_of(key) not in SCANNER), default=0.0)
    return max(scanner, other if other >= 1 else 0.0)


def read_calibration(package: ModelPackage) -> Calibration | None:
    """Return a package's calibration, None where it has none. Raises PackageError where a file of it is damaged."""
    values = read_extra(package, TRUST)
    if values is None or values.get("format") != FORMAT:
        return None
    try:
        calibration: Calibration = from_wire(Calibration, values, TRUST)
    except (ValueError, WireError) as error:
        raise PackageError(f"{package.name}: {TRUST} cannot be read ({error}); install the package again.") from error
    return replace(calibration, shading=read_shading(package))


def calibration_json(calibration: Calibration) -> bytes:
    """Return the text of `configs/trust.json`; the model of shading has a file of its own."""
    return extra_json(to_wire(replace(calibration, shading=None)))
