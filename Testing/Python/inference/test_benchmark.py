"""The benchmark's public side is the public code's graph, and a side that dies is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest
from BrainTumorVAESegLib.core.errors import DeviceError
from BrainTumorVAESegLib.inference import interleaving as turns
from BrainTumorVAESegLib.inference.benchmark import Figures, count_operations, run_benchmark

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


@pytest.mark.parametrize("program", ["", "import sys; sys.stdin.readline()"], ids=["at once", "when asked"])
def test_a_side_that_ends_early_is_an_error_that_names_it(sides, program):
    sides(program)
    with pytest.raises(DeviceError, match="public side of the benchmark ended early"):
        run_benchmark(("fast",), repeats=1, threads=1)
