"""Whole processes of `segment` on a made case, in turn: from their start to their end, imports and writing included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from ...core.errors import DeviceError

_LIBRARY = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Whole:
    """Medians of a side's processes: seconds of all and of the networks alone, and the most memory, MiB (0 unknown)."""

    side: str
    seconds: float
    networks: float
    peak: float

    @property
    def ratio(self) -> float:
        """All over the networks alone."""
        return self.seconds / self.networks


@dataclass(frozen=True)
class Started:
    """Medians of the panel's worker, from its start: seconds until it listens, and until it has said what computes."""

    ready: float
    warm: float


def time_worker(repeats: int, report: Callable[[str], None] = lambda _: None) -> Started:
    """Start the panel's worker, one run to warm the disk and then repeats, and have torch loaded.

    Raises DeviceError where it ends early.
    """
    runs = []
    for turn in range(repeats + 1):
        runs.append(_start_worker())
        report(f"{'warm-up' if turn == 0 else f'run {turn}'}, worker: {runs[-1].warm:.2f} s")
    return Started(median(run.ready for run in runs[1:]), median(run.warm for run in runs[1:]))


def _start_worker() -> Started:
    from ...core.protocol import encode
    from ...core.requests import Probe, Warm

    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "BrainTumorVAESegLib.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env=_environment(),
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    with process:
        try:
            if not process.stdout.readline():
                raise DeviceError("The panel's worker ended early.")
            ready = time.perf_counter() - start
            process.stdin.write(encode(Warm()) + encode(Probe("cpu", 1)))
            process.stdin.flush()
            if not process.stdout.readline():
                raise DeviceError("The panel's worker ended early.")
            return Started(ready, time.perf_counter() - start)
        finally:
            process.kill()


def time_processes(
    sides: Mapping[str, Sequence[str]], repeats: int, report: Callable[[str], None] = lambda _: None
) -> list[Whole]:
    """Run `segment` on one made case with each side's own options, one run to warm the disk and then repeats, in turn.

    Raises DeviceError, with the process's own words, where one fails.
    """
    from ...phantom.cases import write_phantoms

    runs: dict[str, list[Whole]] = {side: [] for side in sides}
    with tempfile.TemporaryDirectory() as folder:
        (name,) = write_phantoms(Path(folder), 1)
        for turn in range(repeats + 1):
            for side, options in sides.items():
                found = _run(side, Path(folder), Path(folder) / name, options)
                report(f"{'warm-up' if turn == 0 else f'run {turn}'}, {side}: {found.seconds:.2f} s")
                if turn:
                    runs[side].append(found)
    return [
        Whole(
            side,
            median(run.seconds for run in several),
            median(run.networks for run in several),
            max(run.peak for run in several),
        )
        for side, several in runs.items()
    ]


def _run(side: str, folder: Path, case: Path, options: Sequence[str]) -> Whole:
    command = [sys.executable, "-m", "BrainTumorVAESegLib.cli", "segment", str(case), "--out", str(folder / "out")]
    environment = _environment()
    with (folder / "said").open("w+") as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--overwrite", "--json", *options], stdout=subprocess.PIPE, stderr=said, env=environment
        )
        assert process.stdout is not None
        out = process.stdout.read()
        code, peak = _end(process)
        seconds = time.perf_counter() - start
        if code:
            said.seek(0)
            raise DeviceError(f"{side}: {(said.read().strip().splitlines() or ['it ended without a word'])[-1]}")
    summary: dict[str, Any] = json.loads(out)
    networks = sum(value for step, value in summary["timings_s"].items() if step.startswith("stage"))
    return Whole(side, seconds, networks, peak)


def _environment() -> dict[str, str]:
    """Return the environment in which other processes import this library."""
    paths = [str(_LIBRARY), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _end(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Wait for a process; return its exit code and the most memory that it held, MiB, 0 where that is not told."""
    with process:
        if not hasattr(os, "wait4"):
            return process.wait(), 0.0
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
