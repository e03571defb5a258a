"""The benchmark's public side is the public code's graph, and a side that dies is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.errors import DeviceError
from BrainTumorVAESegLib.core.settings import FAST
from BrainTumorVAESegLib.inference import benchmark
from BrainTumorVAESegLib.inference import interleaving as turns
from BrainTumorVAESegLib.inference.benchmark import Figures, Way, count_operations, count_preset, run_benchmark
from BrainTumorVAESegLib.inference.limits import product_rate

ANSWERS = """
import json, sys
for turn, _ in enumerate(sys.stdin):
    total = [90.0, 1.0, 3.0, 2.0][turn]
    print(json.dumps({"stage1": total / 2, "stage2": 0.5, "total": total, "peak": 10.0 - turn}), flush=True)
"""


@pytest.fixture
def sides(monkeypatch):
    """Let processes of a given program stand in for the sides."""

    def let(program: str) -> None:
        def start(module: str, arguments: Sequence[str]) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", program]
            return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

        monkeypatch.setattr(turns, "_start", start)

    return let


def test_the_public_side_has_the_public_codes_operations():
    assert count_operations() == pytest.approx((2.19, 1.19), abs=0.005)


def test_medians_leave_the_first_run_out_and_the_peak_is_the_highest(sides):
    sides(ANSWERS)
    told: list[str] = []
    figures = run_benchmark(("fast",), repeats=3, threads=1, report=told.append)
    assert figures == [Figures(side, 1.0, 0.5, 2.0, 9.0) for side in ("public", "fast")]
    assert told[:3] == ["warm-up, public: 90.00 s", "warm-up, fast: 90.00 s", "run 1, public: 1.00 s"]


def test_each_preset_takes_its_turn_by_each_engine(sides, monkeypatch):
    sides(ANSWERS)
    made: list[tuple[str, str]] = []
    monkeypatch.setattr(benchmark, "_convert_apart", lambda preset, engine, folder: made.append((preset, engine)))
    figures = run_benchmark(
        ("fast", "small"), repeats=1, threads=1, ways=(Way(), Way("openvino"), Way("openvino", "bf16"))
    )
    assert [each.side for each in figures] == [
        "public", "fast", "fast, openvino", "fast, openvino, bf16", "small", "small, openvino", "small, openvino, bf16",
    ]  # fmt: skip
    assert made == [("fast", "openvino"), ("small", "openvino")]


def test_a_converted_side_computes_what_torchs_does(tmp_path, monkeypatch):
    settings = replace(FAST, stage1=replace(FAST.stage1, filters=8, groups=4, field=None, vae_crop=None))
    monkeypatch.setitem(benchmark.PRESETS, "fast", settings)
    monkeypatch.setattr(benchmark, "GRID", (32, 32, 32))
    monkeypatch.setattr(benchmark, "REGION", (16, 16, 16))
    benchmark._convert("fast", "openvino", tmp_path)
    figures = benchmark._make_side("fast", "cpu", 1, "openvino", "auto", str(tmp_path))()
    assert figures["total"] >= figures["stage1"] > 0 and figures["stage2"] == 0


def test_a_presets_operations_are_those_of_its_own_grids():
    voxels = 144 * 176 * 144 / (128 * 192 * 160)
    assert count_preset("paper") == pytest.approx(2.19 * voxels + 1.19, rel=0.01)
    assert count_preset("fast") < count_preset("standard") / 4


def test_the_limit_is_a_rate():
    assert 0 < product_rate("cpu") < 1000


@pytest.mark.parametrize("program", ["", "import sys; sys.stdin.readline()"], ids=["at once", "when asked"])
def test_a_side_that_ends_early_is_an_error_that_names_it(sides, program):
    sides(program)
    with pytest.raises(DeviceError, match="public side of the benchmark ended early"):
        run_benchmark(("fast",), repeats=1, threads=1)


LARGE = """
import subprocess, sys
held = b"1" * (600 << 20)
del held
code = "from BrainTumorVAESegLib.inference.interleaving import peak_mib; print(peak_mib('cpu'))"
print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no getrusage")
def test_a_sides_peak_is_its_own_and_not_that_of_the_process_that_started_it():
    library = Path(benchmark.__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, check=True, cwd=library)
    assert 5 < float(done.stdout) < 300
