"""OpenVINO's engine answers as torch's does, hears the wish to stop, and says what it cannot do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.errors import Cancelled, DeviceError
from BrainTumorVAESegLib.core.labels import regions_from_labels
from BrainTumorVAESegLib.inference.cascade import Step
from BrainTumorVAESegLib.inference.engine import Engine
from BrainTumorVAESegLib.inference.observation import Observation
from BrainTumorVAESegLib.inference.optimized.engine import OpenVinoEngine, OptimizedNetworks
from BrainTumorVAESegLib.inference.optimized.storage import OPENVINO, OPENVINO_INT8, folder_of
from BrainTumorVAESegLib.inference.progress import Progress, Tracker
from BrainTumorVAESegLib.inference.segmenting import Options, Segmenter
from BrainTumorVAESegLib.models.package import load_stage

ASKED = Options(engine=OPENVINO, keep_evidence=True)


@pytest.fixture
def networks(package, ready) -> OptimizedNetworks:
    return OptimizedNetworks.of(package, OPENVINO)


def test_a_study_gets_torchs_labels_and_the_result_says_what_computed(package, ready, study):
    segmenter = Segmenter(package)
    expected = segmenter.segment(study, Options("cpu", keep_evidence=True))
    found = segmenter.segment(study, ASKED)
    assert found.tumor_found and found.regions == expected.regions and len(found.regions) > 1
    for mine, theirs in zip(*(regions_from_labels(r.segmentation.labels) for r in (found, expected)), strict=True):
        assert 2 * (mine & theirs).sum() / (mine.sum() + theirs.sum()) > 0.9999
    difference = found.evidence.prediction.probabilities - expected.evidence.prediction.probabilities
    assert np.abs(difference).max() < 1e-4
    assert found.device.startswith("cpu (") and "OpenVINO 20" in found.device and found.device.endswith("fp32)")
    assert found.notes == expected.notes


def test_the_observations_are_torchs(package, ready, study):
    segmenter = Segmenter(package)
    expected = segmenter.segment(study, Options("cpu", keep_evidence=True)).evidence.observations
    found = segmenter.segment(study, ASKED).evidence.observations
    assert set(found) == set(expected)
    for step, seen in found.items():
        torch.testing.assert_close(seen.end, expected[step].end, rtol=0, atol=1e-3)
        assert len(seen.gates) == len(expected[step].gates) == (3 if step.stage == 2 else 0)
        for mine, theirs in zip(seen.gates, expected[step].gates, strict=True):
            torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-4)


@pytest.mark.parametrize("size", [(16, 16, 16), (24, 40, 16)])
def test_the_normalization_is_that_of_the_whole_input_of_any_size(package, networks, size):
    network = load_stage(package, 1)
    x = torch.randn(1, 4, *size, generator=torch.Generator().manual_seed(0)) + torch.linspace(0, 3, size[0]).view(
        -1, 1, 1
    )
    seen: list[Observation] = []
    found = OpenVinoEngine(networks, observer=lambda step, each: seen.append(each)).run(network, x, Step(1))
    torch.testing.assert_close(found, Engine("cpu").run(network, x, Step(1)), rtol=0, atol=1e-4)
    assert len(seen) == 1


def test_what_was_verified_runs_whatever_becomes_of_its_files_meanwhile(package, converted, models):
    shutil.copytree(converted, models)
    networks = OptimizedNetworks.of(package, OPENVINO)
    for path in folder_of(package, OPENVINO).glob("stage*.bin"):
        path.write_bytes(bytes(path.stat().st_size))
    network, x = load_stage(package, 1), torch.randn(1, 4, 16, 16, 16, generator=torch.Generator().manual_seed(0))
    for size in (16, 8):  # for each of which OpenVINO compiles it anew
        found = OpenVinoEngine(networks).run(network, x[..., :size], Step(1))
        torch.testing.assert_close(found, Engine("cpu").run(network, x[..., :size], Step(1)), rtol=0, atol=1e-4)


ENDED = """
import gc, os, signal, sys
from pathlib import Path
from BrainTumorVAESegLib.inference.optimized.engine import OptimizedNetworks
from BrainTumorVAESegLib.models.package import read_package
package = read_package(Path(sys.argv[1]))
first, second = (OptimizedNetworks.of(package, "openvino") for _ in range(2))
for networks in (first, second):
    networks.request(1, (1, 4, 16, 16, 16))
del networks, first
gc.collect()
del second
gc.collect()
signal.signal(signal.SIGINT, lambda *_: print("heard"))
os.kill(os.getpid(), signal.SIGINT)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_signals_are_still_heard_once_networks_that_were_in_use_together_have_ended(package, ready):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", ENDED, str(package.folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "heard\n"), done.stderr


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"device": "cuda"}, "computes on the processor, not on cuda"),
        ({"precision": "fp16"}, "computes in fp32, not in fp16"),
        ({"memory": 2**30}, "cannot bound its memory"),
    ],
)
def test_what_it_cannot_do_is_told_with_what_can(networks, wish, told):
    with pytest.raises(DeviceError, match=f"{told}.*use the engine torch"):
        OpenVinoEngine(networks, **wish)


def test_8_bits_are_never_called_fp32(networks):
    networks.kind = OPENVINO_INT8
    assert "int8" in OpenVinoEngine(networks).description
    assert OpenVinoEngine(networks).notes == ["The last network computed in 8 bits (OpenVINO int8), as was asked for."]
    for other in ("fp32", "bf16"):
        with pytest.raises(DeviceError, match=f"computes in int8, not in {other}"):
            OpenVinoEngine(networks, precision=other)


@pytest.mark.parametrize("able", [True, False])
def test_bf16_is_told_in_the_result_and_asked_of_openvino_where_the_processor_can(package, networks, monkeypatch, able):
    monkeypatch.setattr(OptimizedNetworks, "computes_bf16", able)
    wishes: list[dict] = []
    compile_model = networks._core.compile_model

    class Core:
        read_model = staticmethod(networks._core.read_model)

        @staticmethod
        def compile_model(model, device, settings):
            wishes.append(settings)
            return compile_model(model, device, {**settings, "INFERENCE_PRECISION_HINT": "f32"})

    monkeypatch.setattr(networks, "_core", Core)
    engine = OpenVinoEngine(networks, precision="bf16")
    engine.run(load_stage(package, 1), torch.zeros(1, 4, 16, 16, 16), Step(1))
    assert [each["INFERENCE_PRECISION_HINT"] for each in wishes] == ["bf16" if able else "f32"]
    assert engine.description.endswith("bf16)" if able else "fp32)")
    whole = "The networks computed in bf16 throughout (OpenVINO), as was asked for."
    assert engine.notes == [whole if able else "This CPU computes in fp32, not in bf16."]


def test_all_that_openvino_computes_is_in_bf16_where_that_was_asked_for(networks):
    if not networks.computes_bf16:
        pytest.skip("this processor does not compute in bf16")
    request = networks.request(1, (1, 4, 16, 16, 16), "bf16")
    facts = [node.get_rt_info() for node in request.get_compiled_model().get_runtime_model().get_ops()]
    found = {(each["layerType"].astype(str), each["runtimePrecision"].astype(str)) for each in facts}
    computed = {each for each in found if each[0] not in ("Const", "Input", "Output", "Reorder", "Reshape", "Convert")}
    assert {kind for kind, _ in computed} >= {"Convolution", "Reduce", "Interpolate"}
    assert {precision for _, precision in computed} == {"bf16"}


def test_the_wish_to_stop_is_heard_while_a_network_runs(package, networks, monkeypatch):
    """The pass is played: it never ends by itself."""
    asked = 0

    class Endless:
        cancelled = False

        def start_async(self, inputs: object, share_inputs: bool) -> None:
            pass

        def wait_for(self, milliseconds: int) -> bool:
            return self.cancelled

        def cancel(self) -> None:
            self.cancelled = True

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    request = Endless()
    monkeypatch.setattr(networks, "request", lambda stage, shape, precision: request)
    told: list[Progress] = []
    engine = OpenVinoEngine(networks, tracker=Tracker(told.append, stop))
    with pytest.raises(Cancelled):
        engine.run(load_stage(package, 1), torch.zeros(1, 4, 16, 16, 16), Step(1))
    assert request.cancelled and len(told) == 2


def test_too_little_memory_is_one_sentence(package, networks, monkeypatch):
    def fail(stage: int, shape: tuple[int, ...], precision: str) -> None:
        raise RuntimeError("Exception from src/inference:\nCould not allocate 9 GB")

    monkeypatch.setattr(networks, "request", fail)
    with pytest.raises(
        DeviceError, match=r"^stage 1: OpenVINO failed \(Could not allocate 9 GB\); use the engine torch\.$"
    ):
        OpenVinoEngine(networks).run(load_stage(package, 1), torch.zeros(1, 4, 16, 16, 16), Step(1))


def test_an_engine_that_is_not_known_is_told_with_the_known_ones(package, study):
    with pytest.raises(DeviceError, match="'tensorrt' is not known; choose torch, openvino, openvino-int8"):
        Segmenter(package).segment(study, replace(ASKED, engine="tensorrt"))
