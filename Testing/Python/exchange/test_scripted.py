"""The TorchScript module of the whole way against the steps of the library that it repeats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.boxes import Box
from BrainTumorVAESegLib.core.boxes import cut as cut_image
from BrainTumorVAESegLib.core.settings import CascadeSettings, Preprocessing, StageSettings
from BrainTumorVAESegLib.exchange.scripted import CascadeModule, normalize, script_cascade
from BrainTumorVAESegLib.inference.cascade import Prediction, predict
from BrainTumorVAESegLib.inference.engine import Engine
from BrainTumorVAESegLib.inference.regions import choose_regions
from BrainTumorVAESegLib.preparation.preparing import normalise, prepare

TWO = {"filters": 8, "groups": 4, "blocks_down": (1, 1), "blocks_up": (1,)}
FIRST = StageSettings(**TWO)
SECOND = StageSettings("attention_add", in_channels=7, field=(16, 12, 14), **TWO)
LOW = (0.75, 0.75, 0.75)
ARRANGEMENTS = {
    "two stages": CascadeSettings(
        stage1=FIRST, stage2=SECOND, stage1_thresholds=LOW, temperatures=(1.0, 1.5, 2.0), offsets=(0.4, 0.0, -0.7)
    ),
    "coarse": CascadeSettings(stage1=replace(FIRST, downsample=2, field=(40, 20, 22)), stage2=SECOND),
    "labels": CascadeSettings(output_channels=("ED", "NCR", "ET"), stage1=FIRST, stage2=SECOND, stage1_thresholds=LOW),
    "one stage": CascadeSettings(
        output_channels=("TC", "WT", "ET"),
        modalities=("T1ce", "T1", "T2", "FLAIR"),
        preprocessing=Preprocessing(margin=7, clip=(5.0, 90.0), foreground="channel"),
        stage1=replace(FIRST, architecture="segresnet", align_corners=False),
    ),
}


@pytest.fixture(scope="module")
def run_both(trained_like, study):
    """Run a cascade by the module and by the library, both on the study's own grid (3, z, y, x)."""

    def run(settings: CascadeSettings) -> tuple[np.ndarray, np.ndarray, Prediction]:
        own = study.reference_volume.geometry.spacing[0]
        settings = replace(settings, preprocessing=replace(settings.preprocessing, spacing=own))
        stage1 = trained_like(settings.stage1, 4)
        stage2 = None if settings.stage2 is None else trained_like(settings.stage2, 5)
        order = settings.channels
        prepared = prepare(study, settings.preprocessing, order)
        expected = predict(stage1, stage2, settings, prepared.images, Engine("cpu").run)
        shape = prepared.brain.shape
        around = Box.at([-start for start in prepared.start], prepared.canvas.shape)
        whole = cut_image(expected.probabilities, around)
        assert whole.shape[1:] == study.reference_volume.array.shape and len(shape) == 3
        volumes = torch.stack([torch.from_numpy(np.asarray(study[m].array, np.float32)) for m in order])
        with torch.inference_mode():
            answer = script_cascade(settings, stage1, stage2)(volumes.permute(0, 3, 2, 1)[None])
        return answer[0].permute(0, 3, 2, 1).numpy(), whole, expected

    return run


@pytest.mark.parametrize("name", ARRANGEMENTS)
def test_the_module_gives_what_preparation_and_cascade_give(run_both, name):
    found, expected, prediction = run_both(ARRANGEMENTS[name])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)
    assert expected.std() > 0.01, "the comparison must be of numbers that differ"
    assert (len(prediction.regions) > 1) == (ARRANGEMENTS[name].stage2 is not None), "several regions must be joined"


def module_for(size: tuple[int, int, int]) -> CascadeModule:
    settings = CascadeSettings(stage1=FIRST, stage2=replace(SECOND, field=size))
    return CascadeModule(settings, torch.nn.Identity(), torch.nn.Identity())


@pytest.mark.parametrize("seed", range(8))
def test_the_regions_are_those_that_the_library_chooses(seed):
    random = np.random.default_rng(seed)
    mask = np.zeros((40, 33, 26), bool)
    for _ in range(4):
        z, y, x = (random.integers(0, n - 4) for n in mask.shape)
        d, h, w = random.integers(3, 14, 3)
        mask[z : z + d, y : y + h, x : x + w] = True
    mask &= random.random(mask.shape) < 0.8
    size = [(16, 16, 16), (8, 24, 16), (16, 40, 32)][seed % 3]
    found = module_for(size).choose_regions(torch.from_numpy(mask))
    expected = [list(box.start) for box in choose_regions(mask, size)]
    assert found == expected and expected


def test_nothing_to_look_at_gives_no_region():
    few = torch.zeros(20, 20, 20, dtype=torch.bool)
    few[:3, :3, :3] = True
    assert module_for((8, 8, 8)).choose_regions(few) == []


@pytest.mark.parametrize("clip", [(0.0, 100.0), (0.1, 99.9), (20.0, 60.0)])
def test_the_normalization_is_that_of_the_preparation(clip):
    random = np.random.default_rng(3)
    values = random.gamma(2.0, 300.0, (9, 8, 7)).astype(np.float32)
    mask = random.random(values.shape) < 0.7
    found = normalize(torch.from_numpy(values), torch.from_numpy(mask), list(clip)).numpy()
    np.testing.assert_allclose(found, normalise(values, mask, clip), rtol=0, atol=1e-5)


def test_an_even_or_absent_volume_becomes_zeros():
    even, everywhere = torch.full((4, 4, 4), 7.0), torch.ones(4, 4, 4, dtype=torch.bool)
    assert not normalize(even, everywhere, [0.0, 100.0]).any()
    assert not normalize(even, ~everywhere, [0.0, 100.0]).any()


def test_an_image_without_a_brain_gives_zeros_and_each_of_a_batch_its_own(trained_like):
    module = script_cascade(CascadeSettings(stage1=FIRST), trained_like(FIRST), None)
    x = torch.randn(1, 4, 10, 12, 9, generator=torch.Generator().manual_seed(0))
    x[..., :2] = torch.nan
    with torch.inference_mode():
        alone, both = module(x), module(torch.cat([torch.zeros_like(x), x]))
    assert not both[0].any() and torch.equal(both[1:], alone)
    assert alone.shape == (1, 3, 10, 12, 9) and alone[..., 3:].all() and not alone[..., :2].any()
