"""From trained weights to a package: thresholds, latent statistics, and the card."""

from __future__ import annotations

import re
from dataclasses import asdict, replace

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.core.settings import CascadeSettings, Cleaning
from BrainTumorVAESegLib.evaluation.comparing import compare
from BrainTumorVAESegLib.evaluation.scoring import CaseScore
from BrainTumorVAESegLib.inference.cascade import predict
from BrainTumorVAESegLib.models.package import load_stage, read_package
from BrainTumorVAESegLib.models.shading import read_shading, shading_json
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.preparation.shading import TERMS, fit_shading
from BrainTumorVAESegLib.training import packaging
from BrainTumorVAESegLib.training.calibration import Calibration
from BrainTumorVAESegLib.training.card import CardFacts, write_card
from BrainTumorVAESegLib.training.cleaning import CleaningChoice
from BrainTumorVAESegLib.training.fit.checkpoints import load_network, save_weights
from BrainTumorVAESegLib.training.fit.machines import describe_machine
from BrainTumorVAESegLib.training.packaging import (
    HeldOut,
    Naming,
    gather_latent,
    package_run,
    trained_on,
    trained_seconds,
)


@pytest.fixture
def stage1(tiny_stage) -> NvNet:
    torch.manual_seed(0)
    return NvNet(replace(tiny_stage, downsample=2)).eval()


def test_the_latent_statistics_are_those_of_the_training_cases(stage1, tumor_cases):
    settings = CascadeSettings(stage1=stage1.settings, stage2=None)
    means = []
    for case in tumor_cases:
        # 40x44x48 voxels, of which the crop of 16 coarse voxels sees the middle 32.
        middle = case.images()[:, 4:36, 6:38, 8:40].astype(np.float32)
        coarse = middle.reshape(4, 16, 2, 16, 2, 16, 2).mean((2, 4, 6))
        with torch.inference_mode():
            means.append(stage1(torch.from_numpy(coarse)[None], reconstruct=True).latent.mean[0].numpy())
    latent = gather_latent(stage1, settings, tumor_cases)
    np.testing.assert_allclose(latent.mean, np.mean(means, 0), atol=1e-5)
    np.testing.assert_allclose(latent.std, np.std(means, 0, ddof=1), atol=1e-5)
    assert latent.cases == 3


def test_without_a_branch_there_are_no_latent_statistics(tiny_stage, tumor_cases):
    stage = replace(tiny_stage, vae_crop=None)
    assert gather_latent(NvNet(stage), CascadeSettings(stage1=stage, stage2=None), tumor_cases) is None


def score(name: str, wt: float, core: float) -> CaseScore:
    half = np.zeros((4, 4, 4), np.uint8)
    half[:2], whole = 3, np.full((4, 4, 4), 3, np.uint8)
    regions = compare(half, whole, (1.0, 1.0, 1.0))
    return CaseScore(name, {"WT": wt, "TC": 0.5, "ET": 1.0}, {}, {"TC": core}, 1.0, regions)


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


def scored(value: float) -> dict[str, dict[str, float]]:
    return {measure: dict.fromkeys(("WT", "TC", "ET"), value) for measure in ("dice", "lesion_dice")}


@pytest.fixture
def trained(run, monkeypatch):
    """A run whose trainings are done: random weights in place of learned ones, the thresholds given."""
    settings = run.recipe.settings
    files = {}
    for number, stage in ((1, settings.stage1), (2, settings.stage2)):
        torch.manual_seed(number)
        files[number] = run.folder / f"stage{number}" / "weights-000001.safetensors"
        files[number].parent.mkdir(parents=True)
        save_weights(files[number], NvNet(stage))
    chosen = Calibration((0.3, 0.5, 0.6), (1.0, 1.5, 2.0), {"WT": 0.8}, {"WT": 0.7}, 4, (0.3, 0.5, 0.6))
    choice = CleaningChoice(Cleaning((1.0, 0.0, 0.2), 0.5, fill=True), scored(0.5), scored(0.6))
    monkeypatch.setattr(packaging, "train_first", lambda run: files[1])
    monkeypatch.setattr(packaging, "train_second", lambda run: files[2])
    monkeypatch.setattr(packaging, "calibrate_run", lambda run, cases: (chosen, choice))
    return run


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
    [story] = re.findall(r"Recipe `tuned`.*Begun with the weights.*Recipe `tiny`", new.card, re.DOTALL)
    assert f"`mine` 1.2.3 (SHA-256 {old.sha256}). Stage 2 is that package's own." in story
    assert "Command: `train tiny`" in new.card and "Begun with" not in old.card
    assert new.card.count("4 cases: case1, case2, case3, case4.") == 2, "those of both trainings"


SHADING = fit_shading(list(np.random.default_rng(7).normal(size=(4, 4, TERMS))))


def test_a_package_knows_of_shading_what_its_start_knew(trained, measured, sets, monkeypatch):
    old = package_run(trained, NAMING, sets)
    monkeypatch.setattr(packaging, "read_shading", lambda package: SHADING if package is old else None)
    tuned = replace(trained, recipe=replace(trained.recipe, start_from="mine"), start=old)
    assert read_shading(old) is None
    new = package_run(tuned, replace(NAMING, version="1.3.0"), sets)
    known = read_shading(new)
    assert known is not None and shading_json(known) == shading_json(SHADING)


def test_cases_are_predicted_without_the_shading_that_the_package_will_take_away(trained, monkeypatch):
    start = package_run(trained, NAMING, HeldOut())
    run = replace(trained, start=start)
    seen: list[float] = []

    def note(stage1, stage2, settings, images, answer):
        seen.append(float(images.abs().max()))
        return predict(stage1, stage2, settings, images, answer)

    monkeypatch.setattr(packaging, "predict", note)
    monkeypatch.setattr(packaging, "unshade_images", lambda images, modalities, model, settings: images / 1e6)
    networks = packaging._Networks.to_ship(run)
    shaded = packaging._tally_cases(run, networks, run.cases[:1])
    monkeypatch.setattr(packaging, "read_shading", lambda package: SHADING)
    even = packaging._tally_cases(run, networks, run.cases[:1])
    assert len(seen) == 2 and seen[1] < 1e-3 < seen[0]
    assert set(shaded.values()).isdisjoint(even.values()), "one is not taken for the other"


def test_an_ensemble_holds_the_weights_of_every_fold_and_answers_with_their_mean(trained, measured, sets, monkeypatch):
    files = {}
    for fold in (0, 1):
        for number, stage in ((1, trained.recipe.settings.stage1), (2, trained.recipe.settings.stage2)):
            torch.manual_seed(10 * fold + number)
            files[fold, number] = trained.folder / f"{fold}-{number}.safetensors"
            save_weights(files[fold, number], NvNet(stage))
    monkeypatch.setattr(packaging, "train_first_fold", lambda run, fold: [files[fold, 1]])
    monkeypatch.setattr(packaging, "train_second_fold", lambda run, fold: files[fold, 2])
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


def test_the_seconds_of_all_trainings_are_added_up(tmp_path):
    for name, seconds in (("stage1", (20, 2.5)), ("stage2", (7,))):
        (tmp_path / name).mkdir()
        rows = "".join(f"{step},{value}\n" for step, value in enumerate(seconds, start=1))
        (tmp_path / name / "losses.csv").write_text(f"step,seconds\n{rows}")
    assert trained_seconds(tmp_path) == 29.5


def test_the_machines_of_all_trainings_are_told_once_and_this_one_where_none_is_noted(tmp_path):
    assert trained_on(tmp_path) == {"machine": describe_machine(), "torch": torch.__version__}
    rows = {"stage1": "1,a GPU,2.11.0\n", "stage1-fold0": '1,a GPU,2.11.0\n70,"a CPU, 2 threads",2.11.0\n'}
    for name, text in rows.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "machines.csv").write_text(f"step,machine,torch\n{text}")
    assert trained_on(tmp_path) == {"machine": "a GPU; a CPU, 2 threads", "torch": "2.11.0"}


def test_one_case_still_gives_latent_statistics_that_a_package_may_hold(stage1, tumor_cases):
    latent = gather_latent(stage1, CascadeSettings(stage1=stage1.settings, stage2=None), tumor_cases[:1])
    assert latent.cases == 1 and min(latent.std) > 0


@pytest.fixture
def facts() -> CardFacts:
    made = {"recipe": "tiny", "command": "train tiny", "seconds": 5400, "machine": "a machine", "torch": "2.0"}
    return CardFacts(
        "mine",
        "1.2.3",
        CascadeSettings(preset="custom"),
        {**made, "cases": ["case1", "case2"]},
        "From nowhere.",
        {"Test": [score("a", 0.9, 10.0), score("b", 0.3, 0.5)]},
    )


def test_the_card_says_what_it_was_made_from_and_what_it_is_not_for(facts):
    card = write_card(facts)
    assert card.startswith("# mine 1.2.3\n")
    for text in (
        "not a medical device", "From nowhere.", "Recipe `tiny`, 1.5 hours, on a machine", "`train tiny`",
        "2 cases: case1, case2.", "stage 1 has 32 filters, and sees a 1 mm grid", "T1, T1ce, T2, FLAIR",
    ):  # fmt: skip
        assert text in card


def test_the_card_gives_dice_and_distances_their_means_and_apart_those_of_large_cores(facts):
    card = write_card(facts)
    assert "| a | 0.900 | 0.500 | 1.000 | 2.0 | 2.0 | 2.0 | 10.0 |" in card
    assert "| mean | 0.600 | 0.500 | 1.000 | 2.0 | 2.0 | 2.0 |  |" in card
    assert "| mean where the core has 1 ml or more | 0.900 | 0.500 | 1.000 | 2.0" in card
    large = replace(facts, scores={"Test": facts.scores["Test"][:1]})
    assert "1 ml or more" not in write_card(large)


def test_the_card_gives_means_by_data_set_and_how_wrong_the_volumes_are(facts):
    """Of every score the prediction is half of the truth."""
    parts = {"Validation": [score("BraTS2021_00001", 0.9, 10.0)], "Test": [score("BraTS-SSA-00007-000", 0.5, 5.0)]}
    parts["Test"].append(score("BraTS-SSA-00008-000", 0.7, 5.0))
    card = write_card(replace(facts, scores=parts))
    assert "| BraTS-SSA | 2 | 0.600 | 0.500 | 1.000 | 50% | 50% | 50% |" in card
    assert "| BraTS2021 | 1 | 0.900 | 0.500 | 1.000 | 50% | 50% | 50% |" in card
    assert "By data set" not in write_card(replace(facts, scores={}))


def test_stage_1_alone_stands_beside_the_cascade_only_where_there_are_both(facts):
    assert "stage 1 alone" not in write_card(facts)
    first = {"Test": [score("a", 0.8, 10.0), score("b", 0.1, 0.5)]}
    card = write_card(replace(facts, first_scores=first))
    assert "| stage 1 alone | 0.800 |" in card and "| the cascade | 0.900 |" in card, "small cores are left out"


def test_the_card_says_what_the_thresholds_were_chosen_on(facts):
    chosen = asdict(Calibration((0.3,) * 3, (1.0, 1.5, 2.0), {"WT": 0.8}, {"WT": 0.7}, 4, (0.3,) * 3))
    text = "(1, 1.5, 2) were chosen on {}; mean Dice there: WT 0.800 (at thresholds of 0.5: 0.700)."
    for where, said in (("validation", "4 validation cases"), ("folds", "the 4 training cases, each predicted by")):
        made = {**facts.facts, "calibration": chosen, "calibrated_on": where}
        card = write_card(replace(facts, facts=made))
        assert text.split("{}")[0] + said in card and text.split("{}")[1] in card
    assert "were chosen" not in write_card(facts)


def test_the_card_says_where_an_image_may_be_missing(facts):
    assert "left out at random" not in write_card(facts)
    settings = replace(facts.settings, optional=("T1",))
    assert "accepts a study in which some of T1, T1ce, T2 and FLAIR are missing" in write_card(
        replace(facts, settings=settings)
    )


def test_a_data_set_that_nobody_described_is_said_to_be_so(facts):
    assert "The data set is not described." in write_card(replace(facts, about="  "))
