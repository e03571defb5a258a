"""Keeping freed memory: the system hands out no new pages for what was just freed."""

from __future__ import annotations

import subprocess
import sys
import threading
from functools import cache
from pathlib import Path

import BrainTumorVAESegLib
import pytest

SCRIPT = """
import resource, sys
import torch
from BrainTumorVAESegLib.core.memory import keep_freed_memory
from BrainTumorVAESegLib.training.fit.processes import begin_drawing
from torch.utils.data import DataLoader, Dataset
class Faults(Dataset):
    def __len__(self):
        return 4
    def __getitem__(self, number):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(5):
            torch.empty(64 << 20, dtype=torch.uint8).fill_(0)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
drawing = sys.argv[1] == "draw"
if sys.argv[1] == "keep" and not keep_freed_memory():
    print("none")
    raise SystemExit
faults = DataLoader(Faults(), num_workers=int(drawing), worker_init_fn=begin_drawing if drawing else None)
print(int(min(faults)))
"""


@cache
def faults(how: str) -> int:
    """Return the fewest pages that filling an array anew took, where memory is left alone, kept, or drawn with."""
    command = [sys.executable, "-c", SCRIPT, how]
    library = Path(BrainTumorVAESegLib.__file__).parents[1]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=library)
    if done.stdout.strip() == "none":
        pytest.skip("this C library has no mallopt")
    return int(done.stdout)


def test_what_was_freed_is_used_again_without_new_pages():
    assert faults("keep") * 20 < faults("leave"), "once the pieces have found their places"


def test_a_process_that_draws_samples_keeps_what_it_freed():
    faults("keep")  # skips where that cannot be done
    assert faults("draw") * 4 < faults("leave")


PROGRAM = """
import sys
from BrainTumorVAESegLib.core import memory
memory.keep_freed_memory = lambda: print("keeps what it frees", file=sys.stderr)
from BrainTumorVAESegLib.{module} import main
main()
"""


@pytest.mark.parametrize(("module", "arguments"), [("cli", ["--version"]), ("worker.__main__", [])])
def test_the_librarys_own_processes_keep_what_they_free(module: str, arguments: list[str]) -> None:
    library = Path(BrainTumorVAESegLib.__file__).parents[1]
    command = [sys.executable, "-c", PROGRAM.format(module=module), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=library) as process:
        stop = threading.Timer(60, process.kill)
        stop.start()
        assert process.stderr is not None and process.stdin is not None
        told = process.stderr.readline()
        stop.cancel()
        process.stdin.close()
    assert told == "keeps what it frees\n"


@pytest.mark.parametrize("arguments", [["--debug", "train", "--help"], ["segment", "--memory=1G", "--help"]])
def test_a_training_decides_that_by_itself_and_a_limit_forbids_it(arguments: list[str]) -> None:
    library = Path(BrainTumorVAESegLib.__file__).parents[1]
    command = [sys.executable, "-c", PROGRAM.format(module="cli"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=library)
    assert (done.returncode, done.stderr) == (0, "")
