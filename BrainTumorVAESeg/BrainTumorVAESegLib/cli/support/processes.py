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
    paths = [str(_LIBRARY), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
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


def _end(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Wait for a process; return its exit code and the most memory that it held, MiB, 0 where that is not told."""
    with process:
        if not hasattr(os, "wait4"):
            return process.wait(), 0.0
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
