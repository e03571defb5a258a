from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from BrainTumorVAESegLib.core.disk.claims import claim
from BrainTumorVAESegLib.core.errors import OutputError

HOLDER = """
import sys, time
from pathlib import Path
from BrainTumorVAESegLib.core.disk.claims import claim
with claim(Path(sys.argv[1]), "case"):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that holds the name `case` in a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "out")], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_a_name_that_another_process_holds_is_refused_and_others_are_not(holder, tmp_path):
    busy = pytest.raises(OutputError, match="out/case: another process is writing this at the moment")
    with busy, claim(tmp_path / "out", "case"):
        pass
    with claim(tmp_path / "out", "other"):
        pass


def test_the_claim_of_a_killed_process_holds_nobody_up(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert os.listdir(tmp_path / "out"), "it left its file"
    with claim(tmp_path / "out", "case"):
        pass
    assert os.listdir(tmp_path / "out") == []


def test_a_claim_leaves_no_folder_that_it_made(tmp_path):
    with claim(tmp_path / "a" / "b", "case"), pytest.raises(OutputError), claim(tmp_path / "a" / "b", "case"):
        pass
    assert os.listdir(tmp_path) == []
    with claim(tmp_path / "a", "case"):
        (tmp_path / "a" / "result").write_text("")
    assert os.listdir(tmp_path / "a") == ["result"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file, not a folder"), claim(tmp_path / "file" / "a", "case"):
        pass
