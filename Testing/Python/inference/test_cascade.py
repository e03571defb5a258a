"""The cascade: stage 1 on the whole, stage 2 in the regions, and how their answers are put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.boxes import Box, cut
from BrainTumorVAESegLib.core.labels import channels_from_labels, labels_from_channels
from BrainTumorVAESegLib.core.settings import MASK_CHANNELS, StageSettings
from BrainTumorVAESegLib.inference.cascade import Step, predict, predict_first
from BrainTumorVAESegLib.inference.engine import Engine
from BrainTumorVAESegLib.inference.regions import choose_regions

SHAPE = (24, 32, 56)
HIGH, LOW = 5.0, -5.0


def sigmoid(x: float) -> float:
    return 1 / (1 + np.exp(-x))


def ball(center: tuple[int, int, int], radius: float, shape: tuple[int, int, int] = SHAPE) -> np.ndarray:
    z, y, x = np.ogrid[tuple(slice(n) for n in shape)]
    return (z - center[0]) ** 2 + (y - center[1]) ** 2 + (x - center[2]) ** 2 <= radius**2


LEFT, RIGHT = ball((12, 16, 12), 5), ball((12, 16, 45), 4)


@pytest.fixture
def images() -> np.ndarray:
    """Noise in a brain that leaves a border of 2 voxels."""
    images = np.zeros((4, *SHAPE), np.float32)
    inside = tuple(slice(2, n - 2) for n in SHAPE)
    images[(slice(None), *inside)] = np.random.default_rng(0).standard_normal((4, *(n - 4 for n in SHAPE)))
    return images


class Played:
    """A runner that answers with given logits in place of a network, and keeps what it was asked."""

    def __init__(self, first: np.ndarray, second: Callable[[int], float] = lambda region: 1.0) -> None:
        self.first = torch.from_numpy(first.astype(np.float32))[None]
        self.second = second
        self.steps: list[Step] = []
        self.inputs: list[torch.Tensor] = []

    def __call__(self, network: object, x: torch.Tensor, step: Step) -> torch.Tensor:
        self.steps.append(step)
        self.inputs.append(x)
        if step.stage == 1:
            assert x.shape == (1, 4, *self.first.shape[2:])
            return self.first
        return torch.full((1, 3, *x.shape[2:]), self.second(step.region))


def logits(*regions: np.ndarray) -> np.ndarray:
    """High where each of three masks is, low elsewhere."""
    return np.where(np.stack(regions), HIGH, LOW)


def test_stage_2_replaces_stage_1_inside_the_region_and_nowhere_else(images, small_settings):
    run = Played(logits(LEFT, LEFT, ball((12, 16, 12), 2)))
    found = predict("one", "two", small_settings, images, run)
    [box] = found.regions
    assert box == choose_regions(LEFT, (16, 16, 16))[0]
    inside = np.zeros(SHAPE, bool)
    inside[box.inside(SHAPE)[0]] = True
    brain = (images != 0).any(0)
    np.testing.assert_allclose(found.probabilities[:, inside & brain], sigmoid(1.0), atol=1e-6)
    np.testing.assert_array_equal(found.probabilities[:, ~inside], found.stage1[:, ~inside])
    np.testing.assert_allclose(found.stage1[0][LEFT], sigmoid(HIGH), atol=1e-6)
    assert run.steps == [Step(1), Step(2, 1, 1)]


@pytest.mark.parametrize("channels", [("WT", "TC", "ET"), ("ED", "NCR", "ET"), ("TC", "WT", "ET")])
def test_stage_2_reads_the_masks_of_oedema_core_and_enhancing_tumour_whatever_stage_1_predicts(
    images, small_settings, channels
):
    labels = np.zeros(SHAPE, np.uint8)
    for value, radius in ((2, 5), (1, 4), (3, 2)):
        labels[ball((12, 16, 12), radius)] = value
    run = Played(np.where(channels_from_labels(labels, channels), HIGH, LOW))
    settings = replace(small_settings, output_channels=channels)
    found = predict("one", "two", settings, images, run)
    box, x = found.regions[0], run.inputs[1][0].numpy()
    np.testing.assert_array_equal(x[:3], channels_from_labels(cut(labels, box), MASK_CHANNELS))
    np.testing.assert_array_equal(x[3:], cut(images, box))
    assert x[:3].sum() == LEFT.sum() and found.channels == channels


def test_stage_1s_own_thresholds_decide_what_stage_2_reads(images, small_settings):
    run = Played(np.where(LEFT, 0.2, LOW)[None].repeat(3, 0))
    assert predict("one", "two", small_settings, images, run).regions
    strict = replace(small_settings, stage1_thresholds=(0.6, 0.6, 0.6))
    assert not predict("one", "two", strict, images, run).regions


def test_lesions_apart_get_a_region_each(images, small_settings):
    run = Played(logits(LEFT | RIGHT, LEFT, RIGHT), lambda region: float(region))
    found = predict("one", "two", small_settings, images, run)
    assert [str(step) for step in run.steps] == ["stage 1", "stage 2, region 1 of 2", "stage 2, region 2 of 2"]
    assert found.probabilities[0][LEFT] == pytest.approx(sigmoid(1.0))
    assert found.probabilities[0][RIGHT] == pytest.approx(sigmoid(2.0))
    # The rest of one lesion's masks must not stand in the other one's input.
    assert run.inputs[1][0, :3].sum() == LEFT.sum() and run.inputs[2][0, :3].sum() == RIGHT.sum()


def test_regions_that_overlap_join_without_a_step(images, small_settings):
    boxes = [Box.at((4, 8, 8), (16, 16, 16)), Box.at((4, 8, 16), (16, 16, 16))]
    run = Played(logits(LEFT, LEFT, LEFT), lambda region: HIGH if region == 1 else LOW)
    line = predict("one", "two", small_settings, images, run, boxes).probabilities[0, 12, 16, 8:32]
    np.testing.assert_allclose(line[:8], sigmoid(HIGH), atol=1e-6)
    np.testing.assert_allclose(line[16:], sigmoid(LOW), atol=1e-6)
    assert (np.diff(line[7:17]) <= 0).all()
    assert line[11] + line[12] == pytest.approx(1, abs=1e-5), "in the middle both count alike"


def test_no_tumour_from_stage_1_leaves_stage_1s_answer_and_no_region(images, small_settings, trained_like):
    stage1, stage2 = trained_like(small_settings.stage1), trained_like(small_settings.stage2, 1)
    stage1.head.bias.data.fill_(-20)
    found = predict(stage1, stage2, small_settings, images, Engine("cpu").run)
    assert found.regions == ()
    assert found.probabilities.max() < 0.01
    assert not labels_from_channels(found.probabilities >= 0.5, found.channels).any()
    np.testing.assert_array_equal(found.probabilities, found.stage1)


def test_a_package_of_stage_1_alone_runs_without_a_second_one(images, small_settings):
    run = Played(logits(LEFT, LEFT, LEFT))
    found = predict("one", None, replace(small_settings, stage2=None), images, run)
    assert found.regions == () and run.steps == [Step(1)]
    assert found.probabilities[0][LEFT] == pytest.approx(sigmoid(HIGH))


def test_outside_the_brain_there_is_no_tumour(images, small_settings):
    everywhere = np.full(SHAPE, True)
    found = predict("one", "two", small_settings, images, Played(logits(everywhere, everywhere, everywhere)))
    outside = ~(images != 0).any(0)
    assert found.regions and outside.any()
    assert (found.probabilities[:, outside] == 0).all() and (found.stage1[:, outside] == 0).all()


def test_temperatures_divide_the_logits_of_their_channel(images, small_settings):
    settings = replace(small_settings, temperatures=(1.0, 2.0, 4.0))
    found = predict("one", "two", settings, images, Played(logits(LEFT, LEFT, LEFT)))
    assert found.probabilities[:, 12, 16, 12] == pytest.approx([sigmoid(1), sigmoid(0.5), sigmoid(0.25)])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [-1000.0, 1000.0])
def test_extreme_logits_become_0_and_1_without_a_warning(images, small_settings, value):
    found = predict("one", "two", small_settings, images, Played(logits(LEFT, LEFT, LEFT), lambda region: value))
    assert set(np.unique(found.probabilities[:, LEFT])) == {float(value > 0)}


def test_the_cascade_of_real_networks_is_their_passes_put_together(images, small_settings, trained_like):
    stage1, stage2 = trained_like(small_settings.stage1), trained_like(small_settings.stage2, 1)
    found = predict(stage1, stage2, small_settings, images, Engine("cpu").run)
    with torch.inference_mode():
        whole = torch.from_numpy(images)[None]
        first = torch.sigmoid(stage1(whole).logits)[0].numpy() * (images != 0).any(0)
        labels = labels_from_channels(found.stage1 >= 0.5, found.channels)
        box = found.regions[0]
        masks = channels_from_labels(cut(labels, box), MASK_CHANNELS).astype(np.float32)
        x = torch.from_numpy(np.concatenate([masks, cut(images, box)]))[None]
        second = torch.sigmoid(stage2(x).logits)[0].numpy()
    np.testing.assert_allclose(found.stage1, first, atol=2e-5)
    alone = np.zeros(SHAPE, bool)
    alone[box.inside(SHAPE)[0]] = True
    for other in found.regions[1:]:
        alone[other.inside(SHAPE)[0]] = False
    alone &= (images != 0).any(0)
    whole_box, part = box.inside(SHAPE)
    there = alone[whole_box]
    assert there.any()
    np.testing.assert_allclose(
        found.probabilities[(slice(None), *whole_box)][:, there], second[(slice(None), *part)][:, there], atol=2e-5
    )


@pytest.mark.parametrize("field", [None, (24, 16, 40)])
@pytest.mark.parametrize("axis", [1, 2, 3])
def test_the_coarse_stage_1_answers_where_it_was_asked(small_settings, field, axis):
    """A runner that gives back the image as logits: what was a ramp must be the same ramp, voxel for voxel."""
    settings = replace(small_settings, stage1=StageSettings(downsample=2, field=field, filters=8, groups=4))
    shape = (21, 34, 47)
    ramp = np.arange(shape[axis - 1], dtype=np.float32) / 8 - 2
    image = np.broadcast_to(ramp.reshape([-1 if a == axis - 1 else 1 for a in range(3)]), shape)
    asked = []

    def echo(network: object, x: torch.Tensor, step: Step) -> torch.Tensor:
        asked.append(tuple(x.shape[2:]))
        return x[:, :3]

    found = predict_first("one", settings, np.stack([image] * 4), echo)
    assert tuple(found.shape) == (3, *shape)
    assert asked == [tuple(max(-(-n // 16) * 8, f) for n, f in zip(shape, field or (0, 0, 0), strict=True))]
    # Two voxels from the border the zeros around the grid are blended in.
    inside = (slice(None), *[slice(3, -3)] * 3)
    np.testing.assert_allclose(found.numpy()[inside], sigmoid(np.stack([image] * 3))[inside], atol=1e-5)


def test_stage_1_at_full_resolution_is_not_interpolated(images, small_settings):
    random = np.random.default_rng(1).standard_normal((3, *SHAPE))
    found = predict_first("one", small_settings, images, Played(random))
    np.testing.assert_allclose(found, sigmoid(random), atol=1e-6)
