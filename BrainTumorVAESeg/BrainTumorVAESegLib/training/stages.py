"""The trainings of a run: stage 1 and stage 2, without a fold's cases or with all, and the masks between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..core.disk.files import make_folder
from ..core.errors import TrainingError
from ..core.labels import labels_from_channels
from ..core.settings import CascadeSettings, without_vae
from ..evaluation.dice import region_dice
from ..inference.cascade import predict, predict_first
from ..inference.engine import Engine
from ..models.manifest import stage_file
from ..models.tensors import build_network, expected_state
from ..networks.nvnet import NvNet
from .data.cache import CachedCase, save_array
from .data.samples import FirstStageSamples, SecondStageSamples
from .fit.checkpoints import digest, hold_to_plan, load_network, read_weights, save_weights
from .fit.fitting import Fit, fit_stage
from .fit.processes import Processes, draw_workers
from .fit.starting import hand_on, start_weights
from .run import Run
from .settings import OWN, UNCHANGED, StageTraining


def train_first_fold(run: Run, fold: int) -> list[Path]:
    """Train stage 1 without one fold's cases; return its weights at the recipe's `masks_at`."""
    if run.recipe.stage1.kept:
        return [_keep(run, 1)]
    cases, held_out = run.split(fold)
    return _fit_first(
        run, f"stage 1 without fold {fold}", cases, held_out, f"stage1-fold{fold}", 10 + fold, run.recipe.masks_at
    )


def train_first(run: Run) -> Path:
    """Train the stage 1 of a single package: on all cases, going on from the first fold's weights where asked."""
    training, start = run.recipe.stage1, None
    if training.kept:
        return _keep(run, 1)
    if training.final_steps:
        training, start = training.final, train_first_fold(run, 0)[-1]
    title = f"stage 1 on all {len(run.cases)} cases"
    return _fit_first(run, title, run.cases, (), "stage1", 1, training=training, start=start)[-1]


def predict_masks(run: Run) -> dict[str, list[Path]]:
    """Return for every case the files of the label maps (z, y, x) that the weights which never saw it predict.

    They come from several checkpoints of a fold's stage 1: the expanded data set of stage 2 (Lyu & Shu 2020). With
    `masks_from: own` they are the run's own stage 1's.
    """
    masks: dict[str, list[Path]] = {case.name: [] for case in run.cases}
    for maker, weights, cases in _mask_makers(run):
        mark = f"{maker}.{weights.stem}.{digest(weights)}"
        files = {case.name: run.folder / "masks" / f"{case.key}.{mark}.npy" for case in cases}
        _predict_missing_masks(run, weights, files)
        for name, file in files.items():
            masks[name].append(file)
    run.processes.wait()
    return masks


def _mask_makers(run: Run) -> Iterator[tuple[str, Path, Sequence[CachedCase]]]:
    """Give a name, the weights of a stage 1, and the cases that it predicts masks for; each is trained as it comes."""
    if run.recipe.masks_from == OWN:
        yield OWN, train_first(run), run.cases
        return
    for fold in range(run.recipe.folds):
        for weights in train_first_fold(run, fold):
            yield f"fold{fold}", weights, run.split(fold)[1]


def train_second_fold(run: Run, fold: int) -> Path:
    """Train stage 2 without one fold's cases, on the masks of the others."""
    if run.recipe.stage2.kept:
        return _keep(run, 2)
    cases, held_out = run.split(fold)
    first = train_first_fold(run, fold)[-1]
    start = first if run.recipe.second_from_first else None
    title = f"stage 2 without fold {fold}"
    return _fit_second(run, title, cases, held_out, f"stage2-fold{fold}", 20 + fold, first=first, start=start)


def train_second(run: Run) -> Path:
    """Train the stage 2 of a single package: on all cases, going on from the first fold's weights where asked."""
    recipe, training, start = run.recipe, run.recipe.stage2, None
    if training.kept:
        return _keep(run, 2)
    if training.final_steps:
        training, start = training.final, train_second_fold(run, 0)
    elif recipe.second_from_first:
        start = train_first(run)
    title = f"stage 2 on all {len(run.cases)} cases"
    return _fit_second(run, title, run.cases, (), "stage2", 2, training=training, start=start)


def trained_settings(run: Run) -> CascadeSettings:
    """Return the recipe's networks as they are trained.

    Without a VAE branch where none is trained; able to do without an image where images were dropped.
    """
    recipe, settings = run.recipe, run.recipe.settings
    second = settings.stage2
    return replace(
        settings,
        optional=settings.modalities if recipe.augmentation.drop else (),
        stage1=settings.stage1 if recipe.stage1.reconstruct else without_vae(settings.stage1),
        stage2=second if second is None or recipe.stage2.reconstruct else without_vae(second),
    )


class HeldOutDice:
    """Mean Dice by region of a stage's answers on cases that its training does not see; the processes share them.

    first: stage 1's weights where the network looked at is a stage 2.
    """

    def __init__(
        self, cases: Sequence[CachedCase], settings: CascadeSettings, processes: Processes, first: NvNet | None = None
    ) -> None:
        self.cases, self.settings, self.processes, self.first = list(cases), settings, processes, first

    def __call__(self, network: NvNet) -> dict[str, float]:
        """Return region -> mean Dice over the cases."""
        engine = Engine("auto" if self.processes.device.type == "cuda" else "cpu")
        first, second = (network, None) if self.first is None else (self.first, network)
        sums: dict[str, Tensor] = {}
        for case in self.cases[self.processes.rank :: self.processes.count]:
            images = case.images().astype(np.float32)
            prediction = predict(first, second, self.settings, engine.place(images), engine.run)
            labels = prediction.labels(self.settings.thresholds)
            for region, value in region_dice(labels, np.asarray(case.labels())).items():
                sums[region] = sums.get(region, torch.zeros(())) + value
        return self.processes.total_mean(sums, len(self.cases))


def _predict_missing_masks(run: Run, weights: Path, files: Mapping[str, Path]) -> None:
    """Write the masks of cases, by their names, that are not there yet; each process its share."""
    settings = trained_settings(run)
    bounds = np.asarray(settings.stage1_thresholds, np.float32)[:, None, None, None]
    missing = [case for case in run.cases if case.name in files and not files[case.name].is_file()]
    run.processes.wait()  # all must have seen what is missing before the first one is written
    if not missing:
        return
    run.say(f"masks of {len(missing)} cases by {weights.parent.name}, {weights.stem}")
    network = load_network(settings.stage1, weights)
    engine = Engine("auto" if run.processes.device.type == "cuda" else "cpu")
    make_folder(run.folder / "masks")
    for case in missing[run.processes.rank :: run.processes.count]:
        images = case.images().astype(np.float32)
        found = predict_first(network, settings, engine.place(images), engine.run)
        probabilities = found.cpu().numpy() * (images != 0).any(0)
        save_array(files[case.name], labels_from_channels(probabilities >= bounds, settings.output_channels))


def _fit_first(
    run: Run,
    title: str,
    cases: Sequence[CachedCase],
    held_out: Sequence[CachedCase],
    folder: str,
    number: int,
    keep_at: Sequence[float] = (1.0,),
    training: StageTraining | None = None,
    start: Path | None = None,
) -> list[Path]:
    recipe, settings = run.recipe, trained_settings(run)
    training = (training or recipe.stage1).in_steps(len(cases), run.processes.count)
    begin = _begin(run, 1, settings) if start is None else lambda: read_weights(start)
    seed = recipe.seed + number
    samples = FirstStageSamples(cases, recipe.settings, training, recipe.augmentation, seed)
    shown = FirstStageSamples(held_out or cases, recipe.settings, replace(training, jitter=0), UNCHANGED, seed)
    check = HeldOutDice(held_out, replace(settings, stage2=None), run.processes) if held_out else None
    return _fit(run, Fit(
        title, samples, settings.stage1, training, run.folder / folder, seed, _facts(run, 1, cases, start), keep_at,
        begin, check, shown,
    ))  # fmt: skip


def _fit_second(
    run: Run,
    title: str,
    cases: Sequence[CachedCase],
    held_out: Sequence[CachedCase],
    folder: str,
    number: int,
    training: StageTraining | None = None,
    first: Path | None = None,
    start: Path | None = None,
) -> Path:
    """Train stage 2. first: stage 1's weights for the looks at held-out cases. start: either stage's, to begin with."""
    recipe, settings = run.recipe, trained_settings(run)
    second = settings.stage2
    if second is None:
        raise ValueError("the recipe has no second stage")
    masks = predict_masks(run)
    seed = recipe.seed + number
    training = (training or recipe.stage2).in_steps(len(cases), run.processes.count)
    begin = _begin(run, 2, settings) if start is None else lambda: hand_on(read_weights(start), second)
    samples = SecondStageSamples(cases, masks, recipe.settings, training, recipe.augmentation, seed)
    shown = SecondStageSamples(held_out or cases, masks, recipe.settings, replace(training, jitter=0), UNCHANGED, seed)
    check = (
        HeldOutDice(held_out, settings, run.processes, load_network(settings.stage1, first))
        if held_out and first is not None
        else None
    )
    return _fit(run, Fit(
        title, samples, second, training, run.folder / folder, seed, _facts(run, 2, cases, start), (1.0,),
        begin, check, shown,
    ))[-1]  # fmt: skip


def _keep(run: Run, number: int) -> Path:
    """Return the file of a stage that is not trained: the weights of the run's package.

    Raises TrainingError where the package lacks some of the network's, or the folder is of another training.
    """
    settings, package = trained_settings(run), run.start
    stage = settings.stage1 if number == 1 else settings.stage2
    if package is None or stage is None:
        raise ValueError("only a stage that the recipe has, with a package to start from, can be kept")
    folder = run.folder / f"stage{number}"
    path = folder / "weights-000000.safetensors"

    def write() -> None:
        hold_to_plan(folder, {"stage": asdict(stage), "start": _digest_of_start(run, number)})
        if path.is_file():
            return
        state = start_weights(package, number, settings)
        missing = sorted(expected_state(stage).keys() - state.keys())
        if missing:
            raise TrainingError(
                f"start_from: {package.name} lacks {len(missing)} tensors of the recipe's stage {number}, such as "
                f"{missing[0]}, so that the stage cannot be kept; give it steps, or no `reconstruct` if these are the "
                "VAE branch's, which packages do not hold of stage 2."
            )
        save_weights(path, build_network(state, stage, with_vae=stage.vae_crop is not None))

    run.processes.first_only(write)
    return path


def _fit(run: Run, fit: Fit) -> list[Path]:
    fit = replace(fit, workers=draw_workers(run.recipe.workers))
    return fit_stage(fit, run.processes, run.watchers)


def _facts(run: Run, number: int, cases: Sequence[CachedCase], start: Path | None = None) -> dict[str, object]:
    """Return what tells a training's samples and beginning from others; number is the stage's."""
    return {
        "cases": sorted(case.key for case in cases),
        "augmentation": asdict(run.recipe.augmentation),
        "start": digest(start) if start else _digest_of_start(run, number),
    }


def _digest_of_start(run: Run, number: int) -> str | None:
    """Return the SHA-256 of the file of a stage in the run's package, so that its card and the like do not count.

    Raises PackageError where the package lacks the stage.
    """
    if run.start is None:
        return None
    run.start.stage(number)
    return run.start.files[stage_file(number)].sha256


def _begin(run: Run, number: int, settings: CascadeSettings) -> Callable[[], dict[str, Tensor]]:
    """Return what gives the weights that a stage begins with: those of the run's package, or none."""
    package = run.start
    return dict if package is None else lambda: start_weights(package, number, settings)
