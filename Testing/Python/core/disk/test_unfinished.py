from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.disk.files import outputs, write_bytes
from BrainTumorVAESegLib.core.disk.unfinished import remove_abandoned, unfinished_folder

WRITER = """
import sys, time
from pathlib import Path
from BrainTumorVAESegLib.core.disk.files import outputs
with outputs(Path(sys.argv[1])) as place:
    (place / "half").write_text("half")
    print("begun", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def writer(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "begun\n"
    yield process
    process.kill()
    process.wait()


def make_old(path: Path, seconds: float) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def test_what_a_killed_process_left_goes_with_the_next_run_and_a_living_ones_stays(writer, tmp_path):
    (left,) = (path for path in tmp_path.glob(".unfinished-*") if path.is_dir())
    for path in tmp_path.iterdir():
        make_old(path, 48 * 3600)
    remove_abandoned(tmp_path)
    assert (left / "half").is_file(), "its process lives"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    with outputs(tmp_path) as place:
        (place / "whole").write_text("whole")
    assert os.listdir(tmp_path) == ["whole"]


def test_a_folder_without_a_lock_stays_until_it_is_old(tmp_path):
    left, other = tmp_path / ".installing-0123456789ab", tmp_path / ".mine-0123456789ab"
    for folder in (left, other):
        folder.mkdir()
        make_old(folder, 3600)
    remove_abandoned(tmp_path)
    assert left.is_dir()
    for folder in (left, other):
        make_old(folder, 48 * 3600)
    remove_abandoned(tmp_path)
    assert os.listdir(tmp_path) == [other.name]


def test_a_file_that_was_set_aside_when_its_process_was_killed_comes_back(tmp_path):
    left = tmp_path / ".unfinished-0123456789ab"
    (left / "before-x").mkdir(parents=True)
    (left / "before-x" / "a.json").write_text("before")
    (left / "before-x" / "b.json").write_text("before")
    (tmp_path / "b.json").write_text("after")
    make_old(left, 48 * 3600)
    remove_abandoned(tmp_path)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"a.json": "before", "b.json": "after"}


def test_a_linked_folder_is_left_alone(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / ".unfinished-0123456789ab").symlink_to("real")
    remove_abandoned(tmp_path)
    assert (tmp_path / "real").is_dir()


def test_the_parts_of_killed_processes_go_after_a_day(tmp_path):
    old, new = tmp_path / ".123.a.txt", tmp_path / ".124.a.txt"
    for part in (old, new):
        part.write_text("half")
    make_old(old, 48 * 3600)
    write_bytes(tmp_path / "a.txt", b"whole")
    assert sorted(os.listdir(tmp_path)) == [new.name, "a.txt"]


def test_what_is_moved_into_place_whole_is_the_work_alone(tmp_path):
    with unfinished_folder(tmp_path, "sharing") as folder:
        (folder / "a").write_text("")
        os.replace(folder, tmp_path / "done")
    assert os.listdir(tmp_path) == ["done"] and os.listdir(tmp_path / "done") == ["a"]


def test_the_lock_of_a_folder_that_was_moved_before_its_process_was_killed_goes(tmp_path):
    left = tmp_path / ".sharing-0123456789ab.lock"
    left.write_text("")
    remove_abandoned(tmp_path)
    assert left.exists(), "so new a file may not be locked yet"
    make_old(left, 3600)
    remove_abandoned(tmp_path)
    assert os.listdir(tmp_path) == []


def test_folders_are_made_for_purposes_that_are_found_again(tmp_path):
    with (
        pytest.raises(ValueError, match="tidying is none of unfinished, installing"),
        unfinished_folder(tmp_path, "tidying"),
    ):
        pass
    assert os.listdir(tmp_path) == []


def test_nothing_of_it_stays(tmp_path):
    with unfinished_folder(tmp_path, "writing") as folder:
        (folder / "a").write_text("")
    assert os.listdir(tmp_path) == []
