"""Answering within one process: what is kept from one study to the next."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.answers import Released, Segmented
from BrainTumorVAESegLib.core.requests import Release, Segment
from BrainTumorVAESegLib.worker.answering import Answerer

Ask = Callable[[Answerer], tuple[Any, np.ndarray]]


@pytest.fixture
def networks(converted: Path, package: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a copy of these networks, which is in use; to convert them again is to copy them again."""
    from BrainTumorVAESegLib.inference.optimized import optimizing, storage

    def convert(*_: object, **__: object) -> None:
        shutil.copytree(converted, tmp_path / "models", dirs_exist_ok=True)

    convert()
    monkeypatch.setenv("BRAINTUMORVAESEG_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(optimizing, "optimize", convert)
    return storage.folder_of(package, storage.OPENVINO)


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The SHA-256 of every converted file that is read, in turn."""
    from BrainTumorVAESegLib.inference.optimized import storage

    noted: list[str] = []
    digest = storage.digest

    def note(data: bytes) -> str:
        noted.append(digest(data))
        return noted[-1]

    monkeypatch.setattr(storage, "digest", note)
    return noted


@pytest.fixture
def segment(files: Any, package: Any, tmp_path: Path) -> Ask:
    """Let an answerer segment the study by OpenVINO; return what it tells and the labels."""
    labels = tmp_path / "labels.npy"

    def segment(answerer: Answerer) -> tuple[Any, np.ndarray]:
        request = Segment(files, str(package.folder), str(labels), device="cpu", id=1, engine="openvino")
        return answerer.answer(request), np.load(labels)

    return segment


def test_the_networks_are_loaded_once_for_all_studies_until_they_are_released(
    files: Any, package: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from BrainTumorVAESegLib.inference import segmenting

    loaded: list[int] = []
    load = segmenting.load_stage

    def note(package: Any, stage: int) -> Any:
        loaded.append(stage)
        return load(package, stage)

    monkeypatch.setattr(segmenting, "load_stage", note)
    answerer = Answerer(lambda progress: None)
    request = Segment(files, str(package.folder), str(tmp_path / "labels.npy"), device="cpu", id=1)
    for _ in range(2):
        assert isinstance(answerer.answer(request), Segmented)
        assert loaded == [1, 2]
    assert isinstance(answerer.answer(Release(2)), Released)
    answerer.answer(request)
    assert loaded == [1, 2, 1, 2]


def test_converted_networks_are_hashed_once_for_all_studies_and_stay_those_that_were_verified(
    networks: Path, hashed: list[str], segment: Ask
) -> None:
    answerer = Answerer(lambda progress: None)
    _, first = segment(answerer)
    assert len(hashed) == 4, "of each stage two files"
    whole = (networks / "stage1.bin").read_bytes()
    (networks / "stage1.bin").write_bytes(bytes(len(whole)))
    told, labels = segment(answerer)
    assert len(hashed) == 4 and "OpenVINO" in told.device
    np.testing.assert_array_equal(labels, first)
    # Who reads the files anew sees the change, and converts the package again.
    _, labels = segment(Answerer(lambda progress: None))
    assert (networks / "stage1.bin").read_bytes() == whole
    np.testing.assert_array_equal(labels, first)


def test_networks_that_were_converted_anew_meanwhile_are_read_again(
    networks: Path, hashed: list[str], segment: Ask
) -> None:
    answerer = Answerer(lambda progress: None)
    segment(answerer)
    facts = json.loads((networks / "optimized.json").read_text())
    (networks / "optimized.json").write_text(json.dumps({**facts, "calibrated_on": "other cases"}))
    segment(answerer)
    assert len(hashed) == 8


def test_measuring_runs_beside_the_input_check_and_its_seconds_are_not_told_twice(
    package: Any, files: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from BrainTumorVAESegLib.cohort import summary
    from BrainTumorVAESegLib.trust.checking import TrustChecker

    measuring, check, measure = threading.Event(), TrustChecker.check, summary.measure_result

    def measure_noted(*arguments: Any) -> Any:
        measuring.set()
        return measure(*arguments)

    def check_meanwhile(self: TrustChecker, result: Any) -> Any:
        assert measuring.wait(60), "measuring begins with the check"
        return check(self, result)

    monkeypatch.setattr(summary, "measure_result", measure_noted)
    monkeypatch.setattr(TrustChecker, "check", check_meanwhile)
    start = time.perf_counter()
    told = Answerer(lambda progress: None).answer(
        Segment(files, str(package.folder), str(tmp_path / "labels.npy"), "cpu", force=True, id=1)
    )
    wall = time.perf_counter() - start
    assert isinstance(told, Segmented) and sum(told.timings.values()) <= wall
