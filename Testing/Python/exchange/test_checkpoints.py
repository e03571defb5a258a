"""Reading checkpoints of other programs: wrappers taken off, and no pickle ever run."""

from __future__ import annotations

import contextlib
import os
import pickle
import zipfile

import numpy as np
import pytest
import safetensors.torch
import torch
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.exchange.checkpoints import load_checkpoint_file, unwrap
from torch import nn

STATE = {"convInit.conv.weight": torch.arange(12.0).view(3, 4), "head.bias": torch.ones(1000)}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"epoch": 3, "state_dict": state, "optimizer": {"lr": 1e-4}},
        lambda state: {"model_state": state},
        lambda state: {"model": {"state_dict": state}},
        lambda state: {"state_dict": {f"module.{name}": tensor for name, tensor in state.items()}},
        lambda state: {f"module.module.{name}": tensor for name, tensor in state.items()},
        lambda state: {"state_dict": {f"network.{name}": tensor for name, tensor in state.items()}},
        lambda state: {"state_dict": {f"model._orig_mod.{name}": tensor for name, tensor in state.items()}},
    ],
)
def test_the_usual_wrappers_are_taken_off(wrap, tmp_path):
    torch.save(wrap(STATE), tmp_path / "model.pth")
    found = load_checkpoint_file(tmp_path / "model.pth")
    assert list(found) == list(STATE)
    assert all(torch.equal(found[name], tensor) for name, tensor in STATE.items())


def test_a_prefix_that_not_every_name_has_belongs_to_the_names():
    state = {"model.weight": torch.zeros(1), "head.weight": torch.zeros(1)}
    assert list(unwrap(state)) == list(state)


@pytest.mark.parametrize(
    "values", [{}, [], None, {"state_dict": {}}, {"a": 1}, {"state_dict": [1]}, {1: torch.zeros(1)}]
)
def test_what_is_no_table_of_tensors_is_refused(values):
    with pytest.raises(PackageError, match="no state dict"):
        unwrap(values)


class Trap:
    """Unpickled by an unwary reader, it makes a file."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


@pytest.mark.parametrize("legacy", [False, True])
def test_a_pickle_that_would_run_something_is_refused_and_does_not_run(tmp_path, legacy):
    mark, file = tmp_path / "it ran", tmp_path / "evil.pth"
    values = {"state_dict": {"a": torch.zeros(1)}, "extra": Trap(str(mark))}
    torch.save(values, file, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(PackageError, match=r"evil\.pth .*not opened"):
        load_checkpoint_file(file)
    file.write_bytes(pickle.dumps(values["extra"]))
    with pytest.raises(PackageError, match=r"evil\.pth"):
        load_checkpoint_file(file)
    assert not mark.exists()


def test_whole_networks_and_foreign_objects_are_refused(tmp_path):
    torch.save(nn.Linear(2, 3), tmp_path / "network.pth")
    torch.save({"best": np.float64(1), "state_dict": {"a": torch.zeros(1)}, "x": complex}, tmp_path / "mixed.pth")
    for name in ("network.pth", "mixed.pth"):
        with pytest.raises(PackageError, match="save its state_dict alone"):
            load_checkpoint_file(tmp_path / name)


@pytest.mark.parametrize("name", ["a.pth", "a.safetensors"])
@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04", bytes(100), b"\x80\x02}q\x00."])
def test_files_that_are_no_checkpoints_are_refused_in_one_line(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(PackageError) as caught:
        load_checkpoint_file(tmp_path / name)
    assert "\n" not in str(caught.value) and str(caught.value).startswith(name)


def test_a_truncated_or_missing_checkpoint_names_itself(tmp_path):
    torch.save(STATE, tmp_path / "a.pth")
    (tmp_path / "a.pth").write_bytes((tmp_path / "a.pth").read_bytes()[:-500])
    for name in ("a.pth", "absent.pth"):
        with pytest.raises(PackageError, match=name):
            load_checkpoint_file(tmp_path / name)


def test_safetensors_files_are_read_as_well(tmp_path):
    state = STATE
    safetensors.torch.save_file(state, tmp_path / "a.safetensors")
    assert set(load_checkpoint_file(tmp_path / "a.safetensors")) == set(state)


class Trainer:
    pass


def holding_itself():
    values = {}
    values["model"] = values
    return values


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"network_weights": STATE, "trainer_name": "nnUNetTrainer", "init_args": Trainer()}, "nnU-Net"),
        ({"network_weights": STATE, "trainer_name": "nnUNetTrainer", "init_args": {}}, "nnU-Net"),
        (holding_itself(), "no state dict"),
        ({"weight": torch.empty(3, device="meta")}, "does not hold a number for each of its places"),
        ({"weight": torch.zeros(1).expand(10**5, 10**5)}, "does not hold a number for each of its places"),
        ({"weight": torch.eye(3).to_sparse()}, "does not hold a number for each of its places"),
        ({"weight": STATE["head.bias"], "trainer": Trainer()}, "save its state_dict alone"),
    ],
    ids=("nnunet", "plain nnunet", "itself", "meta", "expanded", "sparse", "object"),
)
def test_what_holds_no_whole_tensors_is_refused_in_our_own_words(values, words, tmp_path):
    torch.save(values, tmp_path / "model.pth")
    with pytest.raises(PackageError, match=words) as caught:
        load_checkpoint_file(tmp_path / "model.pth")
    assert "weights_only" not in str(caught.value) and len(str(caught.value)) < 300


@pytest.mark.parametrize("zipped", [True, False])
def test_flipped_bytes_raise_nothing_but_our_errors(zipped, tmp_path):
    path, chance = tmp_path / "model.pth", np.random.default_rng(3)
    torch.save(STATE, path, _use_new_zipfile_serialization=zipped)
    whole = path.read_bytes()
    for place in chance.integers(0, len(whole), 150):
        data = bytearray(whole)
        data[place] ^= 1 << int(chance.integers(8))
        path.write_bytes(data)
        with contextlib.suppress(PackageError):
            load_checkpoint_file(path)


def test_a_zip_that_swells_is_not_opened(tmp_path):
    with zipfile.ZipFile(tmp_path / "model.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m/data.pkl", pickle.dumps({}, 2))
        archive.writestr("m/data/0", bytes(30 << 20))
    with pytest.raises(PackageError, match="is no checkpoint"):
        load_checkpoint_file(tmp_path / "model.pth")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "model.pth")
    with pytest.raises(PackageError, match="it is a pipe, not a file"):
        load_checkpoint_file(tmp_path / "model.pth")
