"""From trained weights to a package: thresholds, temperatures, cleaning, latent statistics, the card, the files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from ..cases.discovery import LabelledCase
from ..core.boxes import Box, cut
from ..core.errors import PackageError
from ..core.modalities import Modality
from ..core.settings import CascadeSettings
from ..evaluation.scoring import CaseScore, score_package
from ..inference.cascade import predict
from ..inference.engine import Engine
from ..inference.fields import coarsen, first_field
from ..models.manifest import LatentStatistics
from ..models.package import ModelPackage, first_stage_alone, read_package
from ..models.shading import SHADING_FILE, read_shading, shading_json
from ..models.writing import write_package
from ..networks.nvnet import NvNet
from ..preparation.shading import ShadingModel
from ..preparation.unshading import unshade_images
from .calibration import (
    TALLY,
    Calibration,
    bin_probabilities,
    calibrate,
    labels_at,
    read_bins,
    read_tally,
    save_tally,
    tally,
)
from .card import CardFacts, Scores, write_card
from .cleaning import Answer, CleaningChoice, choose_cleaning
from .data.cache import CachedCase, cache_cases
from .fit.checkpoints import digest, load_members
from .fit.machines import describe_machine
from .run import Run
from .settings import ENSEMBLE, FOLDS
from .stages import train_first, train_first_fold, train_second, train_second_fold, trained_settings
from .watch.watchers import LOSS_FILE, MACHINE_FILE, read_table

_CPU = torch.device("cpu")
_LEAST_SPREAD = 1e-4
"""Of a latent number over the training cases: with one case, or cases that are all alike, there is none."""


_OF_START = ("recipe", "command", "cases", "seconds", "machine", "torch", "start", "kept")
"""What a package tells of the training of the one that its weights began with."""
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


def calibrate_run(run: Run, validation: Sequence[LabelledCase] = ()) -> tuple[Calibration, CleaningChoice] | None:
    """Choose thresholds, temperatures and cleaning on what the recipe says; None where that is nothing.

    On folds, every case is predicted by the weights of the fold that holds it out.
    """
    settings = trained_settings(run)
    if run.recipe.calibrate_on == FOLDS:
        parts = [(_Networks.of_fold(run, fold), run.split(fold)[1]) for fold in range(run.recipe.folds)]
    else:
        cases = run.processes.first_only(lambda: cache_cases(validation, settings, run.cache, run.say))
        parts = [(_Networks.to_ship(run), cases)]
    files = {case: file for networks, cases in parts for case, file in _tally_cases(run, networks, cases).items()}
    if not files:
        return None
    channels = settings.output_channels
    result = calibrate([read_tally(file) for file in files.values()], channels)
    run.say(f"thresholds {result.thresholds} and temperatures {result.temperatures} chosen on {result.cases} cases")

    def answers() -> Iterator[Answer]:
        for case, file in files.items():
            bins, seen = read_bins(file)
            yield labels_at(bins, channels, result.edges), np.asarray(case.labels()), seen if settings.stage2 else None

    choice = choose_cleaning(answers, settings.preprocessing.spacing)
    run.say(f"{choice.cleaning} chosen")
    return result, choice


def package_run(run: Run, naming: Naming, sets: HeldOut) -> ModelPackage | None:
    """Make a run's package, measured as it ships; None in all processes but the first.

    One that was made before of the same weights, with the same name and measured on the same cases, is left as it is.
    """
    calibrated = calibrate_run(run, sets.validation)
    networks = _Networks.to_ship(run)
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
        **_started_with(run),
    }
    there = _find_finished(folder, naming.version, run.recipe.storage, facts, sets)
    if there is not None:
        run.say(f"the package {name} {naming.version} is there")
        return there
    stage1, stage2 = networks.load(settings)
    latent = gather_latent(stage1, settings, run.cases, run.processes.device)
    shading = _shading_of_start(run)
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


def _shading_of_start(run: Run) -> ShadingModel | None:
    """Return how untouched images are shaded, as the package knew that a run began with: of images, not of weights."""
    return None if run.start is None else read_shading(run.start)


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


def gather_latent(
    stage1: NvNet, settings: CascadeSettings, cases: Sequence[CachedCase], device: torch.device = _CPU
) -> LatentStatistics | None:
    """Return mean and standard deviation of the latent's means over the training cases; None without a VAE branch."""
    branch = stage1.vae
    if branch is None or settings.stage1.vae_crop is None:
        return None
    means = []
    stage1.to(device)
    with torch.no_grad():
        for case in cases:
            box = first_field(case.labels().shape, settings.stage1)
            crop = tuple(n * settings.stage1.downsample for n in settings.stage1.vae_crop)
            start = [a + (n - c) // 2 for a, n, c in zip(box.start, box.size, crop, strict=True)]
            field = Box.at(start, crop)
            x = torch.from_numpy(cut(case.images(), field).astype(np.float32))[None]
            features = stage1.encode(coarsen(x, settings.stage1.downsample).to(device))
            means.append(branch.encode(features[-1]).mean[0].cpu())
    stage1.to(_CPU)
    table = torch.stack(means)
    spread = table.std(0, correction=min(len(means) - 1, 1)).clamp(min=_LEAST_SPREAD)
    return LatentStatistics(tuple(table.mean(0).tolist()), tuple(spread.tolist()), len(cases))


def trained_seconds(folder: Path) -> float:
    """Return the seconds of all steps of the trainings below a run's folder, those side by side added up."""
    return sum(float(row["seconds"]) for file in sorted(folder.glob(f"*/{LOSS_FILE}")) for row in read_table(file))


def trained_on(folder: Path) -> dict[str, str]:
    """Return the machines of the trainings below a run's folder, and their versions of torch, as `machine` and `torch`.

    Each once, in the order of the trainings' names; this process's own where nothing is noted.
    """
    rows = [row for file in sorted(folder.glob(f"*/{MACHINE_FILE}")) for row in read_table(file)]
    rows = rows or [{"machine": describe_machine(), "torch": torch.__version__}]
    return {key: "; ".join(dict.fromkeys(row[key] for row in rows)) for key in ("machine", "torch")}


def _started_with(run: Run) -> dict[str, object]:
    """Return as `start` what is known of the package whose weights a run began with, and as `kept` the stages left."""
    package, recipe = run.start, run.recipe
    if package is None:
        return {}
    known = {key: package.training[key] for key in _OF_START if key in package.training}
    stages = [1, *([2] if recipe.settings.stage2 else [])]
    return {
        "start": {"name": package.name, "version": package.version, "sha256": package.sha256, **known},
        "kept": [number for number in stages if (recipe.stage1 if number == 1 else recipe.stage2).kept],
    }


@dataclass(frozen=True)
class _Networks:
    """The weights of a cascade, by their files: of each stage one, or several whose answers are averaged.

    stage2 is empty where there is no second stage.
    """

    stage1: tuple[Path, ...]
    stage2: tuple[Path, ...]

    @classmethod
    def of_fold(cls, run: Run, fold: int) -> _Networks:
        """Train, where that is not done, both stages without a fold's cases."""
        first = train_first_fold(run, fold)[-1]
        return cls((first,), (train_second_fold(run, fold),) if run.recipe.settings.stage2 else ())

    @classmethod
    def to_ship(cls, run: Run) -> _Networks:
        """Train, where that is not done, what the package holds: both stages on all cases, or on each fold."""
        if run.recipe.package == ENSEMBLE:
            folds = [cls.of_fold(run, fold) for fold in range(run.recipe.folds)]
            return cls(tuple(f for each in folds for f in each.stage1), tuple(f for each in folds for f in each.stage2))
        return cls((train_first(run),), (train_second(run),) if run.recipe.settings.stage2 else ())

    def arrange(self, settings: CascadeSettings) -> CascadeSettings:
        """Return the settings with as many members of each stage as there are files."""
        second = settings.stage2
        return replace(
            settings,
            stage1=replace(settings.stage1, members=len(self.stage1)),
            stage2=None if second is None else replace(second, members=len(self.stage2)),
        )

    def load(self, settings: CascadeSettings) -> tuple[NvNet, NvNet | None]:
        """Load both stages, in evaluation mode."""
        second = settings.stage2
        return load_members(settings.stage1, self.stage1), load_members(second, self.stage2) if second else None

    @property
    def digest(self) -> str:
        """What tells these weights from others."""
        return hashlib.sha256("".join(map(digest, (*self.stage1, *self.stage2))).encode()).hexdigest()[:16]


def _tally_cases(run: Run, networks: _Networks, cases: Sequence[CachedCase]) -> dict[CachedCase, Path]:
    """Return the files of the tallies of cases that the networks did not see, each process counting its share."""
    folder, settings = run.folder / "held-out", networks.arrange(trained_settings(run))
    shading, mark = _shading_of_start(run), networks.digest
    if shading is not None:
        mark += "-" + hashlib.sha256(shading_json(shading)).hexdigest()[:8]
    files = {case: folder / f"{case.key}.{mark}{TALLY}" for case in cases}
    missing = [case for case, file in files.items() if not file.is_file()]
    run.processes.wait()
    if missing:
        run.say(f"predict {len(missing)} held-out cases")
        stage1, stage2 = networks.load(settings)
        engine = Engine("auto" if run.processes.device.type == "cuda" else "cpu")
        modalities = [Modality(name) for name in settings.modalities]
        folder.mkdir(parents=True, exist_ok=True)
        for case in missing[run.processes.rank :: run.processes.count]:
            images = case.images().astype(np.float32)
            if shading is not None:  # as the package will show them to its networks
                images = unshade_images(images, modalities, shading, settings.preprocessing)
            prediction = predict(stage1, stage2, settings, engine.place(images), engine.run)
            counted = tally(prediction, np.asarray(case.labels()))
            seen = prediction.seen_first(settings.stage1_thresholds)
            save_tally(files[case], counted, bin_probabilities(prediction.probabilities), seen)
    run.processes.wait()
    return files
