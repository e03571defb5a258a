"""The engine: a network on a device, within a memory limit, with progress and the wish to stop."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from BrainTumorVAESegLib.core.errors import Cancelled, DeviceError
from BrainTumorVAESegLib.core.settings import StageSettings
from BrainTumorVAESegLib.inference.cascade import Step
from BrainTumorVAESegLib.inference.engine import Engine, least_memory
from BrainTumorVAESegLib.inference.progress import Progress, Tracker

SIZE = (64, 64, 64)
LIBRARY = Path(__file__).resolve().parents[3] / "BrainTumorVAESeg"


@pytest.fixture(scope="module")
def network(trained_like):
    return trained_like(StageSettings(filters=8, groups=4, blocks_down=(1, 1, 1, 1)))


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return torch.randn(1, 4, *SIZE, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def expected(network, x) -> torch.Tensor:
    with torch.inference_mode():
        return network(x).logits


def test_the_cpu_gives_the_networks_own_answer(network, x, expected):
    engine = Engine("cpu")
    torch.testing.assert_close(engine.run(network, x, Step(1)), expected, rtol=0, atol=2e-5)
    assert engine.notes == []


def test_a_limit_that_cannot_be_met_names_the_least_and_that_least_is_enough(network, x, expected):
    with pytest.raises(DeviceError) as caught:
        Engine("cpu", memory=20 << 20).run(network, x, Step(1))
    named = re.search(r"--memory (\d+\.\d+)G\)", str(caught.value))
    assert named and "0.02 GiB" in str(caught.value)
    least = int(float(named[1]) * 2**30)
    torch.testing.assert_close(Engine("cpu", memory=least).run(network, x, Step(1)), expected, rtol=0, atol=2e-5)
    with pytest.raises(DeviceError):
        Engine("cpu", memory=least - (2**30 // 100)).run(network, x, Step(1))


def test_what_the_caller_holds_counts_against_the_limit(network, x):
    limit = least_memory(network, SIZE) + (1 << 20)
    Engine("cpu", memory=limit).run(network, x, Step(1))
    with pytest.raises(DeviceError, match="the least is"):
        Engine("cpu", memory=limit, reserved=2 << 20).run(network, x, Step(1))


def test_an_unknown_precision_is_an_error_that_names_the_known_ones():
    with pytest.raises(DeviceError, match="'fp8' is not known; choose auto, fp32, fp16, bf16"):
        Engine("cpu", "fp8")


def test_an_unknown_device_is_an_error():
    with pytest.raises(DeviceError, match="'tpu' is not known"):
        Engine("tpu")


@pytest.mark.parametrize("precision", ["fp16", "bf16"])
def test_a_half_precision_that_the_cpu_does_not_compute_in_is_noted(precision, network, x, expected, monkeypatch):
    monkeypatch.setattr("BrainTumorVAESegLib.inference.engine.cpu_computes_bf16", lambda: False)
    engine = Engine("cpu", precision)
    assert engine.notes == [f"This CPU computes in fp32, not in {precision}."]
    torch.testing.assert_close(engine.run(network, x, Step(1)), expected, rtol=0, atol=2e-5)


def test_bf16_is_close_to_fp32_where_the_cpu_computes_in_it(network, x, expected, monkeypatch):
    monkeypatch.setattr("BrainTumorVAESegLib.inference.engine.cpu_computes_bf16", lambda: True)
    engine = Engine("cpu", "bf16")
    logits = engine.run(network, x, Step(1))
    assert engine.notes == ["The convolutions computed in bf16, as was asked for."] and logits.dtype == torch.float32
    assert engine.description.endswith(", bf16)")
    difference = (logits - expected).abs().max()
    assert 1e-6 < difference < 0.03 * expected.abs().max()


def test_half_precision_stands_in_the_devices_name_also_where_nobody_chose_it(monkeypatch):
    monkeypatch.setattr("BrainTumorVAESegLib.inference.engine.describe_device", lambda device: f"{device} (a GPU)")
    engine = Engine("cpu")
    assert engine.description == "cpu (a GPU)"
    engine.device = torch.device("cuda")
    assert engine.description == "cuda (a GPU, fp16)"


@pytest.mark.parametrize("precision", ["auto", "fp32", "fp16", "bf16"])
def test_a_gpu_within_a_memory_limit_is_not_said_to_compute_in_half_precision(precision, monkeypatch):
    """Its slabs are computed in fp32. The GPU is played."""
    module = "BrainTumorVAESegLib.inference.engine"
    monkeypatch.setattr(f"{module}.choose_device", lambda device: torch.device("cuda"))
    monkeypatch.setattr(f"{module}.describe_device", lambda device: f"{device} (a GPU)")
    engine = Engine("cuda", precision, memory=1 << 30)
    asked = precision in ("fp16", "bf16")
    assert engine.notes == [f"Within a memory limit the GPU computes in fp32, not in {precision}."] * asked
    assert engine.description == "cuda (a GPU)" and engine.dtype is torch.float32
    free = Engine("cuda", precision)
    assert free.notes == [f"The convolutions computed in {precision}, as was asked for."] * asked


def test_progress_rises_from_nothing_to_the_whole(network, x):
    told: list[Progress] = []
    tracker = Tracker(told.append)
    tracker.enter("stage 1", 1.0)
    Engine("cpu", memory=least_memory(network, SIZE), tracker=tracker).run(network, x, Step(1))
    shares = [progress.fraction for progress in told]
    assert shares == sorted(shares)
    assert shares[0] == 0 and shares[-1] == pytest.approx(1)
    assert max(b - a for a, b in pairwise(shares)) < 0.2


def test_the_wish_to_stop_is_heard_at_the_next_slab(network, x):
    told: list[Progress] = []
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return len(told) >= 5

    with pytest.raises(Cancelled):
        Engine("cpu", tracker=Tracker(told.append, cancelled)).run(network, x, Step(1))
    assert (len(told), asked) == (5, 6)


def test_a_gpu_that_runs_out_of_memory_leads_to_slabs_and_then_to_the_cpu(network, x, expected, monkeypatch):
    """The GPU is played: both ways on it run out of memory."""

    def exhausted(*_: object) -> torch.Tensor:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory.")

    in_slabs = Engine._run_in_slabs
    monkeypatch.setattr(Engine, "_run_whole", exhausted)
    monkeypatch.setattr(
        Engine, "_run_in_slabs", lambda self, *a: (exhausted if self.device.type == "cuda" else in_slabs)(self, *a)
    )
    engine = Engine("cpu")
    engine.device = torch.device("cuda")
    with pytest.warns(UserWarning, match="computed on the CPU"):
        answer = engine.run(network, x, Step(2, 1, 3))
    torch.testing.assert_close(answer, expected, rtol=0, atol=2e-5)
    assert [note.split(":")[0] for note in engine.notes] == ["stage 2, region 1 of 3"] * 2
    assert "in slabs" in engine.notes[0] and "on the CPU" in engine.notes[1]
    assert engine.device.type == "cpu", "the next pass must not try the GPU again"


def test_a_gpu_that_computed_a_pass_in_slabs_is_said_to_have_computed_in_both_precisions(network, x, monkeypatch):
    """The GPU is played: a whole pass is too much for it, slabs are not."""

    def exhausted(*_: object) -> torch.Tensor:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory.")

    engine = Engine("cpu")
    with torch.inference_mode():
        answer = network(x)
    monkeypatch.setattr(Engine, "_run_whole", exhausted)
    monkeypatch.setattr(Engine, "_run_in_slabs", lambda *_: answer)
    monkeypatch.setattr("BrainTumorVAESegLib.inference.engine.describe_device", lambda device: f"{device} (a GPU)")
    engine.device = torch.device("cuda")
    assert engine.description == "cuda (a GPU, fp16)"
    engine.run(network, x, Step(1))
    assert engine.description == "cuda (a GPU, fp16 and fp32)"
    assert engine.notes == ["stage 1: the GPU's memory was too small for one pass; computed in slabs in float32."]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA GPU")
@pytest.mark.parametrize("architecture", ["nvnet", "attention_add"])
@pytest.mark.parametrize("memory", [None, 1 << 30], ids=["whole", "in slabs"])
def test_a_gpu_gives_the_cpus_labels(trained_like, x, architecture, memory):
    network = trained_like(StageSettings(architecture, filters=8, groups=4))
    on_cpu = Engine("cpu").run(network, x, Step(1))
    on_gpu = Engine("cuda", memory=memory).run(network, x, Step(1))
    assert on_gpu.device.type == "cpu" and on_gpu.dtype == torch.float32
    assert ((on_cpu > 0) == (on_gpu > 0)).float().mean() > 0.995


MEASURE = """
import json
import numpy as np, torch
from BrainTumorVAESegLib.core.memory import keep_freed_memory
from BrainTumorVAESegLib.core.settings import PAPER, without_vae
from BrainTumorVAESegLib.inference.cascade import predict_first
from BrainTumorVAESegLib.inference.engine import Engine
from BrainTumorVAESegLib.inference.interleaving import peak_mib
from BrainTumorVAESegLib.networks.nvnet import NvNet

keep_freed_memory()  # as a process does that was asked for other studies before
keep_freed_memory(False)
before = peak_mib("cpu")
network = NvNet(without_vae(PAPER.stage1)).eval()
images = np.random.default_rng(0).standard_normal((4, 96, 112, 96), dtype=np.float32)
engine = Engine("cpu", memory=2**29, reserved=images.nbytes)
answer = predict_first(network, PAPER, images, engine.run)
held = (peak_mib("cpu") - before) * 2**20
print(json.dumps({"bytes": held, "finite": bool(np.isfinite(answer).all()), "shape": answer.shape}))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no getrusage")
def test_the_paper_network_stays_below_the_limit_it_is_given():
    """In a process of its own, since a process's peak never falls."""
    done = subprocess.run([sys.executable, "-c", MEASURE], cwd=LIBRARY, capture_output=True, text=True, check=True)
    figures = json.loads(done.stdout)
    assert figures["finite"] and figures["shape"] == [3, 96, 112, 96]
    assert 2**27 < figures["bytes"] < 2**29
