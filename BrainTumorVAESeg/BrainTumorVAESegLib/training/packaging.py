"""From trained weights to a package: calibrated, measured as it ships, with its card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from ..cases.discovery import LabelledCase
from ..core.errors import PackageError
from ..evaluation.scoring import CaseScore, score_package
from ..models.package import ModelPackage, first_stage_alone, read_package
from ..models.shading import SHADING_FILE, shading_json
from ..models.writing import write_package
from .calibrating import calibrate_run, shading_of_start
from .card import CardFacts, Scores, write_card
from .latent import gather_latent
from .provenance import started_with, trained_on, trained_seconds
from .run import Run
from .stages import trained_settings
from .trained import TrainedNetworks

_SAME = ("recipe", "cases", "weights", "calibration", "cleaning", "calibrated_on")
"""Facts by which a package that was made before is known again."""


@dataclass(frozen=True)
class Naming:
    """What a package is called and what its card says of its making: the data's description, the command."""

    name: str = ""
    version: str = "0.1.0"
    about: str = ""
    command: str = ""


@dataclass(frozen=True)
class HeldOut:
    """Labelled cases that no training sees: for choosing thresholds, and for the card's figures alone."""

    validation: tuple[LabelledCase, ...] = ()
    test: tuple[LabelledCase, ...] = ()

    @property
    def by_title(self) -> dict[str, tuple[LabelledCase, ...]]:
        """The sets that hold a case, by their titles in the card."""
        sets = {"Validation": self.validation, "Test": self.test}
        return {title: cases for title, cases in sets.items() if cases}


def package_run(run: Run, naming: Naming, sets: HeldOut) -> ModelPackage | None:
    """Make a run's package, measured as it ships; None in all processes but the first.

    One that was made before of the same weights, with the same name and measured on the same cases, is left as it is.
    """
    calibrated = calibrate_run(run, sets.validation)
    networks = TrainedNetworks.to_ship(run)
    if not run.processes.is_first:
        return None
    settings = networks.arrange(trained_settings(run))
    if calibrated is not None:
        calibration, choice = calibrated
        settings = replace(
            settings,
            thresholds=calibration.thresholds,
            temperatures=calibration.temperatures,
            cleaning=choice.cleaning,
        )
    name = naming.name or run.recipe.name
    folder = run.folder / "package" / name
    facts = {
        "recipe": run.recipe.name,
        "command": naming.command,
        "cases": [case.name for case in run.cases],
        "weights": networks.digest,
        "calibration": asdict(calibrated[0]) if calibrated else None,
        "cleaning": asdict(calibrated[1]) if calibrated else None,
        "calibrated_on": run.recipe.calibrate_on,
        "seconds": trained_seconds(run.folder),
        **trained_on(run.folder),
        **started_with(run),
    }
    there = _find_finished(folder, naming.version, run.recipe.storage, facts, sets)
    if there is not None:
        run.say(f"the package {name} {naming.version} is there")
        return there
    stage1, stage2 = networks.load(settings)
    latent = gather_latent(stage1, settings, run.cases, run.processes.device)
    shading = shading_of_start(run)
    extras = {} if shading is None else {SHADING_FILE: shading_json(shading)}

    def write(scores: Scores, first_scores: Scores) -> ModelPackage:
        card = write_card(CardFacts(name, naming.version, settings, facts, naming.about, scores, first_scores))
        training = {**facts, "dice": _plain(scores), "dice_of_stage1": _plain(first_scores)}
        return write_package(
            folder, name, naming.version, settings, stage1, stage2, card,
            latent=latent, training=json.loads(json.dumps(training)), storage=run.recipe.storage,
            replace=folder.exists(), extras=extras,
        )  # fmt: skip

    def measure(package: ModelPackage) -> Scores:
        return {
            title: score_package(package, cases, report=lambda score: run.say(_spell(score)))
            for title, cases in sets.by_title.items()
        }

    package = write({}, {})
    scores = measure(package)
    return write(scores, measure(first_stage_alone(package)) if stage2 is not None else {})


def _plain(scores: Scores) -> dict[str, list[dict[str, object]]]:
    return {title: [asdict(score) for score in part] for title, part in scores.items()}


def _spell(score: CaseScore) -> str:
    return f"{score.name}: Dice " + "  ".join(f"{region} {value:.3f}" for region, value in score.dice.items())


def _find_finished(
    folder: Path, version: str, storage: str, facts: Mapping[str, object], sets: HeldOut
) -> ModelPackage | None:
    """Return the package that an earlier call made of the same weights and measured on the same cases, or None."""
    if not folder.exists():
        return None
    try:
        package = read_package(folder)
    except PackageError:
        return None
    made = package.training
    measured = {title: [score["name"] for score in part] for title, part in made.get("dice", {}).items()}
    wished = {title: [case.name for case in cases] for title, cases in sets.by_title.items()}
    same = all(made.get(key) == json.loads(json.dumps(facts[key])) for key in _SAME)
    same = same and set(package.storage.values()) == {storage}
    return package if same and package.version == version and measured == wished else None
