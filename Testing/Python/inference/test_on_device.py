"""The cascade stays on its device: what comes back before the end are places, and then the labels alone.

No GPU is needed: the device is played (see `Testing/Fixtures/playeddevice.py`) and counts every copy to the host.
"""

from __future__ import annotations

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.volume import Study
from BrainTumorVAESegLib.inference import engine as engines
from BrainTumorVAESegLib.inference.cascade import predict
from BrainTumorVAESegLib.inference.engine import Engine
from BrainTumorVAESegLib.inference.observation import Observation
from BrainTumorVAESegLib.inference.segmenting import Options, Segmenter
from BrainTumorVAESegLib.models.package import ModelPackage
from playeddevice import DEVICE, Held, PlayedDevice

SHAPE = (24, 32, 56)
ON_DEVICE = Options(device="cuda")


@pytest.fixture
def on_device(monkeypatch) -> None:
    """Every wish for a device is answered by the played one."""
    monkeypatch.setattr(engines, "choose_device", lambda wish: DEVICE)
    monkeypatch.setattr(engines, "describe_device", str)


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((4, *SHAPE), dtype=np.float32)


def test_the_played_device_counts_copies_and_refuses_what_a_real_one_refuses():
    with PlayedDevice() as device:
        x = torch.arange(6.0).to(DEVICE)
        assert isinstance(x, Held) and x.device == DEVICE and isinstance(torch.ones(2, device=x.device), Held)
        assert device.downloads == []
        assert (x * 2).cpu().tolist() == [0, 2, 4, 6, 8, 10] and float(x.max()) == 5
        assert device.downloads == [6, 1]
        with pytest.raises(RuntimeError, match="same device"):
            x + torch.ones(6)


@pytest.mark.parametrize("downsample", [1, 2])
def test_only_places_come_back_before_the_labels_are_asked_for(
    images, small_settings, trained_like, on_device, downsample
):
    stage1 = replace(small_settings.stage1, downsample=downsample)
    settings = replace(small_settings, stage1=stage1, temperatures=(1.0, 1.5, 0.8), offsets=(0.2, 0.0, -0.3))
    networks = [trained_like(settings.stage1, 4), trained_like(settings.stage2, 5)]
    expected = predict(*networks, settings, images, _on_the_cpu().run)
    with PlayedDevice() as device:
        seen: list[Observation] = []
        engine = Engine(observer=lambda step, each: seen.append(each))
        found = predict(
            *(device.place(copy.deepcopy(network)) for network in networks), settings, engine.place(images), engine.run
        )
        assert found.regions and isinstance(found.answer, Held) and isinstance(found.first, Held)
        assert device.downloads, "where stage 2 looks is decided on the host"
        assert max(device.downloads) <= sum(SHAPE), "a copy of more than places"
        before = len(device.downloads)
        labels = found.labels(settings.thresholds)
        assert device.downloads[before:] == [math.prod(SHAPE)]
        assert all(isinstance(each.on_device, Held) for each in seen)
        probabilities = found.probabilities
    assert found.regions == expected.regions
    np.testing.assert_array_equal(labels, expected.labels(settings.thresholds))
    np.testing.assert_allclose(probabilities, expected.probabilities, atol=2e-5)


def test_a_whole_study_gives_its_labels_back_and_nothing_else(study, package, on_device):
    expected = _labels_by_the_cpu(package, study)
    with PlayedDevice() as device:
        result = Segmenter(package).segment(study, ON_DEVICE)
    np.testing.assert_array_equal(result.segmentation.labels, expected)
    assert result.tumor_found and result.notes == ()
    large = [count for count in device.downloads if count > sum(study.reference_volume.array.shape)]
    assert len(large) == 1, "more than the labels"


@pytest.mark.parametrize(
    ("place", "error", "told"),
    [
        ("_run_whole", RuntimeError("CUDA error: launch failure\nCompile with ..."), "stopped working (CUDA error: l"),
        ("place", torch.cuda.OutOfMemoryError("CUDA out of memory."), "memory was too small"),
    ],
)
def test_a_gpu_that_gives_up_in_the_middle_leads_to_the_cpu_which_is_said(
    study, package, on_device, monkeypatch, place, error, told
):
    expected, whole = _labels_by_the_cpu(package, study), getattr(Engine, place)

    def give_up(self: Engine, *rest: object) -> torch.Tensor:
        if self.device == DEVICE:
            raise error
        return whole(self, *rest)

    monkeypatch.setattr(Engine, place, give_up)
    with PlayedDevice(), pytest.warns(UserWarning, match="computed on the CPU in float32"):
        result = Segmenter(package).segment(study, ON_DEVICE)
    np.testing.assert_array_equal(result.segmentation.labels, expected)
    assert told in result.notes[0] and result.device == "cpu"


def test_a_mistake_of_the_program_is_not_taken_for_a_gpu_that_gave_up(study, package, on_device, monkeypatch):
    def run_whole(self: Engine, network: object, x: torch.Tensor) -> None:
        raise RuntimeError("shapes do not fit")

    monkeypatch.setattr(Engine, "_run_whole", run_whole)
    with PlayedDevice(), pytest.raises(RuntimeError, match="shapes do not fit"):
        Segmenter(package).segment(study, ON_DEVICE)


def _on_the_cpu() -> Engine:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "choose_device", lambda wish: torch.device("cpu"))
        return Engine()


def _labels_by_the_cpu(package: ModelPackage, study: Study) -> np.ndarray:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "choose_device", lambda wish: torch.device("cpu"))
        return Segmenter(package).segment(study).segmentation.labels
