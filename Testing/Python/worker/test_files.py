"""The files that messages name: labels appear whole or not at all."""

from __future__ import annotations

import resource
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import OutputError
from BrainTumorVAESegLib.core.protocol import Check, Checked, Segment
from BrainTumorVAESegLib.worker.files import write_labels


def test_labels_are_read_back_as_they_were(tmp_path):
    labels = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)
    write_labels(labels.transpose(2, 1, 0), str(tmp_path / "labels.npy"))
    np.testing.assert_array_equal(np.load(tmp_path / "labels.npy"), labels.transpose(2, 1, 0))


def test_a_full_disk_leaves_nothing(tmp_path, full_disk):
    with full_disk(), pytest.raises(OutputError, match="folder for temporary files cannot be written"):
        write_labels(np.zeros((20, 20, 20), np.uint8), str(tmp_path / "labels.npy"))
    assert list(tmp_path.iterdir()) == []


def test_the_worker_survives_a_full_disk(start_worker, files, tiny, tmp_path):
    def no_large_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

    worker = start_worker(preexec_fn=no_large_files)
    labels = tmp_path / "out" / "labels.npy"
    labels.parent.mkdir()
    failed = worker.ask(Segment(files, str(tiny.folder), str(labels), device="cpu", id=1))
    assert failed.kind == "OutputError" and "cannot be written" in failed.message
    assert str(labels) not in failed.message
    assert list(labels.parent.iterdir()) == []
    assert isinstance(worker.ask(Check(files, id=2)), Checked)


def test_a_folder_that_is_gone_fails_in_a_sentence(warm_worker, files, tiny, tmp_path):
    labels = Path(tmp_path / "nowhere" / "labels.npy")
    failed = warm_worker.ask(Segment(files, str(tiny.folder), str(labels), device="cpu", id=1))
    assert failed.kind == "OutputError" and failed.exit_code == 7
