"""Inputs tried in processes that may crash or hang; the next one goes on where one ended."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[1]
LIBRARY = TOOLS.parents[1] / "BrainTumorVAESeg"
LONGEST_SECONDS = 20.0
MOST_BYTES = 2 << 30
"""Of memory that an input may take."""
_START_SECONDS = 300.0
"""That a process may take to import what it tries, beside other work."""
OUTCOMES = ("taken", "refused", "silent", "crash", "hang", "foreign", "file outside", "memory")
"""All that can come of an input; the first two are right."""
RIGHT = ("taken", "refused")


@dataclass
class Report:
    """What came of the inputs of one kind, and each that went wrong by its seed."""

    kind: str
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return sum(self.counts.values())

    def add(self, seed: int, outcome: str, detail: str) -> None:
        self.counts[outcome] += 1
        if outcome not in RIGHT:
            self.wrong.append((seed, outcome, detail))


@dataclass(frozen=True)
class Bounds:
    """How long the input of a seed may take, and how many bytes of memory it may."""

    seconds: Callable[[int], float] = lambda seed: LONGEST_SECONDS
    most_bytes: int = MOST_BYTES


def try_all(kind: str, seeds: Sequence[int], library: Path = LIBRARY, bounds: Bounds = Bounds()) -> Report:
    """Try the inputs of a kind and of some seeds, one after another. library: the folder that holds the library."""
    report = Report(kind)
    left = list(seeds)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for round_ in range(len(seeds) + 1):
            if not left:
                break
            for seed, outcome, detail in _process(kind, left, Path(folder, str(round_)), library, bounds):
                report.add(seed, outcome, detail)
                left = left[1:]
    return report


def _process(
    kind: str, seeds: list[int], folder: Path, library: Path, bounds: Bounds
) -> Iterator[tuple[int, str, str]]:
    """Let one process try inputs until it ends, and yield what came of each."""
    folder.mkdir()
    path = os.pathsep.join([str(library), str(TOOLS), *filter(None, [os.environ.get("PYTHONPATH")])])
    with (folder.parent / f"{folder.name}.log").open("w+b") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "fuzzing.worker", kind, str(folder), str(bounds.most_bytes)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, errors="replace",
            env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}, start_new_session=True,
        )  # fmt: skip
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_listen, args=(process, lines), daemon=True).start()
        threading.Thread(target=_feed, args=(process, seeds), daemon=True).start()
        try:
            yield from _outcomes(process, lines, seeds[0], bounds, log)
        finally:
            _end(process)


def _outcomes(
    process: subprocess.Popen[str], lines: queue.Queue[str | None], first: int, bounds: Bounds, log: object
) -> Iterator[tuple[int, str, str]]:
    seed, started = first, False
    while True:
        try:
            line = lines.get(timeout=bounds.seconds(seed) if started else _START_SECONDS)
        except queue.Empty:
            yield seed, "hang", f"no answer within {bounds.seconds(seed):g} s"
            return
        if line is None:
            if started:
                code = process.wait()
                yield seed, "crash", signal.Signals(-code).name if code < 0 else f"exit {code}"
            elif process.wait():
                log.seek(0)  # type: ignore[attr-defined]
                text = log.read()[-2000:].decode(errors="replace")  # type: ignore[attr-defined]
                raise RuntimeError(f"the process that tries {first} cannot start: {text}")
            return
        if not line.startswith("fuzz "):
            continue
        message = json.loads(line[5:])
        seed, started = message["seed"], "outcome" not in message
        if not started:
            yield seed, message["outcome"], message["detail"]


def _listen(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(line)
    lines.put(None)


def _feed(process: subprocess.Popen[str], seeds: list[int]) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write("".join(f"{seed}\n" for seed in seeds))
        process.stdin.close()
    except OSError:
        return  # the process has ended, which the other side sees


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()


def table(reports: Sequence[Report]) -> str:
    """Return what came of all kinds as a Markdown table."""
    lines = ["| kind | tried | " + " | ".join(OUTCOMES) + " |", "|---|" + "---:|" * (len(OUTCOMES) + 1)]
    for report in reports:
        cells = [report.kind, f"{report.tried:,}", *(f"{report.counts[outcome]:,}" for outcome in OUTCOMES)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
