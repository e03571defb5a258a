"""A package's input check and intervals, loaded once and used for one study after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..core.verdict import Verdict
from ..inference.segmenting import Result
from ..models.package import ModelPackage
from .calibration import Calibration, read_calibration
from .intervals import volume_intervals
from .judging import judge
from .reconstructing import Reconstructor


@dataclass(frozen=True)
class Trust:
    """How far a result is to be trusted.

    verdict: of the input check, None where the package was not calibrated. intervals_ml: by region, empty likewise.
    """

    verdict: Verdict | None = None
    intervals_ml: Mapping[str, tuple[float, float]] = field(default_factory=dict)


class TrustChecker:
    """Judges results of one package that were made with `Options(keep_evidence=True)`."""

    def __init__(self, package: ModelPackage) -> None:
        self.calibration: Calibration | None = read_calibration(package)
        usable = self.calibration is not None and package.has_vae
        self.reconstructor = Reconstructor(package) if usable else None

    def check(self, result: Result) -> Trust:
        """Judge the study and give the intervals of the volumes; both empty where the package was not calibrated."""
        if self.calibration is None:
            return Trust()
        intervals = volume_intervals(result, self.calibration.intervals)
        return Trust(judge(result, self.calibration, self.reconstructor), intervals)


def check_trust(result: Result) -> Trust:
    """Return how far a result is to be trusted that was made with `Options(keep_evidence=True)`.

    `check_trust(result).verdict` is the input check's answer with its reasons in words, `.intervals_ml["WT"]` the ml
    between which the whole tumor's volume probably lies.
    """
    return TrustChecker(result.package).check(result)
