"""The model package's card in brief, as rows of a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.settings import StageSettings
from ...core.text import shorten
from ...models.package import ModelPackage
from .language import Translator

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
    rows.append(
        (say("Measured"), say("Accuracy and limits stand in the package's card (models show {}).", package.name))
    )
    return rows


def _stage(number: int, stage: StageSettings, spacing: float, say: Translator) -> str:
    kind = say(_ARCHITECTURES.get(stage.architecture, "U-Net"))
    return say("stage {}: {}, {} filters, {} mm", number, kind, stage.filters, f"{spacing * stage.downsample:g}")
