"""`benchmark` shows engines side by side, keeps its figures, and shows kept ones beside today's."""

from __future__ import annotations

import json

import pytest
from BrainTumorVAESegLib.cli import benchmark as cli_benchmark
from BrainTumorVAESegLib.cli.support import processes
from BrainTumorVAESegLib.core.errors import DeviceError
from BrainTumorVAESegLib.inference import benchmark, device, limits
from BrainTumorVAESegLib.inference.benchmark import Figures, Way
from BrainTumorVAESegLib.phantom import cases


@pytest.fixture
def asked(monkeypatch) -> list[tuple[Way, ...]]:
    """Measured figures are given, on a processor without bf16; note the ways asked for."""
    noted: list[tuple[Way, ...]] = []

    def run(presets, repeats, device, threads, report, ways):
        noted.append(ways)
        sides = [Figures("public", 20.0, 10.0, 30.0, 4000.0), Figures("fast", 3.0, 0.0, 3.0, 400.0)]
        return [*sides, *([Figures("fast, openvino", 1.5, 0.0, 1.5, 800.0)] if len(ways) > 1 else [])]

    monkeypatch.setattr(device, "cpu_computes_bf16", lambda: False)

    monkeypatch.setattr(benchmark, "run_benchmark", run)
    monkeypatch.setattr(benchmark, "count_operations", lambda: (2.19, 1.19))
    monkeypatch.setattr(benchmark, "count_preset", lambda preset: 0.087)
    monkeypatch.setattr(limits, "product_rate", lambda device: 0.2)
    return noted


def test_figures_are_kept_and_shown_beside_todays(command, asked, tmp_path):
    kept = tmp_path / "kept.json"
    first = command("benchmark", "--preset", "fast", "--device", "cpu", "--engine", "torch", "--save", kept)
    assert first.code == 0, first.err
    assert json.loads(kept.read_text())["sides"][1]["time_ratio"] == pytest.approx(0.1)
    second = command("benchmark", "--preset", "fast", "--device", "cpu", "--compare", kept, "--json")
    assert second.code == 0, second.err
    assert asked == [(Way(),), (Way(), Way("openvino"), Way("openvino-int8"))]
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


@pytest.mark.parametrize(
    ("options", "sides"),
    [
        ((), ["torch", "torch, bf16", "openvino", "openvino, bf16", "openvino-int8"]),
        (("--precision", "fp32"), ["torch", "openvino", "openvino-int8"]),
        (("--engine", "torch", "--precision", "fp32", "--precision", "bf16"), ["torch", "torch, bf16"]),
    ],
)
def test_where_the_processor_computes_in_bf16_its_sides_stand_beside(command, asked, monkeypatch, options, sides):
    monkeypatch.setattr(device, "cpu_computes_bf16", lambda: True)
    assert command("benchmark", "--preset", "fast", "--device", "cpu", *options).code == 0
    found = [way.side("fast").removeprefix("fast").removeprefix(", ") for way in asked[0]]
    assert [each if each.startswith("openvino") else f"torch, {each}".removesuffix(", ") for each in found] == sides


def test_whole_processes_of_what_was_not_converted_are_left_out_and_told(command, asked, monkeypatch):
    noted: list[dict[str, tuple[str, ...]]] = []
    monkeypatch.setattr(cli_benchmark, "time_processes", lambda sides, repeats, report: noted.append(sides) or [])
    monkeypatch.setattr(cli_benchmark, "time_worker", lambda repeats, report: processes.Started(0.1, 1.5))
    outcome = command("benchmark", "--preset", "fast", "--device", "cpu", "--whole", "all-edema")
    assert outcome.code == 0, outcome.err
    assert list(noted[0]) == ["all-edema"] and "after 0.10 s" in outcome.out and "1.50 s (medians of 3)" in outcome.out
    assert "all-edema, openvino is left out: all-edema was not converted" in outcome.out


def test_the_worker_is_timed_until_it_says_what_computes():
    found = processes.time_worker(1)
    assert 0 < found.ready < found.warm


@pytest.mark.parametrize("text", ["{}", '{"sides": [{"side": "fast"}]}', "[1]", "no json"])
def test_a_file_that_is_no_benchmark_is_told_before_anything_is_measured(command, asked, tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    outcome = command("benchmark", "--device", "cpu", "--compare", path)
    assert outcome.code == 3 and "give what benchmark --save wrote" in outcome.error and asked == []


@pytest.mark.parametrize("option", [("--save", "today.json"), ("--preset", "fast"), ("--engine", "torch")])
def test_what_a_timing_of_training_would_not_heed_is_refused(command, asked, option):
    outcome = command("benchmark", "--training", *option)
    assert (outcome.code, f"leave {option[0]} out" in outcome.error, asked) == (2, True, [])


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
