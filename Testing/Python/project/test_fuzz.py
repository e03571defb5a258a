"""A few damaged and hostile inputs of each kind, and whether the tool that tries them sees what goes wrong."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import fuzz
import pytest
from fuzzing import kinds
from fuzzing.trying import OUTCOMES, RIGHT, Bounds, Report, table, try_all


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_a_few_inputs_are_taken_or_refused_by_the_librarys_own_errors(kind):
    report = try_all(kind, range(60))
    assert report.tried == 60
    assert report.wrong == []
    assert report.counts["refused"] > 20, "hardly anything was damaged"


BAD = """
import os, time
from BrainTumorVAESegLib.core.errors import InputError

def attempt(seed, folder, shared):
    if seed == 1:
        raise InputError("a.nii: is damaged; copy it again.")
    if seed == 2:
        raise KeyError("a")
    if seed == 3:
        os.abort()
    if seed == 4:
        time.sleep(60)
    if seed == 5:
        (folder.parent / "beside.txt").write_text("x")
    if seed == 6:
        return "other voxels"
    if seed == 7:
        raise InputError("a\\nb")
    if seed == 8:
        os._exit(3)
    if seed == 9:
        open("left.txt", "w").close()
    if seed == 10:
        held = bytearray(os.urandom(1 << 20)) * 400
"""


def test_whatever_goes_wrong_is_told_and_the_rest_is_tried(tmp_path, monkeypatch):
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "sitecustomize.py").write_text(
        "import fuzzing.kinds\nfuzzing.kinds.KINDS['bad'] = 'bad'\n"  # in the process that tries them
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    report = try_all("bad", range(12), bounds=Bounds(lambda seed: 0.2 if seed == 4 else 300, 300 << 20))
    assert report.tried == 12
    assert [(seed, outcome) for seed, outcome, _ in report.wrong] == [
        (2, "foreign"), (3, "crash"), (4, "hang"), (5, "file outside"), (6, "silent"), (7, "foreign"), (8, "crash"),
        (9, "file outside"), (10, "memory"),
    ]  # fmt: skip
    told = {seed: detail for seed, _, detail in report.wrong}
    assert "KeyError in bad.py:9" in told[2]
    assert (told[3], told[8], told[5]) == ("SIGABRT", "exit 3", "beside.txt")
    assert (report.counts["taken"], report.counts["refused"]) == (2, 1)


def test_a_kind_that_cannot_start_is_no_crash_of_an_input():
    with pytest.raises(RuntimeError, match=r"cannot start: (.|\n)*KeyError: 'unheard-of'"):
        try_all("unheard-of", [1])


def test_equal_seeds_make_equal_inputs(tmp_path):
    from fuzzing.images import attempt

    def files(seed: int, name: str) -> dict[str, bytes]:
        folder = tmp_path / f"{name}{seed}"
        folder.mkdir()
        with contextlib.suppress(Exception):  # what comes of it is tried elsewhere
            attempt(seed, folder, tmp_path / "shared")
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and not path.is_fifo()}

    for seed in range(20):
        assert files(seed, "first") == files(seed, "second")


def test_the_table_names_every_outcome():
    report = Report("images")
    for seed, outcome in enumerate(("taken", "taken", "crash")):
        report.add(seed, outcome, "")
    head, _, row = table([report]).splitlines()
    assert [cell.strip() for cell in head.strip("|").split("|")] == ["kind", "tried", *OUTCOMES]
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "images",
        "3",
        "2",
        "0",
        "0",
        "1",
        "0",
        "0",
        "0",
        "0",
    ]
    assert set(RIGHT) < set(OUTCOMES)


def test_the_command_prints_what_went_wrong_and_fails(capsys, monkeypatch):
    def trying(kind: str, seeds: range, library: Path) -> Report:
        report = Report(kind)
        for seed in seeds:
            report.add(seed, "crash" if seed == 7 else "refused", "SIGSEGV" if seed == 7 else "")
        return report

    monkeypatch.setattr(fuzz, "try_all", trying)
    monkeypatch.setattr(sys, "argv", ["fuzz.py", "images", "--first", "5", "--count", "3"])
    assert fuzz.main() == 1
    assert "images 7: crash: SIGSEGV" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["fuzz.py", "images", "--seed", "6"])
    assert fuzz.main() == 0
