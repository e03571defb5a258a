"""`braintumorvaeseg train`: what it passes on, what it refuses, and a whole training in minutes."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    file = tmp_path / "tiny.yaml"
    file.write_text("preset: small\nfolds: 3\n")
    return file


@dataclass
class Passed:
    """What the training is called with."""

    opened: tuple[Any, ...] = ()
    run: tuple[Any, ...] = ()


@dataclass
class OpenedRun:
    folder: Path
    processes: Any


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> Passed:
    """In place of the training: note what it is called with and say a line."""
    pytest.importorskip("lightning")
    noted = Passed()

    def open_run(
        recipe: Any, cases: Any, folder: Any, processes: Any, watchers: Any, report: Any, cache: Any
    ) -> OpenedRun:
        noted.opened = (recipe, cases, folder, watchers, cache)
        report("prepared PATIENT-1")
        return OpenedRun(folder, processes)

    def run_recipe(run: Any, held_out: Any, naming: Any, step: str) -> None:
        noted.run = (held_out, naming, step)

    monkeypatch.setattr("BrainTumorVAESegLib.training.run.open_run", open_run)
    monkeypatch.setattr("BrainTumorVAESegLib.training.pipeline.run_recipe", run_recipe)
    return noted


def test_a_training_gets_the_recipe_the_data_and_the_held_out_cases(command, passed, recipe, case, out) -> None:
    about = recipe.with_name("data.md")
    about.write_text("Made cases, CC0.")
    held_out = ("--validation", case.parent, "--test", case.parent, "--test", case.parent)
    facts = ("--name", "mine", "--package-version", "2.0", "--about", about, "--cache", out.with_name("cache"))
    outcome = command("train", recipe, "--data", case.parent, "--out", out, "--step", "stage1-fold2", *held_out, *facts)
    assert outcome.code == 0, outcome.err
    plan, cases, folder, watchers, cache = passed.opened
    assert (plan.name, plan.folds) == ("tiny", 3)
    assert ([each.name for each in cases], folder, cache) == (["PATIENT-1"], out, out.with_name("cache"))
    assert [type(watcher).__name__ for watcher in watchers] == ["TensorBoardWatcher", "ProgressWatcher"]
    sets, naming, step = passed.run
    assert step == "stage1-fold2"
    assert [each.name for each in sets.validation] == ["PATIENT-1"] and len(sets.test) == 2
    assert (naming.name, naming.version, naming.about) == ("mine", "2.0", "Made cases, CC0.")
    assert "prepared PATIENT-1" in outcome.err
    assert str(out) in outcome.out


def test_one_table_of_patients_serves_all_parts_and_need_not_name_cases_of_each(
    command, passed, recipe, case, out, tmp_path
) -> None:
    other = tmp_path / "apart" / "PATIENT-2"
    shutil.copytree(case, other)
    for path in other.iterdir():
        path.rename(path.with_name(path.name.replace("PATIENT-1", "PATIENT-2")))
    table = tmp_path / "patients.csv"
    table.write_text("case,patient\nPATIENT-2,somebody\n")
    data = ("--data", case.parent, "--validation", other.parent, "--patients", table)
    arguments = ("train", recipe, *data, "--out", out)
    outcome = command(*arguments)
    assert outcome.code == 0, outcome.err
    assert [each.patient for each in passed.run[0].validation] == ["somebody"]
    assert "somebody" not in [each.patient for each in passed.opened[1]]
    table.write_text("case,patient\nPATIENT-3,somebody\n")
    unknown = command(*arguments)
    assert (unknown.code, "names none of the 2 cases" in unknown.error) == (3, True)


def test_all_steps_are_run_where_none_is_named(command, passed, recipe, case, out) -> None:
    assert command("train", recipe, "--data", case.parent, "--out", out).code == 0
    sets, naming, step = passed.run
    assert (step, sets.validation, naming.about) == ("all", (), "")


def test_lists_give_their_parts_by_their_use_or_by_name(command, passed, recipe, case, out, tmp_path) -> None:
    listed = tmp_path / "split.json"
    (tmp_path / "all").symlink_to(case.parent)
    listed.write_text(json.dumps({"train": ["PATIENT-1"], "validation": [], "later": ["PATIENT-1"]}))
    outcome = command("train", recipe, "--data", listed, "--test", f"{listed}:later", "--out", out)
    assert outcome.code == 0, outcome.err
    assert [each.name for each in passed.opened[1]] == ["PATIENT-1"]
    assert [each.name for each in passed.run[0].test] == ["PATIENT-1"]
    missing = command("train", recipe, "--data", f"{listed}:never", "--out", out)
    assert (missing.code, "never" in missing.error) == (3, True)


def test_an_unknown_step_is_refused_with_the_known_ones(command, passed, recipe, case, out) -> None:
    outcome = command("train", recipe, "--data", case.parent, "--out", out, "--step", "stage1-fold3")
    assert (outcome.code, "stage1-fold2" in outcome.error) == (8, True)
    assert passed.opened == () and not out.exists()


def test_an_unknown_recipe_and_a_wrong_one_are_refused(command, case, out, tmp_path) -> None:
    unknown = command("train", "unheard-of", "--data", case.parent, "--out", out)
    assert (unknown.code, "unheard-of" in unknown.error, "smoke" in unknown.error) == (8, True, True)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("preset: small\nfoldz: 3\n")
    outcome = command("train", wrong, "--data", case.parent, "--out", out)
    assert (outcome.code, "'folds'" in outcome.error) == (8, True)
    assert not out.exists()


def test_missing_data_is_refused(command, recipe, out, tmp_path) -> None:
    assert command("train", recipe, "--data", tmp_path / "gone", "--out", out).code == 3
    assert not out.exists()


def test_a_folder_without_cases_is_refused(command, recipe, out, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    outcome = command("train", recipe, "--data", tmp_path / "empty", "--out", out)
    assert (outcome.code, "empty: holds no case" in outcome.error) == (3, True)


def test_a_folder_of_something_else_is_refused_as_output(command, recipe, case, out) -> None:
    out.mkdir(parents=True)
    (out / "letter.txt").write_text("dear")
    outcome = command("train", recipe, "--data", case.parent, "--out", out)
    assert (outcome.code, "holds letter.txt and no training run" in outcome.error) == (8, True)


def test_a_text_that_cannot_be_read_is_refused(command, recipe, case, out, tmp_path) -> None:
    (tmp_path / "data.md").write_bytes(b"\xff\xfe\x00")
    arguments = ("train", recipe, "--data", case.parent, "--out", out, "--about", tmp_path / "data.md")
    outcome = command(*arguments)
    assert (outcome.code, "data.md" in outcome.error) == (3, True)


def test_a_run_below_a_file_is_refused(command, recipe, case, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    assert command("train", recipe, "--data", case.parent, "--out", tmp_path / "file" / "run").code == 7


def test_without_the_training_libraries_it_says_what_to_install(command, recipe, case, out, monkeypatch) -> None:
    from BrainTumorVAESegLib.cli.support import dependencies

    find_spec = dependencies.importlib.util.find_spec
    missing = ("monai", "lightning")
    monkeypatch.setattr(
        dependencies.importlib.util, "find_spec", lambda name: None if name in missing else find_spec(name)
    )
    outcome = command("train", recipe, "--data", case.parent, "--out", out)
    assert (outcome.code, outcome.err) == (
        9,
        "error: lightning, monai are not installed; pip install 'braintumorvaeseg[train]'.\n",
    )


@pytest.mark.slow
def test_the_recipe_smoke_goes_from_made_cases_to_a_package_that_segments(command, tmp_path) -> None:
    """The whole way as the documents show it, with the recipe that ships but for fewer steps and coarser voxels."""
    data, run, recipe = tmp_path / "phantoms", tmp_path / "run", tmp_path / "smoke.yaml"
    short = "{steps: 2, final_steps: 1, warmup: 1, check_every: 2}"
    cube = "{field: [32, 32, 32], vae_crop: [32, 32, 32]}"
    networks = f"{{preprocessing: {{spacing: 3.0}}, stage1: {cube}, stage2: {cube}}}"
    recipe.write_text(f"base: smoke\nname: smoke\nnetworks: {networks}\nstage1: {short}\nstage2: {short}\n")
    assert command("phantoms", "--out", data, "--count", 4, "--spacing", 3).code == 0
    assert command("phantoms", "--out", tmp_path / "other", "--count", 1, "--seed", 90, "--spacing", 3).code == 0
    outcome = command("train", recipe, "--data", data, "--test", tmp_path / "other", "--out", run)
    assert outcome.code == 0, outcome.err
    assert command("models", "verify", run / "package" / "smoke").code == 0
    for name in ("run.json", "validation.json", "curves.png", "stage2/losses.csv", "stage1/pictures/prior.png"):
        assert (run / name).is_file(), name
    case = tmp_path / "other" / "phantom-090"
    segmented = command("segment", case, "--model", run / "package" / "smoke", "--out", tmp_path / "out", "--json")
    assert segmented.code == 0, segmented.err
    card = command("models", "show", run / "package" / "smoke", "--json").json["card"]
    assert "Recipe `smoke`" in card and "phantom-090" in card


def test_the_command_that_a_package_tells_names_no_folder():
    from BrainTumorVAESegLib.cli.train import without_folders

    given = ["train", "standard", "--data", "/home/a/Jane Doe 1950/set.json:training", "--out=runs/b", "-o", "C:\\x\\c"]
    assert without_folders(given) == ["train", "standard", "--data", "set.json:training", "--out=b", "-o", "c"]
