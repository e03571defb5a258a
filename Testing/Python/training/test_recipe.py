"""Recipes: those that ship can be read, and what is wrong in one is said before hours are spent."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from BrainTumorVAESegLib.core.errors import TrainingError
from BrainTumorVAESegLib.core.resources import resources_folder
from BrainTumorVAESegLib.core.settings import PAPER, PRESETS, SMALL
from BrainTumorVAESegLib.training.recipe import read_recipe
from BrainTumorVAESegLib.training.settings import Augmentation, Recipe, StageTraining

STUDIES = Path(__file__).parents[2] / "Studies"
SHIPPED = sorted(path.stem for path in (resources_folder() / "Recipes").glob("*.yaml"))


@pytest.fixture
def read(tmp_path):
    """Read a recipe from its text."""

    def read(text: str) -> Recipe:
        path = tmp_path / "mine.yaml"
        path.write_text(text, encoding="utf-8")
        return read_recipe(path)

    return read


def test_some_recipes_ship():
    assert "fast" in SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_a_recipe_that_ships_can_be_read_by_name_and_by_path(name):
    recipe = read_recipe(name)
    assert recipe.name == name and recipe.settings == PRESETS.get(name, recipe.settings)
    assert read_recipe(resources_folder() / "Recipes" / f"{name}.yaml") == recipe


def test_what_is_not_said_is_the_presets_and_the_papers(read):
    recipe = read("seed: 3\n")
    assert recipe.name == "mine" and recipe.seed == 3 and recipe.settings == PAPER
    assert recipe.stage1.learning_rate == 1e-4 and recipe.stage1.loss.dice == "sum"


def test_what_is_said_replaces_it_at_every_depth(read):
    recipe = read(
        """
        name: small
        preset: small
        networks:
          stage1: {filters: 8, vae_crop: [32, 32, 48]}
        stage1:
          steps: 7
          learning_rate: 1
          loss: {dice: mean, channel_weights: [0.1, 0.45, 0.45]}
        augmentation: {gamma_range: [0.9, 1.1]}
        masks_at: [0.5, 1.0]
        """
    )
    assert recipe.name == "small"
    assert recipe.settings.stage1.filters == 8 and recipe.settings.stage1.vae_crop == (32, 32, 48)
    assert recipe.settings.stage1.downsample == SMALL.stage1.downsample and recipe.settings.stage2 == SMALL.stage2
    assert recipe.stage1.steps == 7 and recipe.stage1.learning_rate == 1.0
    assert recipe.stage1.loss.channel_weights == (0.1, 0.45, 0.45) and recipe.stage1.loss.l2 == 0.1
    assert recipe.stage2.steps == 1000
    assert recipe.augmentation.gamma_range == (0.9, 1.1) and recipe.masks_at == (0.5, 1.0)


def test_a_recipe_with_a_base_says_only_what_it_changes(read, tmp_path):
    small = read_recipe("small")
    assert read("base: small") == replace(small, name="mine")
    changed = read("base: small\nseed: 5\nstage1: {steps: 7, loss: {l2: 0.3}}\nnetworks: {stage1: {latent: 16}}")
    assert changed.seed == 5 and changed.stage2 == small.stage2
    assert changed.stage1 == replace(small.stage1, steps=7, loss=replace(small.stage1.loss, l2=0.3))
    assert changed.settings == replace(small.settings, stage1=replace(small.settings.stage1, latent=16))
    (tmp_path / "below.yaml").write_text("base: small\nname: below\nfolds: 3", encoding="utf-8")
    assert read("base: below.yaml\nseed: 9") == replace(small, name="mine", folds=3, seed=9)


def test_a_base_that_is_missing_or_goes_in_a_circle_is_refused(read):
    for text, said in (
        ("base: nothing", "no such recipe"),
        ("base: mine.yaml", "own base"),
        ("base: 3", "a recipe's name"),
    ):
        with pytest.raises(TrainingError) as caught:
            read(text)
        assert said in str(caught.value)


@pytest.mark.parametrize("path", sorted(STUDIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_studies_can_be_read_and_differ_from_what_they_are_held_against(path):
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    base = values["base"]
    study, other = read_recipe(path), read_recipe(path.with_name(base) if base.endswith(".yaml") else base)
    assert study.name == path.stem and replace(study, name=other.name) != other
    assert (study.seed, study.folds) == (other.seed, other.folds)
    assert (study.augmentation == other.augmentation) == ("augmentation" not in values)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fold: 3", "unknown key 'fold', did you mean 'folds'"),
        ("stage1: {learningrate: 1}", "stage1: unknown key 'learningrate', did you mean 'learning_rate'"),
        ("stage1: {loss: {kl_scal: voxels}}", "stage1: loss: unknown key 'kl_scal', did you mean 'kl_scale'"),
        ("augmentation: {xyz: 1}", "augmentation: unknown key 'xyz'; known are flip, shift"),
        ("networks: {stage3: {}}", "networks: unknown key 'stage3', did you mean 'stage"),
        ("networks: {stage1: {filter: 8}}", "networks: stage1: unknown key 'filter', did you mean 'filters'"),
        ("1: 2", "unknown key '1'"),
    ],
)
def test_an_unknown_key_names_its_place_and_the_nearest_key(read, text, said):
    with pytest.raises(TrainingError) as caught:
        read(text)
    assert f"mine.yaml: {said}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("folds: two", "folds: must be a whole number, not 'two'"),
        ("folds: 2.5", "folds: must be a whole number, not 2.5"),
        ("folds: true", "folds: must be a whole number, not True"),
        ("seed: null", "seed: must be a whole number, not None"),
        ("stage1: {ema: high}", "stage1: ema: must be a number, not 'high'"),
        ("stage1: {reconstruct: 1}", "stage1: reconstruct: must be true or false, not 1"),
        ("stage1: 5", "stage1: must be a table of keys and values, not 5"),
        ("networks: 5", "networks: must be a table"),
        ("networks: {stage1: null}", "networks: stage1: must be a table"),
        ("masks_at: 0.5", "masks_at: must be a list, not 0.5"),
        ("masks_at: [half]", "masks_at: must be a number, not 'half'"),
        ("augmentation: {gamma_range: [1.0]}", "augmentation: gamma_range: must be a list of 2"),
        ("networks: {stage1: {field: [16, 16]}}", "networks: stage1: field: must be a list of 3"),
    ],
)
def test_a_value_of_a_wrong_kind_names_its_key(read, text, said):
    with pytest.raises(TrainingError) as caught:
        read(text)
    assert f"mine.yaml: {said}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("preset: quick", "the preset 'quick' is not known; known are standard, fast, small, paper"),
        ("preset: [fast]", "is not known; known are standard, fast, small, paper"),
        ("stage1: {optimizer: sgd}", "stage1: optimizer: 'sgd' is not known; known are adam, adamw"),
        ("stage2: {schedule: linear}", "stage2: schedule: 'linear' is not known; known are poly, cosine"),
        ("stage1: {loss: {dice: max}}", "stage1: loss: dice: 'max' is not known; known are sum, mean"),
        ("precision: fp8", "precision: 'fp8' is not known; known are auto"),
        ("networks: {stage1: {architecture: unet}}", "networks: stage1: The architecture 'unet' is not known"),
    ],
)
def test_an_unknown_name_is_answered_with_the_known_ones(read, text, said):
    with pytest.raises(TrainingError) as caught:
        read(text)
    assert said in str(caught.value) and "mine.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("masks_at: []", "masks_at"),
        ("masks_at: [0.5, 1.5]", "masks_at"),
        ("masks_at: [0.0, 1.0]", "masks_at"),
        ("masks_at: [1.0, 0.6]", "masks_at must be rising"),
        ("masks_at: [0.6, 0.8]", "the last of them 1"),
        ("seed: -1", "seed"),
        ("name: a/b", "cannot be a folder's"),
        ("stage1: {learning_rate: .inf}", "learning_rate"),
        ("stage1: {learning_rate: much}", "a number"),
        ("stage1: {loss: {smooth: -5}}", "smooth"),
        ("stage1: {loss: {channel_weights: [1, 1]}}", "three numbers"),
        ("networks: {preprocessing: {spacing: 0.0}}", "out of all reason"),
        ("networks: {preprocessing: {clip: [99.0, 1.0]}}", "out of all reason"),
        ("networks: {stage1: {groups: 0}}", "choose a divisor"),
        ("networks: {stage1: {downsample: 0}}", "out of all reason"),
        ("networks: {stage1: {latent: 0}}", "out of all reason"),
        ("networks: {stage1: {in_channels: 5}}", "4 input channels"),
        ("networks: {stage2: {out_channels: 2}}", "3 output channels"),
        ("networks: {stage2: {downsample: 2}}", "a downsample of 1"),
        ("networks: {stage2: {field: null, vae_crop: null}}", "needs a field"),
        ("stage1: {final_steps: -1}", "final_steps"),
        ("second_from_first: true\nstart_from: fast", "exclude each other"),
        ("second_from_first: true\nnetworks: {stage2: {filters: 16}}", "as many filters"),
        ("second_from_first: true\nnetworks: {stage2: null}", "needs a second stage"),
        ("stage2: {steps: 0}", "only with start_from"),
        ("stage1: {epochs: 0, steps: 0}", "only with start_from"),
        ("start_from: fast\nstage1: {steps: 0, final_steps: 5}", "final_steps must be 0 too"),
        ("masks_from: elsewhere", "masks_from: 'elsewhere' is not known; known are folds, own"),
        ("masks_from: own\ncalibrate_on: validation", "masks_from: own needs start_from"),
        ("masks_from: own\nstart_from: fast", "masks_from: own needs start_from, and calibrate_on: validation"),
        ("networks: {stage1: {filters: 10}}", "10 filters"),
        ("networks: {stage1: {vae_crop: [24, 24, 24]}}", "multiple of 16"),
        ("preset: small\nnetworks: {stage2: {field: [64, 64, 64]}}", "field and vae_crop must be the same"),
    ],
)
def test_numbers_that_cannot_be_trained_with_are_refused_at_once(read, text, said):
    with pytest.raises(TrainingError, match=r"mine\.yaml") as caught:
        read(text)
    assert said in str(caught.value)


def test_a_missing_recipe_is_answered_with_those_that_ship(tmp_path):
    for name in ("nosuch", tmp_path / "nosuch.yaml"):
        with pytest.raises(TrainingError, match=r"nosuch.*no such recipe; give a YAML file or one of .*fast"):
            read_recipe(name)


@pytest.mark.parametrize("text", ["- a list", "just words", "", "a: [1", "\0"])
def test_a_file_that_is_no_table_of_values_is_refused_in_one_line(read, text):
    with pytest.raises(TrainingError, match=r"mine\.yaml") as caught:
        read(text)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = Path(tmp_path) / "mine.yaml"
    path.write_bytes(b"name: \xff\xfe")
    with pytest.raises(TrainingError, match="not valid YAML"):
        read_recipe(path)


@pytest.mark.parametrize("name", ["standard", "fast", "small", "paper", "smoke"])
def test_every_recipe_that_ships_can_be_read(name):
    assert read_recipe(name).name == name


def test_the_recipe_paper_is_what_was_published():
    """Myronenko 2018, sections 2 and 3; Lyu & Shu 2020, section 3.3."""
    paper = read_recipe("paper")
    assert paper.settings == PRESETS["paper"] and paper.settings.stage1.filters == 32
    for stage, epochs, rate in ((paper.stage1, 300, 1e-4), (paper.stage2, 200, 5e-5)):
        assert (stage.epochs, stage.learning_rate, stage.optimizer, stage.schedule) == (epochs, rate, "adam", "poly")
        assert (stage.weight_decay, stage.batch, stage.accumulate, stage.ema, stage.warmup) == (1e-5, 1, 1, 0.0, 0)
        assert (stage.loss.l2, stage.loss.kl, stage.loss.kl_scale) == (0.1, 0.1, "voxels")
    assert paper.stage1.loss.dice == "sum" and paper.stage2.loss.channel_weights == (0.1, 0.45, 0.45)
    assert paper.augmentation == Augmentation()
    assert (paper.augmentation.flip, paper.augmentation.shift, paper.augmentation.scale) == (0.5, 0.1, 0.1)


def test_a_recipe_may_have_one_stage_alone_and_a_grid_of_its_own(read):
    alone = read("preset: small\nnetworks: {stage2: null, preprocessing: {spacing: 2.0}}")
    assert alone.settings.stage2 is None and alone.settings.preprocessing.spacing == 2.0
    assert alone.settings.preprocessing.margin == PRESETS["small"].preprocessing.margin


def test_several_members_belong_to_packages_and_not_to_recipes(read):
    with pytest.raises(TrainingError, match="members belong to packages"):
        read("networks: {stage1: {members: 2}}")


@pytest.mark.parametrize(
    ("training", "cases", "processes", "steps"),
    [
        (StageTraining(epochs=300), 369, 1, 110_700),
        (StageTraining(epochs=300), 369, 4, 27_675),
        (StageTraining(epochs=1, batch=2, accumulate=3), 13, 1, 3),
        (StageTraining(epochs=0.01), 5, 1, 1),
        (StageTraining(steps=7), 369, 4, 7),
    ],
)
def test_epochs_are_turned_into_steps(training, cases, processes, steps):
    made = training.in_steps(cases, processes)
    assert (made.steps, made.epochs) == (steps, 0.0)
    assert made.in_steps(1) == made


def test_numbers_as_people_write_them_are_numbers(read):
    """YAML takes 1e-4, without a point, for a text."""
    assert read("stage1: {learning_rate: 1e-4}").stage1.learning_rate == 1e-4


@pytest.mark.parametrize(
    "text",
    [
        "seed: 1" + "0" * 400,
        "stage1: {learning_rate: 1" + "0" * 400 + "}",
        "x: " + "[" * 3000,
        "a: &a [*a]",
        "\n".join(["a0: &a0 [1, 2]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]),
        "seed: 2001-99-99",
        "name: " + "n" * 100_000,
        "k" * 100_000 + ": 1",
    ],
    ids=lambda text: text[:12],
)
def test_a_recipe_out_of_all_reason_is_refused_in_a_short_line(text, tmp_path):
    (tmp_path / "r.yaml").write_text(text)
    with pytest.raises(TrainingError) as caught:
        read_recipe(tmp_path / "r.yaml")
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 900


def test_a_pipe_for_a_recipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "r.yaml")
    with pytest.raises(TrainingError, match="it is a pipe, not a file"):
        read_recipe(tmp_path / "r.yaml")
