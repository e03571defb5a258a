"""From trained weights to a package: thresholds chosen on validation cases, latent statistics, the card, the files."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean

import numpy as np
import torch

from ..core.labels import REGIONS, labels_from_channels
from ..core.settings import CascadeSettings
from ..evaluation.dice import region_dice
from ..evaluation.scoring import CaseScore, score_package
from ..images.cases import LabelledCase
from ..inference.cascade import Prediction, predict
from ..inference.engine import Engine
from ..inference.fields import Box, coarsen, cut, first_field
from ..models.manifest import LatentStatistics
from ..models.package import ModelPackage
from ..models.writing import write_package
from ..networks.nvnet import NvNet
from .card import CardFacts, write_card
from .cases import CachedCase

CANDIDATES = (0.3, 0.4, 0.5, 0.6, 0.7)
_GAIN = 0.005
"""A threshold other than 0.5 must gain this much mean Dice: with few cases less is chance."""

Report = Callable[[str], None]


@dataclass(frozen=True)
class Weights:
    """The trained networks of a cascade, in evaluation mode."""

    stage1: NvNet
    stage2: NvNet | None


def choose_thresholds(weights: Weights, settings: CascadeSettings, cases: Sequence[CachedCase]) -> tuple[float, ...]:
    """Return the threshold of each output channel with the best mean Dice over held-out cases."""
    engine = Engine("cpu")
    answers: list[tuple[Prediction, np.ndarray]] = []
    for case in cases:
        images = case.images().astype(np.float32)
        answers.append(
            (predict(weights.stage1, weights.stage2, settings, images, engine.run), np.asarray(case.labels()))
        )

    def score(thresholds: Sequence[float], region: str) -> float:
        bounds = np.asarray(thresholds, np.float32)[:, None, None, None]
        labels = [labels_from_channels(p.probabilities >= bounds, p.channels) for p, _ in answers]
        return mean(region_dice(mine, truth)[region] for mine, (_, truth) in zip(labels, answers, strict=True))

    chosen = [0.5] * len(settings.output_channels)
    # From the inside out: a label inside overwrites one outside, so the inner region's threshold decides first.
    for region in reversed(REGIONS):
        channel = settings.output_channels.index(region.key)
        results = {t: score([*chosen[:channel], t, *chosen[channel + 1 :]], region.key) for t in CANDIDATES}
        best = max(results, key=lambda t: results[t])
        if results[best] >= results[0.5] + _GAIN:
            chosen[channel] = best
    return tuple(chosen)


def gather_latent(stage1: NvNet, settings: CascadeSettings, cases: Sequence[CachedCase]) -> LatentStatistics | None:
    """Return mean and standard deviation of the latent's means over the training cases; None without a VAE branch."""
    if stage1.vae is None or settings.stage1.vae_crop is None:
        return None
    means = []
    with torch.inference_mode():
        for case in cases:
            box = first_field(case.labels().shape, settings.stage1)
            crop = tuple(n * settings.stage1.downsample for n in settings.stage1.vae_crop)
            start = [a + (n - c) // 2 for a, n, c in zip(box.start, box.size, crop, strict=True)]
            field = Box((start[0], start[1], start[2]), (crop[0], crop[1], crop[2]))
            x = torch.from_numpy(cut(case.images(), field).astype(np.float32))[None]
            features = stage1.encode(coarsen(x, settings.stage1.downsample))
            means.append(stage1.vae.encode(features[-1]).mean[0])
    table = torch.stack(means)
    return LatentStatistics(tuple(table.mean(0).tolist()), tuple(table.std(0).tolist()), len(cases))


def make_package(
    folder: Path,
    name: str,
    version: str,
    weights: Weights,
    settings: CascadeSettings,
    training: Sequence[CachedCase],
    validation: Sequence[CachedCase],
    measured_on: Mapping[str, Sequence[LabelledCase]],
    facts: dict[str, object],
    about: str,
    report: Report,
) -> ModelPackage:
    """Choose the thresholds, write the package, measure it as it ships (fp16), and write it again with its card.

    measured_on: title -> labelled cases. facts: what the card and the manifest say of the training.
    """
    if validation:
        settings = replace(settings, thresholds=choose_thresholds(weights, settings, validation))
        report(f"thresholds chosen on {len(validation)} cases: {settings.thresholds}")
    latent = gather_latent(weights.stage1, settings, training)
    facts = {**facts, "machine": describe_machine(), "torch": torch.__version__}

    def write(scores: dict[str, list[CaseScore]]) -> ModelPackage:
        card = write_card(CardFacts(name, version, settings, facts, about, [case.name for case in training], scores))
        plain = {title: [asdict(score) for score in part] for title, part in scores.items()}
        record = {**facts, "cases": [case.name for case in training], "dice": plain}
        return write_package(
            folder, name, version, settings, weights.stage1, weights.stage2, card,
            latent=latent, training=json.loads(json.dumps(record)), replace=folder.exists(),
        )  # fmt: skip

    package = write({})
    scores: dict[str, list[CaseScore]] = {}
    for title, cases in measured_on.items():
        scores[title] = score_package(package, cases, report=lambda score: report(f"{score.name}: {score.dice}"))
    return write(scores)


def describe_machine() -> str:
    """Return the processor and the threads, or the GPU, that this process computes on."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    cpu = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), cpu)
    except OSError:
        pass
    return f"{cpu}, {torch.get_num_threads()} threads"
