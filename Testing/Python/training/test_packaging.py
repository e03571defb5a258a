"""From trained weights to a package: thresholds, latent statistics, and the card."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.labels import regions_from_labels
from BrainTumorVAESegLib.core.settings import CascadeSettings
from BrainTumorVAESegLib.evaluation.scoring import CaseScore
from BrainTumorVAESegLib.inference.cascade import Prediction
from BrainTumorVAESegLib.models.package import read_package
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.training import packaging
from BrainTumorVAESegLib.training.card import CardFacts, write_card
from BrainTumorVAESegLib.training.packaging import Weights, choose_thresholds, gather_latent, make_package

WEIGHTS = Weights("one", "two")


@pytest.fixture
def answer(monkeypatch, tumor_cases):
    """Let the cascade answer with probabilities made from the truth."""

    def let(make) -> None:
        truths = {case.images().astype(np.float32).tobytes(): np.asarray(case.labels()) for case in tumor_cases}

        def predict(stage1, stage2, settings, images, run):
            probabilities = make(regions_from_labels(truths[images.tobytes()])).astype(np.float32)
            return Prediction(probabilities, settings.output_channels, probabilities, ())

        monkeypatch.setattr(packaging, "predict", predict)

    return let


def test_thresholds_stay_at_one_half_where_another_gains_nothing(answer, tumor_cases):
    answer(lambda truth: np.where(truth, 0.9, 0.1))
    assert choose_thresholds(WEIGHTS, CascadeSettings(), tumor_cases) == (0.5, 0.5, 0.5)


def test_a_threshold_is_raised_against_false_voxels_and_lowered_for_missed_ones(answer, tumor_cases):
    """WT: true 0.9, around it 0.65. TC: 0.9. ET: half of it 0.9, half 0.35."""

    def make(truth):
        wt, tc, et = np.where(truth, 0.9, 0.1)
        wt[20:30][wt[20:30] < 0.5] = 0.65
        et[:18][truth[2][:18]] = 0.35
        return np.stack([wt, tc, et])

    answer(make)
    assert choose_thresholds(WEIGHTS, CascadeSettings(), tumor_cases) == (0.7, 0.5, 0.3)


def test_the_inner_regions_thresholds_are_chosen_before_the_outer_ones(answer, tumor_cases):
    """Core and whole reach too far alike: as long as the core does, a stricter threshold of the whole gains nothing."""

    def make(truth):
        wt, tc, et = np.where(truth, 0.9, 0.1)
        for channel in (wt, tc):
            channel[20:30][channel[20:30] < 0.5] = 0.65
        return np.stack([wt, tc, et])

    answer(make)
    assert choose_thresholds(WEIGHTS, CascadeSettings(), tumor_cases) == (0.7, 0.7, 0.5)


@pytest.mark.parametrize("channels", [("WT", "TC", "ET"), ("TC", "WT", "ET")])
def test_thresholds_belong_to_their_channel_whatever_the_order(answer, tumor_cases, channels):
    order = [("WT", "TC", "ET").index(name) for name in channels]

    def make(truth):
        probabilities = np.where(truth, 0.9, 0.1)
        probabilities[0][truth[0] & ~truth[1]] = 0.35
        return probabilities[order]

    answer(make)
    found = choose_thresholds(WEIGHTS, CascadeSettings(output_channels=channels), tumor_cases)
    assert found[channels.index("WT")] == 0.3 and found[channels.index("TC")] == 0.5


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
    return CaseScore(name, {"WT": wt, "TC": 0.5, "ET": 1.0}, {}, {"TC": core}, 1.0)


def test_the_package_is_measured_as_it_ships_and_its_card_says_so(stage1, tumor_cases, tmp_path, monkeypatch):
    """The measuring is played; it must be given the package already written, with the thresholds chosen."""
    settings = CascadeSettings(stage1=stage1.settings, stage2=None)
    measured = []

    def measure(package, cases, report):
        measured.append((read_package(package.folder).settings.thresholds, list(cases)))
        return [score(name, 0.25, 5.0) for name in cases]

    monkeypatch.setattr(packaging, "score_package", measure)
    monkeypatch.setattr(packaging, "choose_thresholds", lambda weights, settings, cases: (0.3, 0.5, 0.6))
    package = make_package(
        tmp_path / "mine", "mine", "1.2.3", Weights(stage1, None), settings, tumor_cases, tumor_cases[:1],
        {"Test": ["a", "b"]}, {"recipe": "tiny", "command": "train tiny"}, "From nowhere.", print,
    )  # fmt: skip
    assert measured == [((0.3, 0.5, 0.6), ["a", "b"])]
    assert package.settings.thresholds == (0.3, 0.5, 0.6) and package.latent.cases == 3
    assert [entry["dice"]["WT"] for entry in package.training["dice"]["Test"]] == [0.25, 0.25]
    assert package.training["torch"] == torch.__version__ and package.training["machine"]
    assert "| a | 0.250 | 0.500 | 1.000 | 5.0 |" in package.card


@pytest.fixture
def facts() -> CardFacts:
    return CardFacts(
        "mine",
        "1.2.3",
        CascadeSettings(preset="custom"),
        {"recipe": "tiny", "command": "train tiny", "seconds": 5400, "machine": "a machine", "torch": "2.0"},
        "From nowhere.",
        ["case1", "case2"],
        {"Test": [score("a", 0.9, 10.0), score("b", 0.3, 0.5)]},
    )


def test_the_card_says_what_it_was_made_from_and_what_it_is_not_for(facts):
    card = write_card(facts)
    assert card.startswith("# mine 1.2.3\n")
    for text in (
        "not a medical device", "From nowhere.", "Recipe `tiny`, 1.5 hours, on a machine", "`train tiny`",
        "2 cases: case1, case2.", "stage 1 has 32 filters and sees a 1 mm grid", "T1, T1ce, T2, FLAIR",
    ):  # fmt: skip
        assert text in card


def test_the_card_gives_the_mean_and_apart_from_it_that_of_large_cores(facts):
    card = write_card(facts)
    assert "| mean | 0.600 | 0.500 | 1.000 | |" in card
    assert "| mean where the core has 1 ml or more | 0.900 | 0.500 | 1.000 | |" in card
    large = replace(facts, scores={"Test": facts.scores["Test"][:1]})
    assert "1 ml or more" not in write_card(large)


def test_a_data_set_that_nobody_described_is_said_to_be_so(facts):
    assert "The data set is not described." in write_card(replace(facts, about="  "))
