"""One recipe from raw files to a package: the folds keep apart what must not be seen, and a run can be gone on with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import TrainingError
from BrainTumorVAESegLib.images.cases import discover_cases
from BrainTumorVAESegLib.images.reading import read_case
from BrainTumorVAESegLib.inference.segmenting import Options, segment
from BrainTumorVAESegLib.models.package import read_package
from BrainTumorVAESegLib.training import pipeline
from BrainTumorVAESegLib.training.pipeline import HeldOut, Run, open_run, predict_masks, run_recipe, train_fold
from BrainTumorVAESegLib.training.recipe import read_recipe
from BrainTumorVAESegLib.training.samples import SecondStageSamples
from BrainTumorVAESegLib.training.settings import Recipe

RECIPE = """
name: tiny
preset: fast
folds: 2
masks_at: [0.5, 1.0]
final_steps: 2
precision: 32-true
networks:
  stage1: &net
    {filters: 8, groups: 4, blocks_down: [1, 1, 1, 1], field: [16, 16, 16], vae_crop: [16, 16, 16], latent: 4}
  stage2: *net
stage1: {steps: 4, learning_rate: 1.0e-3, jitter: 1}
stage2: {steps: 3, learning_rate: 1.0e-3, jitter: 2}
augmentation: {affine: 0.5, gamma: 0.3, noise: 0.3, smooth: 0.3}
"""


@pytest.fixture(scope="session")
def recipe(tmp_path_factory) -> Recipe:
    path = tmp_path_factory.mktemp("recipe") / "tiny.yaml"
    path.write_text(RECIPE)
    return read_recipe(path)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def run(recipe, data, tmp_path, told) -> Run:
    return open_run(recipe, data, tmp_path / "run", told.append)


@pytest.fixture
def played(monkeypatch, tmp_path) -> list[dict]:
    """In place of a training: note who was trained on and write an empty file for each of the weights."""
    noted: list[dict] = []

    def fit(samples, stage, training, folder, seed, precision, keep_at=(1.0,), start_from=None):
        names = [case.name for case in samples.cases]
        noted.append({"folder": folder.name, "cases": names, "steps": training.steps, "seed": seed, "from": start_from})
        folder.mkdir(parents=True, exist_ok=True)
        kept = [folder / f"weights-{round(share * training.steps):06d}.pt" for share in keep_at]
        for path in kept:
            path.touch()
        return kept

    monkeypatch.setattr(pipeline, "fit_stage", fit)
    return noted


@pytest.fixture
def predicted(monkeypatch) -> list[tuple[Path, np.ndarray]]:
    """In place of a network: its weights' path; note which weights predict which images."""
    noted: list[tuple[Path, np.ndarray]] = []

    def predict_first(network, settings, images, run):
        noted.append((network, images))
        return np.broadcast_to(np.float32(0.6), (3, *images.shape[1:])).copy()

    monkeypatch.setattr(pipeline, "load_network", lambda stage, path: path)
    monkeypatch.setattr(pipeline, "predict_first", predict_first)
    return noted


def test_a_fold_is_trained_without_the_cases_that_it_holds_out(run, played):
    for fold, held_out in enumerate(run.folds):
        kept = train_fold(run, fold)
        assert sorted([*played[-1]["cases"], *held_out]) == ["case1", "case2", "case3", "case4"]
        assert len(held_out) == 2 and [path.stem[-1] for path in kept] == ["2", "4"]
    assert played[0]["seed"] != played[1]["seed"] and played[0]["folder"] != played[1]["folder"]


def test_every_mask_is_predicted_by_weights_that_never_saw_the_case(run, played, predicted):
    masks = predict_masks(run)
    seen = {entry["folder"]: entry["cases"] for entry in played}
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
            np.testing.assert_array_equal(mask, np.where(brain, 3, 0))
            assert mask.dtype == np.uint8


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


def test_the_stage_1_that_ships_goes_on_from_a_fold_with_all_cases(run, played):
    pipeline.train_first(run)
    last = played[-1]
    assert last["cases"] == [case.name for case in run.cases] and last["steps"] == 2
    assert last["from"].parent.name == "stage1-fold0" and last["from"].name == "weights-000004.pt"


def test_stage_2_is_trained_on_the_out_of_fold_masks(run, played, predicted, monkeypatch):
    given = {}

    def make(cases, masks, *rest):
        given.update(masks)
        return SecondStageSamples(cases, masks, *rest)

    monkeypatch.setattr(pipeline, "SecondStageSamples", make)
    pipeline.train_second(run)
    assert [entry["folder"] for entry in played] == ["stage1-fold0", "stage1-fold1", "stage2"]
    assert {name: len(several) for name, several in given.items()} == {f"case{n}": 2 for n in (1, 2, 3, 4)}


@pytest.mark.parametrize("change", ["folds", "seed"])
def test_a_folder_begun_with_other_folds_is_refused(run, data, change):
    other = replace(run.recipe, **{change: 3})
    with pytest.raises(TrainingError, match="begun with other cases, folds or seed; choose another folder"):
        open_run(other, data, run.folder, print)
    assert open_run(run.recipe, data, run.folder, print) == replace(run, report=print)


def test_a_folder_begun_with_other_cases_is_refused(run, data, tmp_path):
    """A case more deals the folds anew: a finished fold would have been trained on what it now predicts."""
    more = tmp_path / "more"
    more.mkdir()
    for case in data.iterdir():
        (more / case.name).symlink_to(case)
    (more / "case5").symlink_to(data / "case4")
    with pytest.raises(TrainingError, match="choose another folder"):
        open_run(run.recipe, more, run.folder, print)


@pytest.mark.parametrize(
    ("step", "folders"),
    [
        ("fold1", ["stage1-fold1"]),
        ("stage1", ["stage1-fold0", "stage1"]),
        ("masks", ["stage1-fold0", "stage1-fold1"]),
        ("stage2", ["stage1-fold0", "stage1-fold1", "stage2"]),
    ],
)
def test_a_step_makes_the_steps_that_it_needs_and_no_more(recipe, data, tmp_path, played, predicted, step, folders):
    run_recipe(recipe, data, tmp_path / "run", HeldOut(), step)
    assert [entry["folder"] for entry in played] == folders


def test_an_unknown_step_is_answered_with_the_known_ones(recipe, data, tmp_path):
    with pytest.raises(TrainingError, match="'fold2' is not known; choose all, fold0, fold1, masks, stage1, stage2"):
        run_recipe(recipe, data, tmp_path / "run", HeldOut(), "fold2")
    assert not (tmp_path / "run").exists()


def test_a_recipe_goes_from_raw_files_to_a_package_that_segments(recipe, data, tmp_path, told):
    validation, test, *_ = discover_cases(data)
    arguments = (recipe, data, tmp_path / "run", HeldOut((validation,), (test,)))
    run_recipe(*arguments, version="0.2.0", about="Made cases.", command="train tiny", report=told.append)

    package = read_package(tmp_path / "run" / "package" / "tiny")
    assert (package.name, package.version) == ("tiny", "0.2.0")
    assert package.settings.stage1.filters == 8 and package.has_vae and package.latent.cases == 4
    assert package.training["cases"] == ["case1", "case2", "case3", "case4"]
    assert [score["name"] for score in package.training["dice"]["Test"]] == [test.name]
    for text in ("# tiny 0.2.0", "Made cases.", "`train tiny`", "Validation: Dice by case", "Test: Dice by case"):
        assert text in package.card
    result = segment(read_case(data / "case4"), package, Options("cpu"))
    assert result.segmentation.labels.shape == (32, 32, 32)
    trainings = {path.parent.name for path in (tmp_path / "run").glob("*/seconds.txt")}
    assert trainings == {"stage1-fold0", "stage1-fold1", "stage1", "stage2"}

    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "run").glob("stage*/weights-*")}
    run_recipe(*arguments, step="stage2", report=told.append)
    assert len(before) == 2 + 2 + 1 + 1
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in before.items()), "nothing is trained twice"
    assert json.loads((tmp_path / "run" / "folds.json").read_text()) == open_run(*arguments[:3], print).folds
