"""The model card: what a package is for, what it was made from, how well it does, in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.labels import REGIONS
from ..core.settings import CascadeSettings, StageSettings
from ..evaluation.scoring import CaseScore, mean_dice

_SMALL_CORE_ML = 1.0


@dataclass(frozen=True)
class CardFacts:
    """All that a card says. facts: `recipe`, `command`, `seconds`, `machine`, `torch`; about: text on the data."""

    name: str
    version: str
    settings: CascadeSettings
    facts: dict[str, object]
    about: str
    cases: Sequence[str]
    scores: dict[str, list[CaseScore]]


def write_card(facts: CardFacts) -> str:
    """Return the card of a package."""
    parts = [
        f"# {facts.name} {facts.version}",
        "Segments the necrotic and non-enhancing core, the edema and the enhancing tumor of a pre-operative glioma "
        "of adults from skull-stripped T1, T1ce, T2 and FLAIR. For research only; not a medical device.",
        "## Networks",
        _networks(facts.settings),
        "## Training",
        _training(facts),
        "## Data",
        facts.about.strip() or "The data set is not described.",
        "## Measured",
        *(_table(title, scores) for title, scores in facts.scores.items()),
        "## Limits",
        "Intensities need no scaling, but every voxel outside the brain must be 0. The network has seen no "
        "post-operative case, no metastasis, no child, and no healthy brain: it may mark something in each of them. "
        "Small enhancing parts are missed more often than large ones. A person must look at every result.",
    ]
    return "\n\n".join(parts) + "\n"


def _networks(settings: CascadeSettings) -> str:
    lines = [f"Preset `{settings.preset}`: {_stage('stage 1', settings.stage1, settings)}"]
    if settings.stage2 is not None:
        lines.append(_stage("Stage 2", settings.stage2, settings))
    pre = settings.preprocessing
    thresholds = ", ".join(f"{t:g}" for t in settings.thresholds)
    lines.append(
        f"Input: {', '.join(settings.modalities)} on a {pre.spacing:g} mm grid, cropped to the brain with a margin of "
        f"{pre.margin} voxels, clipped at the {pre.clip[0]:g} and {pre.clip[1]:g} percentiles, z-scored over the "
        f"brain. Output: {', '.join(settings.output_channels)} at the thresholds {thresholds}."
    )
    return " ".join(lines)


def _stage(title: str, stage: StageSettings, settings: CascadeSettings) -> str:
    grid = settings.preprocessing.spacing * stage.downsample
    kind = "with attention gates " if stage.architecture == "attention_add" else ""
    field = f", field {'x'.join(map(str, stage.field))} voxels" if stage.field else ""
    return f"{title} {kind}has {stage.filters} filters and sees a {grid:g} mm grid{field}."


def _training(facts: CardFacts) -> str:
    values = facts.facts
    seconds = values.get("seconds")
    hours = f", {float(seconds) / 3600:.1f} hours" if isinstance(seconds, int | float) else ""
    lines = [
        f"Recipe `{values.get('recipe', '')}`{hours}, on {values['machine']}, torch {values['torch']}.",
        f"Command: `{values['command']}`" if values.get("command") else "",
        f"{len(facts.cases)} cases: {', '.join(facts.cases)}.",
    ]
    return "\n\n".join(line for line in lines if line)


def _table(title: str, scores: Sequence[CaseScore]) -> str:
    keys = [region.key for region in REGIONS]
    rows = [
        f"{title}: Dice by case (1 where a region is rightly empty, 0 where it is wrongly).",
        "",
        f"| case | {' | '.join(keys)} | core, ml |",
        "|---" * (len(keys) + 2) + "|",
    ]
    for score in scores:
        values = " | ".join(f"{score.dice[key]:.3f}" for key in keys)
        rows.append(f"| {score.name} | {values} | {score.true_volumes['TC']:.1f} |")
    rows.append(_mean_row("mean", scores, keys))
    large = [score for score in scores if score.true_volumes["TC"] >= _SMALL_CORE_ML]
    if 0 < len(large) < len(scores):
        rows.append(_mean_row("mean where the core has 1 ml or more", large, keys))
    return "\n".join(rows)


def _mean_row(title: str, scores: Sequence[CaseScore], keys: Sequence[str]) -> str:
    values = mean_dice(scores)
    return f"| {title} | {' | '.join(f'{values[key]:.3f}' for key in keys)} | |"
