"""The study of the KL term: all variants learn from the same start on the same samples."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.settings import StageSettings

SCRIPT = Path(__file__).parents[2] / "Studies" / "kl_term.py"
SMALL = StageSettings(filters=4, groups=2, blocks_down=(1, 1, 1, 1), vae_crop=(16, 16, 16), latent=3)


@pytest.fixture(scope="module")
def study():
    spec = spec_from_file_location("kl_term", SCRIPT)
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks itself up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def samples(tmp_path: Path) -> list[Path]:
    """Four cases; every voxel of a case's images is its number, 1 to 4."""
    paths = []
    for case in range(1, 5):
        images = np.full((4, 16, 16, 16), case, np.float16)
        regions = np.zeros((3, 16, 16, 16), np.float16)
        regions[:, 4 : 4 + case, 4:9, 4:9] = 1
        np.savez(tmp_path / f"{case}.npz", images=images, regions=regions)
        paths.append(tmp_path / f"{case}.npz")
    return paths


def weights(folder: Path, name: str) -> torch.Tensor:
    state = torch.load(folder / f"{name}.pt", weights_only=True)["network"]
    return torch.cat([tensor.flatten() for tensor in state.values()])


def test_each_sample_comes_once_in_a_round(study, samples):
    rounds = [[float(study.sample_of(samples, step)[1].sum()) for step in range(at, at + 4)] for at in (0, 4)]
    assert [sorted(each) for each in rounds] == [[75, 150, 225, 300]] * 2


def test_a_training_that_stopped_ends_as_one_that_did_not(study, samples, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(study, "HALF", None)
    (tmp_path / "whole").mkdir()
    study.train(study.VARIANTS[1], samples, tmp_path / "whole", 3, 3, SMALL)
    for until in (1, 3, 3):
        study.train(study.VARIANTS[1], samples, tmp_path, until, 3, SMALL)
    torch.testing.assert_close(weights(tmp_path, "vae"), weights(tmp_path / "whole", "vae"))


def test_the_kl_term_parts_the_variants(study, samples, tmp_path, capsys):
    for variant in study.VARIANTS:
        study.train(variant, samples, tmp_path, 2, 2, SMALL)
    made = [weights(tmp_path, variant.name) for variant in study.VARIANTS]
    assert not torch.equal(made[0], made[1]) and not torch.equal(made[1], made[2])


def test_the_table_and_the_figure_come_of_all(study, samples, tmp_path, capsys):
    pytest.importorskip("matplotlib", reason="the extra [report] is not installed")
    for variant in study.VARIANTS:
        study.train(variant, samples, tmp_path, 1, 1, SMALL)
    capsys.readouterr()
    study.tell(tmp_path, samples, samples, SMALL)
    lines = capsys.readouterr().out.strip().splitlines()
    assert lines[0] == f"| | {' | '.join(variant.title for variant in study.VARIANTS)} |"
    assert all(line.count("|") == 5 for line in lines) and (tmp_path / "kl-term.png").is_file()
