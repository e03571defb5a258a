"""Fixtures of the worker's tests: the process itself, a study in files, and a tiny package of random weights."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.answers import Failed, Ready
from BrainTumorVAESegLib.core.protocol import Message, decode, encode
from BrainTumorVAESegLib.core.requests import StudyFiles, VolumeFile
from BrainTumorVAESegLib.core.settings import CascadeSettings, Preprocessing, StageSettings
from BrainTumorVAESegLib.core.volume import Study
from BrainTumorVAESegLib.models.package import ModelPackage
from BrainTumorVAESegLib.models.writing import write_package
from BrainTumorVAESegLib.networks.nvnet import NvNet
from smallnetworks import *  # noqa: F403  (their fixtures: the study, and a package of both stages)

LIBRARY = Path(__file__).resolve().parents[3] / "BrainTumorVAESeg"
WORKER = ("-m", "BrainTumorVAESegLib.worker")
LIMIT = 60.0


class Worker:
    """A worker's process and the talk with it."""

    def __init__(self, arguments: Sequence[str], program: Sequence[str] = WORKER, **options: Any) -> None:
        environment = {**os.environ, "PYTHONPATH": str(LIBRARY), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-u", *program, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, **{"stderr": subprocess.DEVNULL, **options},
        )  # fmt: skip
        self._lines: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(b"")

    def say(self, line: Message | bytes) -> None:
        self.process.stdin.write(line if isinstance(line, bytes) else encode(line))
        self.process.stdin.flush()

    def hear(self, seconds: float = LIMIT) -> Any:
        """Return the next message; where the worker is gone, fail."""
        line = self._lines.get(timeout=seconds)
        assert line, f"the worker ended with {self.process.wait(5)}"
        return decode(line)

    def hear_until(self, holds: Callable[[Any], bool]) -> list[Any]:
        """Return all messages up to the first for which it holds."""
        heard = [self.hear()]
        while not holds(heard[-1]):
            assert not isinstance(heard[-1], Failed), heard[-1]
            heard.append(self.hear())
        return heard

    def ask(self, request: Message) -> Any:
        """Return the answer of a request, its progress passed over."""
        self.say(request)
        while True:
            message = self.hear()
            if type(message).__name__ != "Progress":
                return message

    def wait_for_its_end(self) -> int:
        """Return the exit code with which it ends on its own."""
        return self.process.wait(LIMIT)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()


@pytest.fixture
def start_worker() -> Iterator[Callable[..., Worker]]:
    """Start a worker and hear that it is ready."""
    started: list[Worker] = []

    def start(*arguments: str, **options: Any) -> Worker:
        started.append(Worker(arguments, **options))
        assert isinstance(started[-1].hear(), Ready)
        return started[-1]

    yield start
    for worker in started:
        worker.end()


@pytest.fixture(scope="session")
def warm_worker() -> Iterator[Worker]:
    """One worker for all tests that leave it alive."""
    worker = Worker(())
    assert isinstance(worker.hear(), Ready)
    yield worker
    worker.end()


@pytest.fixture(scope="session")
def write_files() -> Callable[[Study, Path], StudyFiles]:
    """Write a study's volumes and return them as a message's part."""
    return _write_files


def _write_files(study: Study, folder: Path) -> StudyFiles:
    folder.mkdir(parents=True, exist_ok=True)
    for modality in study:
        np.save(folder / f"{modality}.npy", study[modality].array)
    volumes = {m: VolumeFile(str(folder / f"{m}.npy"), study[m].geometry, f"node {m}") for m in study}
    return StudyFiles(volumes, study.reference, study.name)


@pytest.fixture(scope="session")
def files(study: Study, tmp_path_factory: pytest.TempPathFactory) -> StudyFiles:
    """The small study's files; not to be changed."""
    return _write_files(study, tmp_path_factory.mktemp("study"))


@pytest.fixture
def write_tiny() -> Callable[[Path, str], ModelPackage]:
    """Write a package of one small stage with random weights, of a given version."""

    def write(folder: Path, version: str = "1.0") -> ModelPackage:
        stage = StageSettings(filters=8, groups=4, blocks_down=(1, 1, 1, 2))
        with torch.random.fork_rng():
            torch.manual_seed(4)
            network = NvNet(stage).eval()
        coarse = Preprocessing(spacing=4.0)
        settings = replace(CascadeSettings(preprocessing=coarse, stage1=stage), thresholds=(0.5, 0.5, 0.5))
        return write_package(folder, "tiny", version, settings, network, None, "# tiny", storage="float32")

    return write


@pytest.fixture
def tiny(write_tiny: Callable[[Path], ModelPackage], tmp_path: Path) -> ModelPackage:
    """The tiny package."""
    return write_tiny(tmp_path / "tiny")
