"""Thresholds and temperatures from tallies: what they count, what is chosen, and that it is what inference gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.boxes import Box
from BrainTumorVAESegLib.core.errors import TrainingError
from BrainTumorVAESegLib.core.labels import REGIONS, channels_from_labels, labels_from_channels
from BrainTumorVAESegLib.evaluation.dice import region_dice
from BrainTumorVAESegLib.inference.cascade import Prediction
from BrainTumorVAESegLib.training.calibration import (
    EDGES,
    Calibration,
    Tally,
    bin_probabilities,
    calibrate,
    labels_at,
    mean_dice_at,
    read_bins,
    read_tally,
    save_tally,
    tally,
)

CHANNELS = ("WT", "TC", "ET")
SHAPE = (12, 14, 16)


def prediction(probabilities: np.ndarray, channels: tuple[str, ...] = CHANNELS, regions: tuple[Box, ...] = ()):
    answer = torch.from_numpy(probabilities.astype(np.float32))
    return Prediction(answer, channels, answer, regions)


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.mark.parametrize("channels", [CHANNELS, ("ED", "NCR", "ET"), ("TC", "WT", "ET")])
def test_the_dice_from_tallies_is_that_of_the_labels_which_inference_would_write(random, channels):
    cases = [(random.random((3, *SHAPE)), random.integers(0, 4, SHAPE)) for _ in range(3)]
    tallies = [tally(prediction(p, channels), truth) for p, truth in cases]
    for edges in ((0.5, 0.5, 0.5), (0.2, 0.8, 0.35), (0.8, 0.2, 0.65)):
        bounds = np.asarray(edges, np.float32)[:, None, None, None]
        labels = [labels_from_channels(p.astype(np.float32) >= bounds, channels) for p, _ in cases]
        scores = [region_dice(mine, truth) for mine, (_, truth) in zip(labels, cases, strict=True)]
        expected = {region.key: np.mean([score[region.key] for score in scores]) for region in REGIONS}
        assert mean_dice_at(tallies, channels, edges) == pytest.approx(expected)


def test_every_voxel_is_counted_once(random):
    truth = random.integers(0, 4, SHAPE)
    counted = tally(prediction(random.random((3, *SHAPE))), truth)
    assert counted.joint.sum((0, 1, 2)).tolist() == np.bincount(truth.ravel()).tolist()


def test_an_empty_truth_rightly_left_empty_counts_as_1(random):
    nothing = tally(prediction(np.full((3, *SHAPE), 0.01)), np.zeros(SHAPE, int))
    assert mean_dice_at([nothing], CHANNELS, (0.5,) * 3) == {"WT": 1.0, "TC": 1.0, "ET": 1.0}


def raw_thresholds(chosen: Calibration) -> list[float]:
    """The thresholds as they cut the networks' own probabilities."""
    pairs = zip(chosen.thresholds, chosen.temperatures, strict=True)
    return [float(1 / (1 + np.exp(-t * np.log(x / (1 - x))))) for x, t in pairs]


def biased(truth: np.ndarray, level: float, random: np.random.Generator) -> np.ndarray:
    """Probabilities that are right when cut at `level` and wrong at a half for a tenth of the tumor."""
    right = channels_from_labels(truth, CHANNELS).astype(bool)
    shy = random.random(truth.shape) < 0.3
    return np.where(right, np.where(shy, level + 0.02, 0.95), 0.05)


def test_a_threshold_other_than_a_half_is_chosen_where_it_helps_and_only_there(random):
    truths = [random.integers(0, 4, SHAPE) for _ in range(2)]
    shy = calibrate([tally(prediction(biased(t, 0.3, random)), t) for t in truths], CHANNELS)
    assert all(shy.dice[key] > shy.dice_at_half[key] + 0.05 for key in shy.dice)
    assert shy.cases == 2
    assert raw_thresholds(shy) == pytest.approx([0.3, 0.3, 0.3], abs=1e-3)
    sure = calibrate([tally(prediction(biased(t, 0.6, random)), t) for t in truths], CHANNELS)
    assert sure.thresholds == (0.5, 0.5, 0.5) and sure.dice == sure.dice_at_half


def test_a_gain_that_the_cases_do_not_agree_on_is_chance(random):
    """One case is better cut at 0.3, the other gets a false part: the mean gains, less than its standard error."""
    truths = [random.integers(0, 4, SHAPE) for _ in range(2)]
    shy = biased(truths[0], 0.3, random)
    eager = biased(truths[1], 0.6, random)
    eager[:, (truths[1] == 0) & (random.random(SHAPE) < 0.2)] = 0.32
    tallies = [tally(prediction(p), truth) for p, truth in zip((shy, eager), truths, strict=True)]
    assert all(
        value > mean_dice_at(tallies, CHANNELS, (0.5,) * 3)[key] + 0.01
        for key, value in mean_dice_at(tallies, CHANNELS, (0.3,) * 3).items()
    )
    assert calibrate(tallies, CHANNELS).thresholds == (0.5, 0.5, 0.5)
    assert raw_thresholds(calibrate([*tallies, *[tallies[0]] * 20], CHANNELS)) == pytest.approx([0.3] * 3, abs=1e-3)


def test_a_gain_that_most_cases_agree_on_is_chance_where_they_are_few(random):
    """Three of five are better cut at 0.3, more than two are worse: a mean of about one and a half standard errors."""
    truths = [random.integers(0, 4, SHAPE) for _ in range(5)]
    answers = [biased(truth, 0.3 if number < 3 else 0.6, random) for number, truth in enumerate(truths)]
    for answer, truth in zip(answers[3:], truths[3:], strict=True):
        answer[:, (truth == 0) & (random.random(SHAPE) < 0.3)] = 0.32
    tallies = [tally(prediction(p), truth) for p, truth in zip(answers, truths, strict=True)]
    gains = [[mean_dice_at([each], CHANNELS, (edge,) * 3)["WT"] for each in tallies] for edge in (0.5, 0.3)]
    differences = np.subtract(gains[1], gains[0])
    error = differences.std(ddof=1) / np.sqrt(5)
    assert error < differences.mean() < 2 * error
    whole = CHANNELS.index("WT")
    assert calibrate(tallies, CHANNELS).thresholds[whole] == 0.5
    assert raw_thresholds(calibrate(tallies * 6, CHANNELS))[whole] == pytest.approx(0.3, abs=1e-3)


def test_the_inner_regions_thresholds_are_chosen_before_the_outer_ones(random):
    """Core and whole reach too far alike: as long as the core does, a stricter threshold of the whole gains nothing."""
    truth = random.integers(0, 4, SHAPE)
    probabilities = np.where(channels_from_labels(truth, CHANNELS) > 0, 0.9, 0.1)
    probabilities[:2, :4][probabilities[:2, :4] < 0.5] = 0.66
    chosen = calibrate([tally(prediction(probabilities), truth)], CHANNELS)
    raw = [
        1 / (1 + np.exp(-t * np.log(x / (1 - x)))) for x, t in zip(chosen.thresholds, chosen.temperatures, strict=True)
    ]
    assert raw == pytest.approx([0.7, 0.7, 0.5], abs=1e-3)


@pytest.mark.parametrize("channels", [CHANNELS, ("TC", "WT", "ET")])
def test_thresholds_belong_to_their_channel_whatever_the_order(random, channels):
    truth = random.integers(0, 4, SHAPE)
    probabilities = np.where(channels_from_labels(truth, channels) > 0, 0.9, 0.1)
    edema = truth == 2
    probabilities[channels.index("WT")][edema] = 0.36
    chosen = calibrate([tally(prediction(probabilities, channels), truth)], channels)
    place = channels.index("WT")
    assert raw_thresholds(chosen)[place] == pytest.approx(0.35, abs=1e-3), "of all that do, the one next to a half"
    assert all(chosen.thresholds[n] == 0.5 for n in range(3) if n != place)


def test_the_temperature_makes_probabilities_as_true_as_they_say(random):
    """Voxels are drawn at the frequency that the logit says; logits are then given out doubled."""
    logits = random.normal(0, 1.5, (3, 40, 40, 40))
    true = random.random(logits.shape[1:]) < 1 / (1 + np.exp(-logits[0]))
    truth = np.where(true, 2, 0)
    stretched = 1 / (1 + np.exp(-2 * logits))
    stretched[1:] = 1e-6
    chosen = calibrate([tally(prediction(stretched), truth)], CHANNELS)
    assert chosen.temperatures[0] == pytest.approx(2.0, abs=0.15)


def test_temperatures_are_fitted_to_what_the_last_stage_answered(random):
    truth = random.integers(0, 4, SHAPE)
    box = Box.at((2, 3, 4), (4, 5, 6))
    inside = tally(prediction(random.random((3, *SHAPE)), regions=(box,)), truth)
    assert inside.logits.sum((1, 2)).tolist() == [120, 120, 120]
    brain = random.random((3, *SHAPE))
    brain[:, :6] = 0
    assert tally(prediction(brain), truth).logits.sum((1, 2)).tolist() == [6 * 14 * 16] * 3


def test_a_region_that_no_case_has_keeps_its_temperature(random):
    counted = tally(prediction(random.random((3, *SHAPE))), np.full(SHAPE, 2))
    assert calibrate([counted], CHANNELS).temperatures[2] == 1.0


def test_a_tally_is_read_back_and_a_damaged_one_named(random, tmp_path):
    probabilities = random.random((3, *SHAPE)).astype(np.float32)
    counted = tally(prediction(probabilities), random.integers(0, 4, SHAPE))
    path = tmp_path / "case.npz"
    seen = random.random(SHAPE) > 0.5
    save_tally(path, counted, bin_probabilities(probabilities), seen)
    again = read_tally(path)
    assert isinstance(again, Tally)
    np.testing.assert_array_equal(again.joint, counted.joint)
    np.testing.assert_array_equal(again.logits, counted.logits)
    expected = labels_from_channels(probabilities >= np.float32(0.35), CHANNELS)
    bins, seen_again = read_bins(path)
    np.testing.assert_array_equal(labels_at(bins, CHANNELS, (0.35,) * 3), expected)
    np.testing.assert_array_equal(seen_again, seen)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(TrainingError, match=r"case\.npz: is damaged .*; delete it and run again"):
        read_tally(path)
    with pytest.raises(TrainingError, match=r"case\.npz: is damaged"):
        read_bins(path)


def test_half_is_among_the_thresholds_to_choose_from():
    assert 0.5 in EDGES and list(EDGES) == sorted(EDGES)
