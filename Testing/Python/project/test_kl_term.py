"""The study of the KL term: both branches learn from the same start on the same samples."""

from __future__ import annotations

import sys
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.settings import StageSettings

SCRIPT = Path(__file__).parents[2] / "Studies" / "kl_term.py"


@pytest.fixture(scope="module")
def study():
    spec = spec_from_file_location("kl_term", SCRIPT)
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks itself up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def make(study):
    """Make a branch of a few filters, always the same."""
    stage = StageSettings(filters=4, groups=2, blocks_down=(1, 1, 1, 1), vae_crop=(16, 16, 16), latent=3)
    return partial(study.new_branch, SimpleNamespace(settings=SimpleNamespace(stage1=stage)), fresh=True)


@pytest.fixture
def samples(tmp_path: Path) -> list[Path]:
    """Two cases as they are and mirrored; every voxel of a sample is its number."""
    paths = []
    for case in range(2):
        seen = (
            np.zeros((2, 4, 16, 16, 16), np.float16)
            + np.array([2 * case, 2 * case + 1], np.float16)[:, None, None, None, None]
        )
        end = np.random.default_rng(case).standard_normal((2, 32, 2, 2, 2)).astype(np.float16)
        np.savez(tmp_path / f"{case}.npz", seen=seen, end=end)
        paths.append(tmp_path / f"{case}.npz")
    return paths


def weights(folder: Path, name: str) -> torch.Tensor:
    state = torch.load(folder / f"{name}.pt", weights_only=True)["branch"]
    return torch.cat([tensor.flatten() for tensor in state.values()])


def test_each_sample_comes_once_in_a_round(study, samples):
    rounds = [[float(study._sample(samples, step)[0].mean()) for step in range(start, start + 4)] for start in (0, 4)]
    assert [sorted(each) for each in rounds] == [[0, 1, 2, 3]] * 2


def test_a_training_that_stopped_ends_as_one_that_did_not(study, make, samples, tmp_path, capsys):
    (tmp_path / "whole").mkdir()
    study.train(make(), study.VARIANTS[1], samples, tmp_path / "whole", 4, 4)
    for until in (1, 4, 4):
        study.train(make(), study.VARIANTS[1], samples, tmp_path, until, 4)
    torch.testing.assert_close(weights(tmp_path, "vae"), weights(tmp_path / "whole", "vae"))


def test_both_start_alike_and_the_kl_term_parts_them(study, make, samples, tmp_path, capsys):
    first, second = (torch.cat([p.flatten() for p in make().parameters()]) for _ in range(2))
    assert torch.equal(first, second)
    for variant in study.VARIANTS:
        study.train(make(), variant, samples, tmp_path, 2, 2)
    assert not torch.equal(weights(tmp_path, "vae"), weights(tmp_path, "autoencoder"))


def test_the_table_and_the_figure_come_of_both(study, make, samples, tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="the extra [report] is not installed")
    for variant in study.VARIANTS:
        study.train(make(), variant, samples, tmp_path, 1, 1)
    capsys.readouterr()
    study.tell(make, tmp_path, samples, samples)
    lines = capsys.readouterr().out.strip().splitlines()
    assert lines[0] == f"| | {' | '.join(variant.title for variant in study.VARIANTS)} |"
    assert all(line.count("|") == 4 for line in lines) and (tmp_path / "kl-term.png").is_file()
