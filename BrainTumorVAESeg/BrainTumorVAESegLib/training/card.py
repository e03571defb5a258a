"""The model card: what a package is for, what it was made from, how well it does, in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, cast

from ..cases.labelled import data_set_of
from ..core.labels import REGIONS
from ..core.settings import CascadeSettings, Cleaning, StageSettings
from ..evaluation.scoring import CaseScore
from .settings import FOLDS

_SMALL_CORE_ML = 1.0
_OPTIONAL = (
    "Trained with images left out at random: it accepts a study in which some of T1, T1ce, T2 and FLAIR are missing (at"
    " least one must be there), says so in its findings, and is less sure then; without T1ce it can only guess at "
    "enhancing tumor."
)


Scores = Mapping[str, Sequence[CaseScore]]
"""Title of a held-out set -> its cases' scores."""


@dataclass(frozen=True)
class CardFacts:
    """All that a card says.

    facts: `recipe`, `command`, `cases`, `seconds`, `machine`, `torch`, `calibration`, `cleaning`, `calibrated_on`; of
    fine-tuned weights also `start`, the same of the package that they began with, and `kept`, the stages not trained.
    about: text on the data. scores: of cases that were held out; first_scores: of the same by stage 1 alone, where
    there is a second one.
    """

    name: str
    version: str
    settings: CascadeSettings
    facts: Mapping[str, object]
    about: str
    scores: Scores
    first_scores: Scores = field(default_factory=dict)


def write_card(facts: CardFacts) -> str:
    """Return the card of a package."""
    parts = [
        f"# {facts.name} {facts.version}",
        "Segments the necrotic and non-enhancing core, the edema and the enhancing tumor of a pre-operative glioma "
        "of adults from skull-stripped T1, T1ce, T2 and FLAIR. For research only; not a medical device.",
        "## Networks",
        _networks(facts.settings),
        "## Data",
        facts.about.strip() or "The data set is not described.",
        "## Measured",
        *_calibration(facts.facts),
        *(_table(title, scores) for title, scores in facts.scores.items()),
        *_by_data_set(facts.scores),
        *_against_first(facts.scores, facts.first_scores),
        "## Limits",
        *([_OPTIONAL] if facts.settings.optional else []),
        "Intensities need no scaling, but every voxel outside the brain must be 0. The network has seen no "
        "post-operative case, no metastasis, no child, and no healthy brain: it may mark something in each of them. "
        "Small enhancing parts are missed more often than large ones. A person must look at every result.",
        "## Training",
        *_training(facts.facts),
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
    lines.append(_cleaning(settings.cleaning))
    return " ".join(line for line in lines if line)


def _cleaning(cleaning: Cleaning) -> str:
    """Say how the label map is cleaned."""
    least = [
        f"{region.key} under {value:g} ml" for region, value in zip(REGIONS, cleaning.least_ml, strict=True) if value
    ]
    told = []
    if least:
        told.append(f"Left out are connected parts of {', of '.join(least)}.")
    if cleaning.least_unseen_ml:
        told.append(f"Left out are parts of WT under {cleaning.least_unseen_ml:g} ml in which stage 1 saw no tumor.")
    if cleaning.fill:
        told.append("What TC or WT encloses on all sides is filled.")
    return " ".join(told)


def _stage(title: str, stage: StageSettings, settings: CascadeSettings) -> str:
    grid = settings.preprocessing.spacing * stage.downsample
    kind = "with attention gates " if stage.architecture == "attention_add" else ""
    field = f", field {'x'.join(map(str, stage.field))} voxels" if stage.field else ""
    several = f"is the mean of {stage.members} networks, each with" if stage.members > 1 else "has"
    return f"{title} {kind}{several} {stage.filters} filters, and sees a {grid:g} mm grid{field}."


def _training(values: Mapping[str, object], known: Sequence[str] = ()) -> list[str]:
    """Return how weights were made and from which cases, and then the same of those that they began with.

    known: the cases that were named before, which are not named again.
    """
    cases = cast(Sequence[str], values.get("cases", ()))
    seconds = values.get("seconds")
    lasted = f", {_duration(float(seconds))}" if isinstance(seconds, int | float) else ""
    recipe = f"Recipe `{values.get('recipe', '')}`{lasted}, on {values['machine']}, torch {values['torch']}."
    command = f"Command: `{values['command']}`" if values.get("command") else ""
    named = (
        f"The same {len(cases)} cases." if list(cases) == list(known) else f"{len(cases)} cases: {', '.join(cases)}."
    )
    lines = [line for line in (recipe, command, named) if line]
    start = cast(Mapping[str, object], values.get("start", {}))
    if not start:
        return lines
    kept = "".join(f" Stage {number} is that package's own." for number in cast(Sequence[int], values.get("kept", ())))
    began = f"Begun with the weights of `{start['name']}` {start['version']} (SHA-256 {start['sha256']}).{kept}"
    return [*lines, began, *(_training(start, cases) if "machine" in start else [])]


def _duration(seconds: float) -> str:
    if seconds >= 3600:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 60:.0f} minutes" if seconds >= 90 else "about a minute" if seconds >= 30 else "seconds"


def _calibration(facts: Mapping[str, object]) -> list[str]:
    """Return what thresholds and temperatures were chosen on, and what they gave there."""
    values = cast(Mapping[str, Any] | None, facts.get("calibration"))
    if not values:
        return []
    on = (
        f"the {values['cases']} training cases, each predicted by weights that did not see it"
        if facts.get("calibrated_on") == FOLDS
        else f"{values['cases']} validation cases"
    )
    dice, half = ({key: values[name][key] for key in values[name]} for name in ("dice", "dice_at_half"))
    spelled = ", ".join(f"{key} {dice[key]:.3f} (at thresholds of 0.5: {half[key]:.3f})" for key in dice)
    temperatures = ", ".join(f"{value:g}" for value in values["temperatures"])
    return [
        f"Thresholds and temperatures ({temperatures}) were chosen on {on}; mean Dice there: {spelled}.",
        *_cleaning_gain(facts),
    ]


def _cleaning_gain(facts: Mapping[str, object]) -> list[str]:
    """Return what cleaning the label maps gave on the same cases."""
    choice = cast(Mapping[str, Any] | None, facts.get("cleaning"))
    if not choice or choice["before"] == choice["after"]:
        return []
    changes = {
        title: ", ".join(
            f"{region.key} {choice['before'][measure][region.key]:.3f} to {choice['after'][measure][region.key]:.3f}"
            for region in REGIONS
        )
        for title, measure in (("Dice", "dice"), ("lesion-wise Dice", "lesion_dice"))
    }
    told = "; ".join(f"{title} {text}" for title, text in changes.items())
    return [f"So was the cleaning of the label maps, which took there {told}."]


def _table(title: str, scores: Sequence[CaseScore]) -> str:
    keys = [region.key for region in REGIONS]
    columns = [*(f"Dice {key}" for key in keys), *(f"HD95 {key}, mm" for key in keys), "core, ml"]
    rows = [
        f"{title}: Dice and HD95 by case (where a region is rightly empty 1 and 0, where it is wrongly 0 and 373.13).",
        "",
        f"| case | {' | '.join(columns)} |",
        "|---" * (len(columns) + 1) + "|",
        *(_row(score.name, [score], f"{score.true_volumes['TC']:.1f}") for score in scores),
        _row("mean", scores),
    ]
    large = [score for score in scores if score.true_volumes["TC"] >= _SMALL_CORE_ML]
    if 0 < len(large) < len(scores):
        rows.append(_row("mean where the core has 1 ml or more", large))
    return "\n".join(rows)


def _by_data_set(scores: Scores) -> list[str]:
    """Return the means by data set over all held-out cases, and how wrong the volumes are."""
    groups: dict[str, list[CaseScore]] = {}
    for score in (score for part in scores.values() for score in part):
        groups.setdefault(data_set_of(score.name), []).append(score)
    if not groups:
        return []
    keys = [region.key for region in REGIONS]
    columns = ["cases", *(f"Dice {key}" for key in keys), *(f"volume error {key}" for key in keys)]
    rows = [
        "By data set, all of these cases together: mean Dice, and mean size of the volume's relative error (without "
        "cases that lack the region).",
        "",
        f"| data set | {' | '.join(columns)} |",
        "|---" * (len(columns) + 1) + "|",
        *(_group_row(name, group) for name, group in sorted(groups.items())),
    ]
    return ["\n".join(rows)]


def _group_row(name: str, scores: Sequence[CaseScore]) -> str:
    keys = [region.key for region in REGIONS]
    errors = {key: [_error(score, key) for score in scores] for key in keys}
    known = {key: [abs(error) for error in values if error is not None] for key, values in errors.items()}
    cells = [
        *(f"{fmean(score.dice[key] for score in scores):.3f}" for key in keys),
        *(f"{fmean(known[key]):.0%}" if known[key] else "-" for key in keys),
    ]
    return f"| {' | '.join([name, str(len(scores)), *cells])} |"


def _error(score: CaseScore, key: str) -> float | None:
    return score.regions[key].volume_error_relative


def _against_first(scores: Scores, first_scores: Scores) -> list[str]:
    """Return stage 1 alone beside the cascade, over all held-out cases, or those with a core of 1 ml or more."""
    if not first_scores:
        return []
    columns = [f"{measure} {region.key}" for measure in ("Dice", "lesion-wise Dice") for region in REGIONS]
    rows = [
        f"Stage 1 alone (thresholds of 0.5, cleaned alike) and the cascade: means over the cases whose core has "
        f"{_SMALL_CORE_ML:g} ml or more.",
        "",
        f"| | {' | '.join(columns)} |",
        "|---" * (len(columns) + 1) + "|",
    ]
    for title, each in (("stage 1 alone", first_scores), ("the cascade", scores)):
        large = [s for part in each.values() for s in part if s.true_volumes["TC"] >= _SMALL_CORE_ML]
        if not large:
            return []
        dice = [fmean(score.dice[region.key] for score in large) for region in REGIONS]
        lesions = [fmean(score.regions[region.key].lesion_dice for score in large) for region in REGIONS]
        rows.append(f"| {title} | {' | '.join(f'{value:.3f}' for value in (*dice, *lesions))} |")
    return ["\n".join(rows)]


def _row(title: str, scores: Sequence[CaseScore], last: str = "") -> str:
    keys = [region.key for region in REGIONS]
    dice = [f"{fmean(score.dice[key] for score in scores):.3f}" for key in keys]
    distances = [f"{fmean(score.regions[key].hd95 for score in scores):.1f}" for key in keys]
    return f"| {' | '.join([title, *dice, *distances, last])} |"
