"""`benchmark` shows engines side by side, keeps its figures, and shows kept ones beside today's."""

from __future__ import annotations

import json

import pytest
from BrainTumorVAESegLib.cli.support import processes
from BrainTumorVAESegLib.core.errors import DeviceError
from BrainTumorVAESegLib.inference import benchmark, limits
from BrainTumorVAESegLib.inference.benchmark import Figures
from BrainTumorVAESegLib.phantom import cases


@pytest.fixture
def asked(monkeypatch) -> list[tuple[str, ...]]:
    """Measured figures are given; note the engines asked for."""
    noted: list[tuple[str, ...]] = []

    def run(presets, repeats, device, threads, precision, report, engines):
        noted.append(engines)
        sides = [Figures("public", 20.0, 10.0, 30.0, 4000.0), Figures("fast", 3.0, 0.0, 3.0, 400.0)]
        return [*sides, *([Figures("fast, openvino", 1.5, 0.0, 1.5, 800.0)] if len(engines) > 1 else [])]

    monkeypatch.setattr(benchmark, "run_benchmark", run)
    monkeypatch.setattr(benchmark, "count_operations", lambda: (2.19, 1.19))
    monkeypatch.setattr(benchmark, "count_preset", lambda preset: 0.087)
    monkeypatch.setattr(limits, "product_rate", lambda device, precision: 0.2)
    return noted


def test_figures_are_kept_and_shown_beside_todays(command, asked, tmp_path):
    kept = tmp_path / "kept.json"
    first = command("benchmark", "--preset", "fast", "--device", "cpu", "--engine", "torch", "--save", kept)
    assert first.code == 0, first.err
    assert json.loads(kept.read_text())["sides"][1]["time_ratio"] == pytest.approx(0.1)
    second = command("benchmark", "--preset", "fast", "--device", "cpu", "--compare", kept, "--json")
    assert second.code == 0, second.err
    assert asked == [("torch",), ("torch", "openvino")]
    changes = {change["side"]: change for change in second.json["changes"]}
    assert changes["fast"]["time_then"] == changes["fast"]["time"] == pytest.approx(0.1)
    assert changes["fast, openvino"]["time_then"] is None
    assert changes["fast, openvino"]["memory"] == pytest.approx(0.2)
    shares = {side["side"]: side["tflops"] for side in second.json["sides"]}
    assert shares["fast, openvino"] == pytest.approx(2 * shares["fast"]) and second.json["limit_tflops"] == 0.2


def test_the_table_names_every_side(command, asked):
    outcome = command("benchmark", "--preset", "fast", "--device", "cpu")
    assert outcome.code == 0, outcome.err
    assert "fast, openvino" in outcome.out and "TFLOP/s" in outcome.out


@pytest.mark.parametrize("text", ["{}", '{"sides": [{"side": "fast"}]}', "[1]", "no json"])
def test_a_file_that_is_no_benchmark_is_told_before_anything_is_measured(command, asked, tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    outcome = command("benchmark", "--device", "cpu", "--compare", path)
    assert outcome.code == 3 and "give what benchmark --save wrote" in outcome.error and asked == []


def test_whole_processes_are_timed_in_turn_with_their_networks_and_memory(monkeypatch, tmp_path):
    """The program that segments is played."""
    answer = '{"timings_s": {"read": 1, "stage 1": 0.25, "stage 2, region 1": 0.25}}'
    program = tmp_path / "BrainTumorVAESegLib"
    program.mkdir()
    (program / "__init__.py").write_text("")
    lines = ["import sys", "if '--bad' in sys.argv:", "    sys.exit('error: no')", f"print({answer!r})"]
    (program / "cli.py").write_text("\n".join(lines))
    monkeypatch.setattr(processes, "_LIBRARY", tmp_path)
    monkeypatch.setattr(cases, "write_phantoms", lambda folder, count: iter(["made"]))
    told: list[str] = []
    found = processes.time_processes({"a": (), "b": ()}, 2, told.append)
    assert [each.side for each in found] == ["a", "b"] and len(told) == 6 and told[0].startswith("warm-up, a")
    assert all(each.networks == 0.5 and each.ratio == each.seconds / 0.5 > 0 and each.peak > 1 for each in found)
    with pytest.raises(DeviceError, match="b: error: no"):
        processes.time_processes({"b": ("--bad",)}, 1)
