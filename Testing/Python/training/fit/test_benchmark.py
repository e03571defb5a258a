"""The training's benchmark: what its sides are, and what is made of their runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from BrainTumorVAESegLib.core.settings import PAPER
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.training.fit import benchmark
from BrainTumorVAESegLib.training.fit.benchmark import FED, HALF, LEAN, PAPER_STEP, PUBLIC, run_step_benchmark
from smallnetworks import count_parameters


@pytest.fixture
def turns(monkeypatch) -> list:
    """In place of the processes: note what is asked for and answer with figures."""
    asked: list = []

    def take_turns(module, arguments, repeats, report):
        asked.append((module, dict(arguments), repeats))
        return {side: [{"total": total, "peak": 10 * total} for total in (3.0, 1.0, 2.0)] for side in arguments}

    monkeypatch.setattr(benchmark, "take_turns", take_turns)
    return asked


def test_the_public_side_comes_first_and_medians_and_peaks_are_given(turns):
    figures = run_step_benchmark(3, "cpu", 2, half=True)
    assert [side.side for side in figures] == [PUBLIC, PAPER_STEP, FED, LEAN, HALF]
    assert {(side.seconds, side.peak) for side in figures} == {(2.0, 30.0)}
    [(module, arguments, repeats)] = turns
    assert module == "BrainTumorVAESegLib.training.fit.benchmark" and repeats == 3
    assert all(tuple(rest[:3]) == (side, "cpu", "2") for side, rest in arguments.items())
    assert len({rest[3] for rest in arguments.values()}) == 5, "each has a folder of its own"


def test_bf16_is_a_side_only_where_the_processor_computes_in_it(turns):
    assert HALF not in [side.side for side in run_step_benchmark(1, "cpu", 1)]


def test_a_side_is_a_step_of_the_trainer(tmp_path, monkeypatch):
    """The sides themselves, on crops that a test can afford."""
    monkeypatch.setattr(benchmark, "CROP", (16, 16, 16))
    for side in (PUBLIC, PAPER_STEP, LEAN):
        run = benchmark._make_side(side, "cpu", 1, str(tmp_path / side))
        assert run()["total"] > 0


def test_the_side_that_is_fed_draws_from_a_made_case_with_the_papers_changes(tmp_path, monkeypatch):
    from BrainTumorVAESegLib.phantom import phantom

    small = phantom.make_phantom(phantom.PhantomSettings(size=(32, 32, 32)))
    monkeypatch.setattr(phantom, "make_phantom", lambda: small)
    samples = benchmark._made_samples(tmp_path, replace(PAPER.stage1, vae_crop=(32, 32, 32)))
    first, again, other = samples[0], samples[0], samples[1]
    assert first["input"].shape == (4, 32, 32, 32)
    assert first["input"].equal(again["input"]) and not first["input"].equal(other["input"])


def test_the_public_side_has_the_public_codes_parameters():
    """The dense layers' size follows the crop: 20,317,303 at 32 cubed, as the golden tests hold it."""
    assert count_parameters(NvNet(replace(PAPER.stage1, vae_crop=(32, 32, 32)))) == 20_317_303
