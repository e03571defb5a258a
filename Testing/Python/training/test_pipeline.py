"""One recipe from raw files to a package, step by step or whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.cases.reading import read_case
from BrainTumorVAESegLib.core.errors import TrainingError
from BrainTumorVAESegLib.inference.segmenting import Options, segment
from BrainTumorVAESegLib.models.package import ModelPackage, read_package
from BrainTumorVAESegLib.training import stages
from BrainTumorVAESegLib.training.fit.checkpoints import read_weights
from BrainTumorVAESegLib.training.packaging import HeldOut, Naming
from BrainTumorVAESegLib.training.pipeline import check_step, run_recipe, step_names


def test_the_steps_are_called_like_the_folders_of_their_trainings(recipe):
    assert step_names(recipe) == (
        "stage1-fold0", "stage1-fold1", "stage1", "masks", "stage2-fold0", "stage2-fold1", "stage2", "calibration",
        "package",
    )  # fmt: skip
    alone = replace(recipe, settings=replace(recipe.settings, stage2=None))
    assert step_names(alone) == ("stage1-fold0", "stage1-fold1", "stage1", "calibration", "package")


@pytest.mark.parametrize(
    ("step", "folders"),
    [
        ("stage1-fold1", ["stage1-fold1"]),
        ("stage1", ["stage1-fold0", "stage1"]),
        ("masks", ["stage1-fold0", "stage1-fold1"]),
        ("stage2-fold0", ["stage1-fold0", "stage1-fold0", "stage1-fold1", "stage2-fold0"]),
        ("stage2", ["stage1-fold0", "stage1-fold1", "stage2"]),
    ],
)
def test_a_step_makes_the_steps_that_it_needs_and_no_more(run, played, monkeypatch, step, folders):
    monkeypatch.setattr(stages, "load_network", lambda stage, path: path)
    monkeypatch.setattr(stages, "_predict_missing_masks", lambda *_: None)
    monkeypatch.setattr(stages.np, "load", lambda path, mmap_mode: path)
    run_recipe(run, HeldOut(), Naming(), step)
    assert [fit.folder.name for fit in played] == folders


def test_an_unknown_step_is_answered_with_the_known_ones(recipe):
    with pytest.raises(TrainingError, match="'fold2' is not known; choose all, stage1-fold0, stage1-fold1, stage1"):
        check_step(recipe, "fold2")


def test_a_segresnet_is_trained_alone(recipe, open_tiny):
    alone = replace(recipe.settings.stage1, architecture="segresnet", align_corners=False, vae_crop=None)
    stage1 = replace(recipe.stage1, reconstruct=False)
    run = open_tiny(replace(recipe, settings=replace(recipe.settings, stage1=alone, stage2=None), stage1=stage1))
    run_recipe(run, HeldOut(), Naming(), "stage1-fold0")
    names = read_weights(run.folder / "stage1-fold0" / "weights-000004.safetensors")
    assert "head_norm.weight" in names and not any(name.startswith(("vae.", "gates.")) for name in names)
    assert (run.folder / "stage1-fold0" / "checks.csv").is_file()


@pytest.mark.slow
def test_a_recipe_goes_from_raw_files_to_a_package_that_segments(run, open_tiny, data, held_out_data):
    validation, test = discover_cases(held_out_data)
    sets, naming = HeldOut((validation,), (test,)), Naming("", "0.2.0", "Made cases.", "train tiny")
    run_recipe(run, sets, naming)

    package = read_package(run.folder / "package" / "tiny")
    assert (package.name, package.version) == ("tiny", "0.2.0")
    assert package.settings.stage1.filters == 8 and package.has_vae and package.latent.cases == 4
    assert package.training["cases"] == ["case1", "case2", "case3", "case4"]
    assert package.training["calibration"]["cases"] == 4
    assert package.settings.thresholds == tuple(package.training["calibration"]["thresholds"])
    assert [score["name"] for score in package.training["dice"]["Test"]] == [test.name]
    for text in (
        "# tiny 0.2.0",
        "Made cases.",
        "`train tiny`",
        "Validation: Dice and HD95 by case",
        "Test: Dice and HD95 by case",
    ):
        assert text in package.card
    result = segment(read_case(data / "case4"), package, Options("cpu"))
    assert result.segmentation.labels.shape == (32, 32, 32)
    trainings = {path.parent.name for path in run.folder.glob("*/losses.csv")}
    assert trainings == {"stage1-fold0", "stage1-fold1", "stage1", "stage2-fold0", "stage2-fold1", "stage2"}

    before = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*") if path.is_file()}
    run_recipe(open_tiny(), sets, naming)
    assert len([path for path in before if path.name.startswith("weights-")]) == 2 + 2 + 1 + 1 + 1 + 1
    again = {path: path.stat().st_mtime_ns for path in run.folder.rglob("*") if path.is_file()}
    changed = {path.name for path in again if again[path] != before.get(path)}
    assert changed <= {"validation.json"}, "no finished step is repeated"


@pytest.fixture
def begun(run):
    """Let a run begin with a package that was trained on some cases."""

    def begun(*cases: str, step: str, sets: HeldOut | None = None) -> None:
        training = {"cases": [], "start": {"cases": list(cases)}}
        settings = run.recipe.settings
        start = ModelPackage(name="old", version="1", settings=settings, training=training, folder=run.folder)
        recipe = replace(run.recipe, start_from="old")
        run_recipe(replace(run, recipe=recipe, start=start), sets or HeldOut(), Naming(), step)

    return begun


def test_cases_for_measuring_must_be_new_to_the_package_that_a_run_begins_with(begun, played, held_out_data):
    cases = tuple(discover_cases(held_out_data))
    with pytest.raises(TrainingError, match=r"start_from: old was trained on other2, so that .* hold out other cases"):
        begun("other2", step="stage1", sets=HeldOut(test=cases))
    assert played == []


@pytest.mark.parametrize("step", ["all", "calibration", "package"])
def test_folds_of_cases_that_the_weights_began_with_are_not_calibrated_on(begun, played, step):
    with pytest.raises(TrainingError, match=r"case1, case2, case3 and 1 more, .* `calibrate_on: validation`"):
        begun("case1", "case2", "case3", "case4", step=step)
    assert played == []


def test_cases_for_measuring_must_not_be_among_those_trained_on(run, played, data):
    first, *_ = discover_cases(data)
    with pytest.raises(TrainingError, match="not apart from those trained on: case1 is among both"):
        run_recipe(run, HeldOut(test=(first,)), Naming(), "stage1")
    assert played == []
