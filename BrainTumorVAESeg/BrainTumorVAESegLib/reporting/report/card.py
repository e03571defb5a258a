"""The model package's card in brief, as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import fmean
from typing import Any

from ...core.labels import REGIONS
from ...core.settings import StageSettings
from ...core.text import shorten
from ...core.wire import is_finite_number
from ...models.package import ModelPackage
from .language import Translator
from .plain import as_mapping, as_sequence

Row = tuple[str, str]
_ARCHITECTURES = {
    "nvnet": "VAE-regularized U-Net",
    "attention_add": "VAE-regularized U-Net with attention gates",
    "segresnet": "SegResNet",
}


def card_rows(package: ModelPackage | None, summary: Mapping[str, Any], say: Translator) -> list[Row]:
    """Return (what, text) on a package: what it is, made for, made of, how it decides and what it learned from.

    package: None where it is no longer at hand; what the result itself says of it is told then.
    """
    told = summary.get("package")
    told = told if isinstance(told, Mapping) else {}
    if package is None:
        name = f"{shorten(told.get('name', '?'))} {shorten(told.get('version', ''))}".strip()
        return [(say("Model"), name), ("", say("The package is not at hand, so that its card cannot be told."))]
    settings = package.settings
    spacing = settings.preprocessing.spacing
    stages = [settings.stage1, *([settings.stage2] if settings.stage2 is not None else [])]
    rows = [
        (say("Model"), f"{package.name} {package.version}"),
        (say("Made for"), say.sentence(shorten(package.domain.text, 400))),
        (
            say("Networks"),
            say("; ").join(_stage(number, stage, spacing, say) for number, stage in enumerate(stages, 1)),
        ),
        (say("Reads"), ", ".join(settings.modalities)),
    ]
    if settings.optional:
        rows.append((say("Can do without"), ", ".join(settings.optional)))
    pairs = zip(settings.output_channels, settings.thresholds, strict=True)
    rows.append((say("Thresholds"), ", ".join(f"{name} {threshold:g}" for name, threshold in pairs)))
    cases = package.training.get("cases")
    if isinstance(cases, list | tuple):
        rows.append((say("Trained on"), say("{} cases, named in its card", len(cases))))
    rows += _dice_rows(package, say)
    where = say("Accuracy and limits stand in the package's card (models show {}).", package.name)
    rows.append((say("Limits"), where))
    return rows


def _dice_rows(package: ModelPackage, say: Translator) -> list[Row]:
    """Return the mean Dice on each set of cases that the package was measured on and not trained on."""
    rows = []
    for title, scores in as_mapping(package.training.get("dice")).items():
        found = [as_mapping(as_mapping(score).get("dice")) for score in as_sequence(scores)]
        means = [
            f"{region.key} {fmean(each[region.key] for each in found):.2f}"
            for region in REGIONS
            if found and all(is_finite_number(each.get(region.key)) for each in found)
        ]
        if means:
            name = {"Test": say("Dice, test"), "Validation": say("Dice, validation")}.get(title)
            rows.append((name or shorten(title, 24), say("{} (mean of {} cases)", ", ".join(means), len(found))))
    return rows


def _stage(number: int, stage: StageSettings, spacing: float, say: Translator) -> str:
    kind = say(_ARCHITECTURES.get(stage.architecture, "U-Net"))
    return say("stage {}: {}, {} filters, {} mm", number, kind, stage.filters, f"{spacing * stage.downsample:g}")
