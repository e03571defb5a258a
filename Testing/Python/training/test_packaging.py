"""From trained weights to a package: calibrated, measured, with its card, made once."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import torch
from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.core.settings import Cleaning
from BrainTumorVAESegLib.models.package import load_stage, read_package
from BrainTumorVAESegLib.models.shading import read_shading, shading_json
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.training import calibrating, packaging
from BrainTumorVAESegLib.training import trained as trained_networks
from BrainTumorVAESegLib.training.fit.checkpoints import load_network, save_weights
from BrainTumorVAESegLib.training.packaging import HeldOut, Naming, package_run
from trainedruns import SHADING, score


@pytest.fixture
def measured(monkeypatch) -> list:
    """In place of the measuring: note the package, which must be written already, and the cases."""
    noted = []

    def measure(package, cases, report):
        written = read_package(package.folder).settings
        alone = package.settings.stage2 is None
        noted.append((written.thresholds, "alone" if alone else "both", [case.name for case in cases]))
        return [score(case.name, 0.125 if alone else 0.25, 5.0) for case in cases]

    monkeypatch.setattr(packaging, "score_package", measure)
    return noted


@pytest.fixture
def sets(held_out_data) -> HeldOut:
    return HeldOut(test=tuple(discover_cases(held_out_data)))


NAMING = Naming("mine", "1.2.3", "From nowhere.", "train tiny")


def test_the_package_is_measured_as_it_ships_and_its_card_says_so(trained, measured, sets):
    package = package_run(trained, NAMING, sets)
    names = ["other1", "other2"]
    assert measured == [((0.3, 0.5, 0.6), "both", names), ((0.3, 0.5, 0.6), "alone", names)]
    assert package.settings.thresholds == (0.3, 0.5, 0.6) and package.settings.temperatures == (1.0, 1.5, 2.0)
    assert package.settings.cleaning == Cleaning((1.0, 0.0, 0.2), 0.5, fill=True)
    assert (
        "of WT under 1 ml, of ET under 0.2 ml. Left out are parts of WT under 0.5 ml in which stage 1 saw no tumor."
        " What TC or WT encloses on all sides is filled." in package.card
    )
    assert "lesion-wise Dice WT 0.500 to 0.600" in package.card
    assert package.latent.cases == 4
    assert [entry["dice"]["WT"] for entry in package.training["dice"]["Test"]] == [0.25, 0.25]
    assert [entry["dice"]["WT"] for entry in package.training["dice_of_stage1"]["Test"]] == [0.125, 0.125]
    assert "| stage 1 alone | 0.125 | 0.500 | 1.000 |" in package.card
    assert "| the cascade | 0.250 | 0.500 | 1.000 |" in package.card
    assert package.training["torch"] == torch.__version__ and package.training["machine"]
    assert "| other1 | 0.250 | 0.500 | 1.000 | " in package.card
    assert "chosen on the 4 training cases, each predicted by weights that did not see it" in package.card


def test_a_package_that_is_there_is_made_again_only_where_something_differs(trained, measured, sets):
    first = package_run(trained, NAMING, sets)
    assert package_run(trained, NAMING, sets).sha256 == first.sha256 and len(measured) == 2
    package_run(trained, replace(NAMING, version="1.2.4"), sets)
    package_run(trained, replace(NAMING, version="1.2.4"), HeldOut(test=sets.test[:1]))
    assert len(measured) == 6
    (first.folder / "docs" / "README.md").write_text("# changed")
    package_run(trained, replace(NAMING, version="1.2.4"), HeldOut(test=sets.test[:1]))
    assert len(measured) == 8, "a damaged one is made anew"


def test_a_package_tells_what_its_weights_began_with_and_how_that_was_made(trained, measured, sets):
    old = package_run(trained, NAMING, sets)
    stage2 = replace(trained.recipe.stage2, steps=0)
    recipe = replace(trained.recipe, name="tuned", start_from="mine", stage2=stage2)
    tuned = replace(trained, recipe=recipe, start=old)
    new = package_run(tuned, Naming("mine", "1.3.0", "From nowhere.", "train tuned"), sets)
    assert new.training["kept"] == [2] and new.training["start"]["version"] == "1.2.3"
    assert new.training["start"]["command"] == "train tiny"
    [story] = re.findall(r"Recipe `tuned`.*Begun with the weights.*Recipe `tiny`.*", new.card, re.DOTALL)
    assert f"`mine` 1.2.3 (SHA-256 {old.sha256}). Stage 2 is that package's own." in story
    assert "Command: `train tiny`" in new.card and "Begun with" not in old.card
    assert new.card.count("4 cases: case1, case2, case3, case4.") == 1 and "The same 4 cases." in story


def test_a_package_knows_of_shading_what_its_start_knew(trained, measured, sets, monkeypatch):
    old = package_run(trained, NAMING, sets)
    monkeypatch.setattr(calibrating, "read_shading", lambda package: SHADING if package is old else None)
    tuned = replace(trained, recipe=replace(trained.recipe, start_from="mine"), start=old)
    assert read_shading(old) is None
    new = package_run(tuned, replace(NAMING, version="1.3.0"), sets)
    known = read_shading(new)
    assert known is not None and shading_json(known) == shading_json(SHADING)


def test_an_ensemble_holds_the_weights_of_every_fold_and_answers_with_their_mean(trained, measured, sets, monkeypatch):
    files = {}
    for fold in (0, 1):
        for number, stage in ((1, trained.recipe.settings.stage1), (2, trained.recipe.settings.stage2)):
            torch.manual_seed(10 * fold + number)
            files[fold, number] = trained.folder / f"{fold}-{number}.safetensors"
            save_weights(files[fold, number], NvNet(stage))
    monkeypatch.setattr(trained_networks, "train_first_fold", lambda run, fold: [files[fold, 1]])
    monkeypatch.setattr(trained_networks, "train_second_fold", lambda run, fold: files[fold, 2])
    run = replace(trained, recipe=replace(trained.recipe, package="ensemble"))
    package = package_run(run, NAMING, sets)
    assert (package.settings.stage1.members, package.settings.stage2.members) == (2, 2)
    assert "is the mean of 2 networks" in package.card
    for number in (1, 2):
        stage = getattr(trained.recipe.settings, f"stage{number}")
        alone = [load_network(stage, files[fold, number]) for fold in (0, 1)]
        x = torch.randn(1, stage.in_channels, 16, 16, 16)
        with torch.inference_mode():
            expected = (alone[0](x).logits + alone[1](x).logits) / 2
            torch.testing.assert_close(load_stage(package, number)(x).logits, expected, atol=5e-2, rtol=0)
