"""The networks against numbers of the public two-stage code, its tensors coming in through the importer."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.settings import PAPER, StageSettings, without_vae
from BrainTumorVAESegLib.exchange.public_code import import_public_state
from BrainTumorVAESegLib.networks.nvnet import NvNet, StageOutput
from smallnetworks import count_parameters

TOLERANCE = 1e-4
CUBE = (32, 32, 32)
GATES = ("gate0_before_upsampling", "gate1_before_upsampling", "gate2_before_upsampling")
STAGES = {1: PAPER.stage1, 2: PAPER.stage2}


@dataclass(frozen=True)
class Golden:
    """One stage: what is expected, the settings that the importer found, and what the network answered."""

    expected: dict[str, np.ndarray]
    parameters: tuple[int, int]
    settings: StageSettings
    network: NvNet
    output: StageOutput


def filled(name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """A tensor of the public code, filled as the golden values' description says."""
    if name.endswith("num_batches_tracked"):
        return torch.zeros(shape, dtype=torch.int64)
    x = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape)
    if name.endswith("running_var"):
        x = 1 + 0.1 * np.abs(x)
    elif len(shape) <= 1:
        x = 1 + 0.1 * x if name.endswith("weight") else 0.1 * x
    else:
        x = x / np.sqrt(np.prod(shape[1:]))
    return torch.from_numpy(np.asarray(x, np.float32))


@pytest.fixture(scope="module", params=[1, 2], ids=["stage1", "stage2"])
def golden(request: pytest.FixtureRequest, golden_folder: Path) -> Golden:
    stage = request.param
    listed = json.loads((golden_folder / f"stage{stage}.json").read_text())
    state = {name: filled(name, tuple(shape)) for name, shape in listed["tensors"].items()}
    settings, ours = import_public_state(state)
    network = NvNet(settings).eval()
    network.load_state_dict(ours, strict=True)
    x = np.random.default_rng(6 + stage).standard_normal((1, settings.in_channels, *CUBE)).astype(np.float32)
    with torch.inference_mode():
        output = network(torch.from_numpy(x), reconstruct=True)
    with np.load(golden_folder / f"stage{stage}.npz") as file:
        expected = {key: file[key] for key in file.files}
    return Golden(expected, (listed["parameters"], listed["parameters_without_vae"]), settings, network, output)


def test_the_probabilities_are_those_of_the_public_code(golden):
    found = torch.sigmoid(golden.output.logits)[0].numpy()
    assert found.shape == (3, *CUBE)
    np.testing.assert_allclose(found, golden.expected["probabilities"], rtol=0, atol=TOLERANCE)


def test_the_reconstruction_from_the_latent_mean_is_that_of_the_public_code(golden):
    found = golden.output.reconstruction[0].numpy()
    assert found.shape == (4, *CUBE)
    np.testing.assert_allclose(found, golden.expected["reconstruction"], rtol=0, atol=TOLERANCE)


def test_the_latent_is_means_then_raw_spreads(golden):
    latent = golden.output.latent
    found = torch.cat([latent.mean, latent.raw_spread], dim=1)[0].numpy()
    np.testing.assert_allclose(found, golden.expected["latent"], rtol=0, atol=TOLERANCE)
    assert bool((latent.spread > 0).all()), "an imported spread must be positive, whatever the raw numbers are"


def test_the_gates_are_those_of_the_public_code_finest_first(golden):
    names = [name for name in GATES if name in golden.expected]
    assert len(golden.output.gates) == len(names) == (3 if golden.settings.architecture == "attention_add" else 0)
    for name, gate in zip(names, golden.output.gates, strict=True):
        np.testing.assert_allclose(gate[0, 0].numpy(), golden.expected[name], rtol=0, atol=TOLERANCE, err_msg=name)


def test_every_golden_number_is_compared(golden):
    assert set(golden.expected) <= {"probabilities", "reconstruction", "latent", *GATES}


def test_the_parameters_are_as_many_as_the_public_code_has(golden):
    assert (
        count_parameters(golden.network),
        count_parameters(NvNet(without_vae(golden.settings))),
    ) == golden.parameters


@pytest.mark.parametrize(
    ("stage", "with_vae", "count"),
    [(1, True, 20_317_303), (1, False, 18_802_115), (2, True, 20_536_512), (2, False, 19_021_324)],
)
def test_the_paper_networks_have_the_known_number_of_parameters(stage, with_vae, count):
    settings = replace(STAGES[stage], vae_crop=CUBE if with_vae else None)
    with torch.device("meta"):
        assert count_parameters(NvNet(settings)) == count
