from __future__ import annotations

import random
import warnings

import pytest
import torch
from BrainTumorVAESegLib.core.errors import TrainingError
from BrainTumorVAESegLib.training.fit.checkpoints import load_state, read_weights, save_state, save_weights

CPU = torch.device("cpu")


@pytest.fixture
def state() -> dict[str, object]:
    return {"step": 3, "module": {"weight": torch.arange(2000.0)}, "precision": {}}


@pytest.fixture
def network() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Conv3d(1, 4, 3), torch.nn.BatchNorm3d(4))


def test_a_state_is_read_back_as_it_was(state, tmp_path):
    save_state(tmp_path / "last.ckpt", state)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = load_state(tmp_path / "last.ckpt", CPU)
    assert found.keys() == state.keys() and torch.equal(found["module"]["weight"], state["module"]["weight"])


def test_every_flipped_bit_of_a_checkpoint_is_seen(state, tmp_path):
    path, chance = tmp_path / "last.ckpt", random.Random(4)
    save_state(path, state)
    whole = path.read_bytes()
    for place in [*(chance.randrange(len(whole)) for _ in range(150)), *range(len(whole) - 75, len(whole))]:
        data = bytearray(whole)
        data[place] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        with pytest.raises(TrainingError, match=r"last\.ckpt: is damaged") as caught:
            load_state(path, CPU)
        assert "weights_only" not in str(caught.value)


def test_a_checkpoint_whose_end_is_missing_is_damaged(state, tmp_path):
    path = tmp_path / "last.ckpt"
    save_state(path, state)
    path.write_bytes(path.read_bytes()[:-72])
    with pytest.raises(TrainingError, match="its end is missing"):
        load_state(path, CPU)


def test_a_checkpoint_of_an_older_version_is_taken_with_a_warning(state, tmp_path):
    torch.save(state, tmp_path / "last.ckpt")
    with pytest.warns(UserWarning, match=r"last\.ckpt is of an older version and holds no SHA-256"):
        assert load_state(tmp_path / "last.ckpt", CPU)["step"] == 3


def test_a_changed_weight_is_seen_and_an_older_file_taken(network, tmp_path):
    path = tmp_path / "weights.safetensors"
    save_weights(path, network)
    found = read_weights(path)
    assert all(torch.equal(found[name], tensor) for name, tensor in network.state_dict().items())
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with pytest.raises(TrainingError, match="is damaged \\(its SHA-256"):
        read_weights(path)
    from safetensors.torch import save_file

    save_file(dict(network.state_dict()), path)
    assert read_weights(path).keys() == found.keys()
