"""A latent space measured on cases: what it gives back, how smooth walks are, what its draws are taken for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ...core.verdict import Familiarity, Verdict
from ..calibration import Calibration
from .codes import Cloud, walk
from .familiarity import dressed, familiar_share, judge_images
from .measuring import GivenBack, Smoothness, given_back, mean_given_back, mean_smoothness, smoothness
from .space import Coded, LatentSpace

WALK_STEPS = 5
PRIOR, TRAINING, RECONSTRUCTED, UNTOUCHED = "prior", "training", "reconstructed", "untouched"
Told = Callable[[str], None]


@dataclass(frozen=True)
class LatentReport:
    """What was measured.

    given_back: by sequence, over all cases (see `measuring.GivenBack`). code_size: root mean square of the
    cases' codes, 1 where they lie as the prior says. code_spread: the mean standard deviation that the encoder gives a
    number, 1 where it tells nothing. walks: means over walks from each case to the next. familiar: share of draws from
    the prior and from the training codes' cloud, of cases given back and of cases as they are that the input check
    calls familiar; none without a calibration.
    """

    cases: tuple[str, ...]
    given_back: dict[str, GivenBack]
    code_size: float
    code_spread: float
    walks: Smoothness | None
    familiar: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, dict[str, int]] = field(default_factory=dict)


def evaluate(
    space: LatentSpace,
    cases: Sequence[Coded],
    calibration: Calibration | None = None,
    draws: int = 10,
    seed: int = 0,
    tell: Told = lambda _: None,
) -> LatentReport:
    """Measure a latent space on cases, at least one; tell is told what is done."""
    tell("give the cases back")
    codes = np.stack([case.mean for case in cases])
    images, average = space.decode(codes), space.decode(space.training.mean[None])[0]
    by_case = [given_back(case.seen, image, average) for case, image in zip(cases, images, strict=True)]
    by_sequence = {
        modality.value: mean_given_back([case[place] for case in by_case])
        for place, modality in enumerate(space.modalities)
    }
    verdicts = _judged(space, cases, images, calibration, draws, seed, tell) if calibration is not None else {}
    return LatentReport(
        tuple(case.name for case in cases),
        by_sequence,
        float(np.sqrt(np.mean(np.square(codes)))),
        float(np.mean([case.spread for case in cases])),
        _walked(space, codes, images, tell),
        {kind: familiar_share(each) for kind, each in verdicts.items()},
        {kind: _reasons(each) for kind, each in verdicts.items()},
    )


def _reasons(verdicts: Sequence[Verdict]) -> dict[str, int]:
    """Return in how many verdicts that do not say familiar each reason stands."""
    odd = [verdict for verdict in verdicts if verdict.familiarity is not Familiarity.FAMILIAR]
    counts = Counter(code for verdict in odd for code in {reason.code for reason in verdict.reasons})
    return dict(counts.most_common())


def _walked(space: LatentSpace, codes: np.ndarray, images: np.ndarray, tell: Told) -> Smoothness | None:
    """Walk from each case to the next and measure it; None where there is one case alone. images: of the codes."""
    walks = []
    for place in range(len(codes) - 1):
        tell(f"walk {place + 1} of {len(codes) - 1}")
        between = space.decode(walk(codes[place], codes[place + 1], WALK_STEPS)[1:-1])
        walks.append(smoothness(np.concatenate([images[place][None], between, images[place + 1][None]])))
    return mean_smoothness(walks) if walks else None


def _judged(
    space: LatentSpace, cases: Sequence[Coded], images: np.ndarray, calibration: Calibration, draws: int, seed: int,
    tell: Told,
) -> dict[str, list[Verdict]]:  # fmt: skip
    """Return the input check's verdicts on each kind of images; draws wear the cases' brains."""

    def drawn(cloud: Cloud) -> list[Verdict]:
        return [
            judge_images(space, dressed(space, space.decode(code[None])[0], cases[place % len(cases)]), calibration)
            for place, code in enumerate(cloud.draw(draws, seed))
        ]

    verdicts = {}
    for name, cloud in ((PRIOR, space.prior), (TRAINING, space.training)):
        tell(f"judge {draws} draws ({name})")
        verdicts[name] = drawn(cloud)
    tell("judge the cases")
    again = [dressed(space, image, case) for image, case in zip(images, cases, strict=True)]
    verdicts[RECONSTRUCTED] = [judge_images(space, each, calibration) for each in again]
    verdicts[UNTOUCHED] = [judge_images(space, case.prepared, calibration) for case in cases]
    return verdicts
