"""The files that messages name: labels appear whole or not at all."""

from __future__ import annotations

import resource
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from BrainTumorVAESegLib.core.answers import Checked
from BrainTumorVAESegLib.core.errors import InputError, OutputError
from BrainTumorVAESegLib.core.preparation import Prepared
from BrainTumorVAESegLib.core.requests import Check, Segment, VolumeFile
from BrainTumorVAESegLib.preparation import masking
from BrainTumorVAESegLib.worker.files import read_study, write_brain, write_labels


def test_labels_are_read_back_as_they_were(tmp_path):
    labels = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)
    write_labels(labels.transpose(2, 1, 0), str(tmp_path / "labels.npy"))
    np.testing.assert_array_equal(np.load(tmp_path / "labels.npy"), labels.transpose(2, 1, 0))


def test_a_full_disk_leaves_nothing(tmp_path, full_disk):
    with full_disk(), pytest.raises(OutputError, match="folder for temporary files cannot be written"):
        write_labels(np.zeros((20, 20, 20), np.uint8), str(tmp_path / "labels.npy"))
    assert list(tmp_path.iterdir()) == []


def with_brain(files, tmp_path, change=lambda mask: mask):
    """Return a study's files with a brain mask beside them: what is not 0 in the reference."""
    reference = files.volumes[files.reference]
    mask = change(np.load(reference.file) != 0)
    np.save(tmp_path / "brain.npy", mask.astype(np.uint8))
    return replace(files, brain=VolumeFile(str(tmp_path / "brain.npy"), reference.geometry, "Brain"))


@pytest.fixture
def any_size(monkeypatch):
    monkeypatch.setattr(masking, "LEAST_ML", 0.0)


def test_a_brain_mask_comes_with_the_study(files, tmp_path, any_size):
    study = read_study(with_brain(files, tmp_path))
    assert np.array_equal(study.brain.array, study.reference_volume.array != 0)
    assert read_study(files).brain is None


def test_a_brain_mask_that_will_not_do_is_named(files, tmp_path):
    with pytest.raises(InputError, match="Brain: the brain mask is empty"):
        read_study(with_brain(files, tmp_path, np.zeros_like))


def test_a_mask_that_was_made_is_written_and_one_that_was_given_is_not(files, tmp_path, any_size):
    study = read_study(with_brain(files, tmp_path))
    made = SimpleNamespace(study=study, prepared=Prepared(mask="HD-BET"))
    given = SimpleNamespace(study=study, prepared=Prepared(mask="given"))
    path = str(tmp_path / "out.npy")
    assert write_brain(given, path) == "" and write_brain(made, "") == "" and not Path(path).exists()
    assert write_brain(made, path) == path
    assert np.array_equal(np.load(path), study.brain.array.astype(np.uint8))


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
