"""The trainings of a run and the masks between them: what must not be seen is kept apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.errors import PackageError, TrainingError
from BrainTumorVAESegLib.models.package import ModelPackage, load_stage
from BrainTumorVAESegLib.models.writing import write_package
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.training import stages
from BrainTumorVAESegLib.training.fit.fitting import Fit
from BrainTumorVAESegLib.training.run import Run
from BrainTumorVAESegLib.training.stages import (
    HeldOutDice,
    predict_masks,
    train_first,
    train_first_fold,
    train_second,
    train_second_fold,
    trained_settings,
)
from safetensors.torch import load_file

ALL = ["case1", "case2", "case3", "case4"]


@pytest.fixture
def predicted(monkeypatch) -> list[tuple[Path, np.ndarray]]:
    """In place of a network: its weights' path; note which weights predict which images."""
    noted: list[tuple[Path, np.ndarray]] = []

    def predict_first(network, settings, images, run):
        noted.append((network, images.numpy()))
        return torch.full((3, *images.shape[1:]), 0.6)

    monkeypatch.setattr(stages, "load_network", lambda stage, path: path)
    monkeypatch.setattr(stages, "predict_first", predict_first)
    return noted


@pytest.fixture
def handed_on(monkeypatch) -> None:
    """In place of the weights that stage 2 begins with: their file."""
    monkeypatch.setattr(stages, "read_weights", lambda path: path)
    monkeypatch.setattr(stages, "hand_on", lambda path, stage: path)


def with_recipe(run: Run, **changes) -> Run:
    return replace(run, recipe=replace(run.recipe, **changes))


def names(fit: Fit) -> list[str]:
    return [case.name for case in fit.samples.cases]


def test_a_fold_is_trained_without_the_cases_that_it_holds_out(run, played):
    for fold, held_out in enumerate(run.folds):
        kept = train_first_fold(run, fold)
        assert sorted([*names(played[-1]), *held_out]) == ALL
        assert [case.name for case in played[-1].held_out.cases] == held_out
        assert len(held_out) == 2 and [path.stem[-1] for path in kept] == ["2", "4"]
    assert played[0].seed != played[1].seed and played[0].folder != played[1].folder


def test_every_mask_is_predicted_by_weights_that_never_saw_the_case(run, played, predicted):
    masks = predict_masks(run)
    seen = {fit.folder.name: names(fit) for fit in played}
    by_case = {case.name: case.images().astype(np.float32) for case in run.cases}
    assert len(predicted) == 4 * 2
    for weights, images in predicted:
        [name] = [name for name, own in by_case.items() if own.shape == images.shape and (own == images).all()]
        assert name not in seen[weights.parent.name]
    assert sorted(masks) == sorted(by_case) and all(len(several) == 2 for several in masks.values())


def test_the_masks_are_label_maps_on_the_cases_grid_and_0_outside_the_brain(run, played, predicted):
    for case in run.cases:
        for mask in predict_masks(run)[case.name]:
            brain = (case.images() != 0).any(0)
            labels = np.load(mask)
            np.testing.assert_array_equal(labels, np.where(brain, 3, 0))
            assert labels.dtype == np.uint8


def test_the_masks_of_a_run_that_saw_all_cases_are_those_of_its_own_stage_1(tuned, played, predicted):
    own = with_recipe(tuned, masks_from="own", calibrate_on="validation")
    masks = predict_masks(own)
    assert [fit.folder.name for fit in played] == ["stage1"] and names(played[0]) == ALL
    assert {weights.parent.name for weights, _ in predicted} == {"stage1"}
    assert sorted(masks) == ALL and all(len(several) == 1 for several in masks.values())
    train_second(own)
    assert [fit.folder.name for fit in played][-1] == "stage2" and not list(own.folder.glob("*fold*"))


def test_masks_are_predicted_once(run, played, predicted):
    predict_masks(run)
    predicted.clear()
    predict_masks(run)
    assert predicted == []
    next((run.folder / "masks").glob("case3.*")).unlink()
    predict_masks(run)
    assert len(predicted) == 1


def test_a_changed_case_gets_new_masks(run, played, predicted, tmp_path):
    predict_masks(run)
    predicted.clear()
    first, *others = run.cases
    changed = replace(first, labels_file=tmp_path / f"{first.name}.other.labels.npy")
    predict_masks(replace(run, cases=(changed, *others)))
    assert len(predicted) == 2


def test_the_single_stage_1_goes_on_from_a_fold_with_all_cases(run, played, monkeypatch):
    monkeypatch.setattr(stages, "read_weights", lambda path: path)
    train_first(run)
    last = played[-1]
    assert names(last) == ALL and last.training.steps == 2 and last.held_out is None
    assert last.start().parent.name == "stage1-fold0" and last.start().stem == "weights-000004"


def test_final_steps_are_steps_where_the_folds_are_given_in_epochs(run, played):
    train_first(with_recipe(run, stage1=replace(run.recipe.stage1, epochs=3.0, final_steps=5)))
    assert [fit.training.steps for fit in played] == [3 * 2, 5]


def test_without_final_steps_the_single_stage_1_is_trained_from_its_own_beginning(run, played):
    train_first(with_recipe(run, stage1=replace(run.recipe.stage1, final_steps=0)))
    [only] = played
    assert names(only) == ALL and only.training.steps == 4 and only.start() == {}


def test_stage_2_is_trained_on_the_out_of_fold_masks(run, played, predicted):
    train_second(run)
    assert [fit.folder.name for fit in played] == ["stage1-fold0", "stage1-fold1", "stage2"]
    masks = played[-1].samples.masks
    assert {name: len(several) for name, several in masks.items()} == dict.fromkeys(ALL, 2)


def test_the_single_stage_2_goes_on_from_a_folds_with_all_cases(run, played, predicted, handed_on):
    run = with_recipe(run, stage2=replace(run.recipe.stage2, final_steps=7))
    train_second(run)
    last = played[-1]
    assert last.folder.name == "stage2"
    assert names(last) == ALL and last.training.steps == 7
    assert last.start().parent.name == "stage2-fold0" and last.facts["start"]


def test_stage_2_begins_with_the_stage_1_before_it(run, played, predicted, handed_on):
    run = with_recipe(run, second_from_first=True)
    train_second_fold(run, 1)
    train_second(run)
    begun = {fit.folder.name: fit.start() for fit in played if fit.folder.name.startswith("stage2")}
    assert {name: path.parent.name for name, path in begun.items()} == {
        "stage2-fold1": "stage1-fold1",
        "stage2": "stage1",
    }


def test_a_folds_stage_2_sees_neither_its_cases_nor_is_it_looked_at_with_a_stage_1_that_did(run, played, predicted):
    train_second_fold(run, 1)
    last = played[-1]
    assert sorted([*names(last), *run.folds[1]]) == ALL and last.folder.name == "stage2-fold1"
    assert last.held_out.first.parent.name == "stage1-fold1"
    assert [case.name for case in last.held_out.cases] == run.folds[1]


def test_every_training_has_a_seed_of_its_own(run, played, predicted, monkeypatch):
    monkeypatch.setattr(stages, "read_weights", lambda path: path)
    for fold in (0, 1):
        train_second_fold(run, fold)
    train_first(run)
    train_second(run)
    by_folder = {fit.folder.name: fit.seed for fit in played}
    assert len(by_folder) == 6 and len(set(by_folder.values())) == 6


def test_a_stage_that_does_not_reconstruct_has_no_vae_branch(run):
    training = replace(run.recipe.stage1, reconstruct=False)
    settings = trained_settings(with_recipe(run, stage1=training))
    assert settings.stage1.vae_crop is None and settings.stage2.vae_crop == (16, 16, 16)


@pytest.fixture
def begun(recipe, tmp_path) -> ModelPackage:
    """A package of random weights, to begin with."""
    torch.manual_seed(7)
    networks = [NvNet(stage).eval() for stage in (recipe.settings.stage1, recipe.settings.stage2)]
    return write_package(tmp_path / "begun", "begun", "1.0", recipe.settings, *networks, "# begun", storage="float32")


@pytest.fixture
def tuned(open_tiny, recipe, begun) -> Run:
    """A run that begins with a package."""
    first, second = replace(recipe.stage1, final_steps=0), replace(recipe.stage2, reconstruct=False)
    return open_tiny(replace(recipe, start_from=str(begun.folder), stage1=first, stage2=second))


@pytest.mark.parametrize("number", [1, 2])
def test_a_stage_without_steps_keeps_the_weights_that_it_begins_with(tuned, played, begun, number):
    key = f"stage{number}"
    run = with_recipe(tuned, **{key: replace(getattr(tuned.recipe, key), steps=0)})
    file = train_first(run) if number == 1 else train_second(run)
    of_fold = train_first_fold(run, 1) if number == 1 else [train_second_fold(run, 1)]
    assert of_fold == [file] and not played, "nothing is trained, no masks are predicted"
    kept, theirs = load_file(file), load_stage(begun, number, with_vae=number == 1).state_dict()
    assert kept.keys() == theirs.keys() and all(torch.equal(kept[name], theirs[name]) for name in kept)


def test_a_stage_2_that_is_to_reconstruct_cannot_be_kept_since_packages_lack_its_branch(tuned):
    run = with_recipe(tuned, stage2=replace(tuned.recipe.stage2, steps=0, reconstruct=True))
    with pytest.raises(TrainingError, match=r"lacks .* tensors of the recipe's stage 2, such as vae"):
        train_second(run)


def test_a_stage_that_the_package_lacks_is_told(tuned, played, predicted, begun):
    alone = replace(begun, settings=replace(begun.settings, stage2=None))
    for steps in (0, 3):
        second = replace(tuned.recipe.stage2, steps=steps)
        with pytest.raises(PackageError, match="begun has no stage 2"):
            train_second(replace(with_recipe(tuned, stage2=second), start=alone))


def test_what_a_training_begins_with_is_part_of_its_plan(tuned, played, begun):
    train_first(tuned)
    assert played[-1].facts["start"] == begun.files["models/stage1.safetensors"].sha256


def test_the_dice_of_held_out_cases_is_their_mean(run, processes, monkeypatch):
    """The network is played: it gives back each case's own truth, shifted for one of them."""
    cases = run.cases[:2]
    truths = {case.images().tobytes(): np.asarray(case.labels()) for case in cases}
    wrong = cases[0].images().tobytes()

    class Played:
        def __init__(self, labels: np.ndarray) -> None:
            self.found = labels

        def labels(self, thresholds: tuple[float, ...]) -> np.ndarray:
            return self.found

    def predict(first, second, settings, images, run):
        key = images.numpy().astype(np.float16).tobytes()
        return Played(np.zeros_like(truths[key]) if key == wrong else truths[key])

    monkeypatch.setattr(stages, "predict", predict)
    answer = HeldOutDice(cases, run.recipe.settings, processes)(torch.nn.Identity())
    assert answer == {"WT": 0.5, "TC": 0.5, "ET": 0.5}
