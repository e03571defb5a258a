"""`braintumorvaeseg train`: what it passes on and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    file = tmp_path / "tiny.yaml"
    file.write_text("preset: fast\nfolds: 3\n")
    return file


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the training is called with; it only says a line."""
    pytest.importorskip("lightning")
    values: dict[str, Any] = {}

    def run_recipe(
        recipe: Any, data: Any, folder: Any, held_out: Any, step: str, name: str, version: str, about: str,
        command: str, report: Any,
    ) -> None:  # fmt: skip
        values.update(locals())
        report("step 1 of 1")

    monkeypatch.setattr("BrainTumorVAESegLib.training.pipeline.run_recipe", run_recipe)
    return values


def test_a_training_gets_the_recipe_the_data_and_the_held_out_cases(command, passed, recipe, case, out) -> None:
    about = recipe.with_name("data.md")
    about.write_text("Made cases, CC0.")
    held_out = ("--validation", case.parent, "--test", case.parent, "--test", case.parent)
    facts = ("--name", "mine", "--package-version", "2.0", "--about", about)
    outcome = command("train", recipe, "--data", case.parent, "--out", out, "--step", "fold2", *held_out, *facts)
    assert outcome.code == 0, outcome.err
    assert (passed["recipe"].name, passed["recipe"].folds) == ("tiny", 3)
    assert (passed["data"], passed["folder"], passed["step"]) == (case.parent, out, "fold2")
    assert [each.name for each in passed["held_out"].validation] == ["PATIENT-1"]
    assert len(passed["held_out"].test) == 2
    assert (passed["name"], passed["version"], passed["about"]) == ("mine", "2.0", "Made cases, CC0.")
    assert outcome.err == "step 1 of 1\n"
    assert str(out) in outcome.out


def test_all_steps_are_run_where_none_is_named(command, passed, recipe, case, out) -> None:
    assert command("train", recipe, "--data", case.parent, "--out", out).code == 0
    assert (passed["step"], passed["held_out"].validation, passed["about"]) == ("all", (), "")


def test_an_unknown_recipe_and_a_wrong_one_are_refused(command, case, out, tmp_path) -> None:
    unknown = command("train", "unheard-of", "--data", case.parent, "--out", out)
    assert (unknown.code, "unheard-of" in unknown.error) == (8, True)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("preset: fast\nfoldz: 3\n")
    outcome = command("train", wrong, "--data", case.parent, "--out", out)
    assert (outcome.code, "'folds'" in outcome.error) == (8, True)
    assert not out.exists()


def test_missing_data_is_refused(command, recipe, out, tmp_path) -> None:
    assert command("train", recipe, "--data", tmp_path / "gone", "--out", out).code == 3
    assert not out.exists()


def test_a_text_that_cannot_be_read_is_refused(command, recipe, case, out, tmp_path) -> None:
    (tmp_path / "data.md").write_bytes(b"\xff\xfe\x00")
    arguments = ("train", recipe, "--data", case.parent, "--out", out, "--about", tmp_path / "data.md")
    outcome = command(*arguments)
    assert (outcome.code, "data.md" in outcome.error) == (3, True)


def test_a_run_below_a_file_is_refused(command, recipe, case, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    assert command("train", recipe, "--data", case.parent, "--out", tmp_path / "file" / "run").code == 7


def test_without_the_training_libraries_it_says_what_to_install(command, recipe, case, out, monkeypatch) -> None:
    from BrainTumorVAESegLib.cli import dependencies

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
