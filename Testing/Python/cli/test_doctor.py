"""`braintumorvaeseg doctor`: each check, and the exit code."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest
import torch
from BrainTumorVAESegLib.cli.support import checkup
from BrainTumorVAESegLib.cli.support.checkup import State
from BrainTumorVAESegLib.cli.support.dependencies import DEPENDENCIES, Dependency

PROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"


def test_here_everything_needed_works(command) -> None:
    outcome = command("doctor")
    assert outcome.code == 0, outcome.out
    assert "Everything needed works." in outcome.out
    report = command("doctor", "--json").json
    assert report["ok"] is True
    names = [check["name"] for check in report["checks"]]
    assert {"Python", "platform", "torch", "GPU", "CPU", "memory", "model all-edema", "models"} <= set(names)


def test_a_damaged_model_fails_the_checkup(command, shipped) -> None:
    weights = shipped / "nothing" / "models" / "stage1.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\xff")
    outcome = command("doctor", "--json")
    assert (outcome.code, outcome.json["ok"]) == (5, False)
    (failed,) = [check for check in outcome.json["checks"] if check["state"] == "fail"]
    assert failed["name"] == "model nothing"


def test_without_any_model_the_checkup_fails(command, shipped) -> None:
    shutil.rmtree(shipped)
    outcome = command("doctor")
    assert outcome.code == 5
    assert re.search(r"^fail +models: ", outcome.out, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "extra", "state", "code"), [("torch", "", State.FAIL, 9), ("monai", "train", State.NOTE, 9)]
)
def test_a_missing_package_fails_only_where_it_is_needed(name, extra, state, code) -> None:
    check = checkup.check_dependency(Dependency(name, f"no_{name}", "something", (1,), (2,), extra))
    assert (check.state, check.exit_code) == (state, code)
    assert "pip install" in check.advice


def test_a_needed_package_that_cannot_be_imported_fails(tmp_path, monkeypatch) -> None:
    (tmp_path / "broken_thing.py").write_text("raise OSError('libc10.so: cannot open')")
    monkeypatch.syspath_prepend(tmp_path)
    check = checkup.check_dependency(Dependency("broken-thing", "broken_thing", "something", (1,), (2,)))
    assert check.state is State.FAIL
    assert "libc10.so" in check.finding


@pytest.mark.parametrize(
    ("least", "below", "state"),
    [((1,), (9, 9), State.OK), ((99,), (100,), State.WARN), ((0, 1), (1,), State.WARN)],
)
def test_a_version_outside_the_tested_range_is_a_warning(least, below, state, monkeypatch) -> None:
    monkeypatch.setattr(checkup.metadata, "version", lambda name: "9.8.7+cu130")
    assert checkup.check_dependency(Dependency("numpy", "numpy", "arrays", least, below)).state is state


def test_the_tested_ranges_are_those_of_the_project() -> None:
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    for dependency in DEPENDENCIES:
        least, below = (".".join(str(n) for n in numbers) for numbers in (dependency.least, dependency.below))
        assert f"{dependency.name}>={least},<{below}" in groups[dependency.extra]


def test_a_gpu_that_a_build_for_the_cpu_cannot_use_is_pointed_out(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setattr(checkup.shutil, "which", lambda name: "/usr/bin/nvidia-smi" if name == "nvidia-smi" else None)
    check = checkup.check_gpu()
    assert (check.state, "build for the CPU" in check.finding) == (State.WARN, True)
    monkeypatch.setattr(checkup.shutil, "which", lambda name: None)
    assert checkup.check_gpu().state is State.NOTE


def test_a_gpu_that_computes_wrongly_fails(monkeypatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr("BrainTumorVAESegLib.inference.device.cuda_problem", lambda: "It gives a wrong answer.")
    check = checkup.check_gpu()
    assert (check.state, check.exit_code) == (State.FAIL, 6)
    assert "--device cpu" in check.advice


def test_a_processor_that_computes_wrongly_fails(monkeypatch) -> None:
    monkeypatch.setattr(torch.nn.functional, "conv3d", lambda x, w: torch.zeros(1, 1, 3, 3, 3))
    check = checkup.check_processor()
    assert (check.state, check.exit_code) == (State.FAIL, 6)


@pytest.mark.parametrize(("free", "state"), [(1 << 30, State.WARN), (64 << 30, State.OK), (None, State.NOTE)])
def test_little_memory_is_a_warning(monkeypatch, free, state) -> None:
    monkeypatch.setattr("BrainTumorVAESegLib.inference.device.free_memory", lambda device: free)
    assert checkup.check_memory().state is state


def test_an_old_python_fails(monkeypatch) -> None:
    monkeypatch.setattr(checkup.sys, "version_info", (3, 9, 0))
    assert checkup.check_python().state is State.FAIL
