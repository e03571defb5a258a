"""What a clone of the project weighs: Slicer's index of extensions clones it with its history, and refuses 100 MB."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MOST_MIB = 92


def git(*arguments: str, text: str = "") -> str:
    """Run git here and return what it says; skip where there is no repository."""
    program = shutil.which("git")
    if program is None:
        pytest.skip("git is not installed")
    done = subprocess.run([program, "-C", str(ROOT), *arguments], input=text, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"not in a clone: {done.stderr.strip()}")
    return done.stdout


def test_a_clone_with_its_history_stays_well_below_what_the_index_takes():
    if git("rev-parse", "--is-shallow-repository").strip() == "true":
        pytest.skip("a shallow clone has no history to weigh")
    names = git("rev-list", "--objects", "HEAD")
    objects = "\n".join(line.split(" ", 1)[0] for line in names.splitlines())
    packed = sum(map(int, git("cat-file", "--batch-check=%(objectsize:disk)", text=objects).split()))
    tree = sum(
        int(line.split()[3]) for line in git("ls-tree", "-r", "-l", "HEAD").splitlines() if line.split()[3] != "-"
    )
    assert packed > 0 and tree > 0
    assert (packed + tree) / 2**20 < MOST_MIB, f"the tree is {tree / 2**20:.1f} MiB, its history {packed / 2**20:.1f}"
