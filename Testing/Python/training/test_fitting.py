"""Fitting one stage: weights at shares of the steps, averaged, and going on after an interruption."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from BrainTumorVAESegLib.core.errors import TrainingError
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.training import fitting
from BrainTumorVAESegLib.training.fitting import fit_stage, load_network, precision_for, read_weights, trained_seconds
from BrainTumorVAESegLib.training.module import StageModule
from BrainTumorVAESegLib.training.samples import Sample
from BrainTumorVAESegLib.training.settings import StageTraining
from torch.utils.data import Dataset

TRAINING = StageTraining(steps=6, learning_rate=1e-3, ema=0.5)


class Played(Dataset[Sample]):
    """Two samples an epoch, noise by number; keeps which were asked for, and fails or spoils one where told."""

    def __init__(self, channels: int = 4, fail_at: int | None = None, spoil_at: int | None = None) -> None:
        self.channels, self.fail_at, self.spoil_at = channels, fail_at, spoil_at
        self.asked: list[int] = []

    def __len__(self) -> int:
        return 2

    def __getitem__(self, number: int) -> Sample:
        self.asked.append(number)
        if number == self.fail_at:
            raise InterruptedError("the power went out")
        x = torch.randn(self.channels, 16, 16, 16, generator=torch.Generator().manual_seed(number))
        if number == self.spoil_at:
            x[0, 0, 0, 0] = torch.nan
        return {"input": x, "images": x[-4:], "target": (x[:3] > 0).float()}


@pytest.fixture
def fit(tiny_stage, tmp_path) -> Callable:
    """Fit the tiny stage in a folder of the test's own."""

    def fit(samples: Dataset[Sample], training: StageTraining = TRAINING, name: str = "run", **more):
        return fit_stage(samples, more.pop("stage", tiny_stage), training, tmp_path / name, 1, "32-true", **more)

    return fit


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return set(a) == set(b) and all(torch.allclose(a[key], b[key], rtol=0, atol=1e-6) for key in a)


def test_weights_are_kept_at_the_shares_of_the_steps_and_can_be_loaded(fit, tiny_stage):
    half, whole = fit(Played(), keep_at=(0.5, 1.0))
    assert (half.name, whole.name) == ("weights-000003.pt", "weights-000006.pt")
    assert not same(read_weights(half), read_weights(whole))
    network = load_network(tiny_stage, whole)
    assert not network.training and same(network.state_dict(), read_weights(whole))


def test_the_terms_of_the_loss_are_logged(fit, tmp_path):
    fit(Played(), replace(TRAINING, steps=10))
    header, *rows = (tmp_path / "run" / "log" / "metrics.csv").read_text().splitlines()
    assert {"train/loss", "train/dice_loss", "train/l2", "train/kl", "step"} <= set(header.split(","))
    assert len(rows) == 1


def test_every_sample_is_drawn_once_by_its_number(fit):
    samples = Played()
    fit(samples)
    assert samples.asked == [0, 1, 2, 3, 4, 5]


def test_a_finished_run_is_not_repeated(fit):
    [before] = fit(Played())
    stamp, samples = before.stat().st_mtime_ns, Played()
    assert fit(samples) == [before]
    assert samples.asked == [] and before.stat().st_mtime_ns == stamp


def test_an_interrupted_run_goes_on_and_ends_as_if_nothing_had_happened(fit):
    """Without dropout and sampling the two must agree in every weight."""
    training = replace(TRAINING, steps=10, reconstruct=False)
    [whole] = fit(Played(), training, "whole")
    with pytest.raises(InterruptedError):
        fit(Played(fail_at=7), training)
    samples = Played()
    [resumed] = fit(samples, training)
    assert samples.asked == [4, 5, 6, 7, 8, 9], "from the last checkpoint, after two epochs"
    assert same(read_weights(resumed), read_weights(whole))


@pytest.mark.parametrize("steps", [1, 3, 5])
def test_a_run_may_end_within_an_epoch(fit, steps):
    samples = Played()
    [kept] = fit(samples, replace(TRAINING, steps=steps))
    assert kept.name == f"weights-{steps:06d}.pt" and samples.asked == list(range(steps))


def test_weights_kept_before_the_interruption_stay(fit):
    with pytest.raises(InterruptedError):
        fit(Played(fail_at=5), keep_at=(0.5, 1.0))
    half, whole = fit(Played(), keep_at=(0.5, 1.0))
    assert half.is_file() and whole.is_file()


def test_the_kept_weights_are_averaged_and_not_the_last(fit):
    """An average that never moves on keeps the weights of the first step; one without memory has the last."""
    [first] = fit(Played(), replace(TRAINING, steps=1, ema=0.0), "first")
    [stuck] = fit(Played(), replace(TRAINING, steps=4, ema=1.0), "stuck")
    [last] = fit(Played(), replace(TRAINING, steps=4, ema=0.0), "last")
    assert same(read_weights(stuck), read_weights(first))
    assert not same(read_weights(last), read_weights(first))


def test_a_run_can_start_from_given_weights(fit, tiny_stage, tmp_path):
    path = tmp_path / "given.pt"
    torch.manual_seed(9)
    torch.save(NvNet(tiny_stage).state_dict(), path)
    still = replace(TRAINING, steps=1, learning_rate=0.0)
    [kept] = fit(Played(), still, start_from=path)
    assert same(read_weights(kept), read_weights(path))
    [other] = fit(Played(), still, "other")
    assert not same(read_weights(other), read_weights(path))


def test_a_loss_that_is_not_a_number_stops_with_its_step_and_keeps_the_checkpoint(fit, tmp_path):
    with pytest.raises(TrainingError, match="not finite at step 5; lower the learning rate"):
        fit(Played(spoil_at=5))
    assert (tmp_path / "run" / "last.ckpt").is_file()
    assert not list((tmp_path / "run").glob("weights-*"))


def test_a_run_that_a_person_stops_says_how_to_go_on(fit, monkeypatch):
    monkeypatch.setattr(fitting.lightning.Trainer, "fit", lambda *_, **__: None)
    with pytest.raises(TrainingError, match="stopped before its last step; run it again to go on"):
        fit(Played())


@pytest.mark.parametrize(("freeze", "moves"), [(0.0, False), (1.0, True)])
def test_the_gates_norms_can_be_frozen(fit, tiny_stage, freeze, moves):
    stage = replace(tiny_stage, architecture="attention_add", in_channels=7)
    [kept] = fit(Played(7), replace(TRAINING, steps=3, freeze_norms=freeze), stage=stage)
    means = [value for name, value in read_weights(kept).items() if name.endswith("running_mean")]
    assert means and any(bool(mean.any()) for mean in means) is moves


def test_training_lowers_the_loss(fit, tmp_path):
    class One(Played):
        def __getitem__(self, number: int) -> Sample:
            return super().__getitem__(0)

    fit(One(), replace(TRAINING, steps=40, learning_rate=3e-3))
    header, *rows = (tmp_path / "run" / "log" / "metrics.csv").read_text().splitlines()
    losses = [float(row.split(",")[header.split(",").index("train/loss")]) for row in rows]
    assert losses[-1] < losses[0] - 0.2


@pytest.mark.parametrize(
    ("training", "factors"),
    [
        (StageTraining(steps=10), {0: 1.0, 5: 0.5**0.9, 9: 0.1**0.9, 10: 0.0}),
        (StageTraining(steps=14, warmup=4), {0: 0.25, 3: 1.0, 4: 1.0, 9: 0.5**0.9, 14: 0.0}),
        (StageTraining(steps=10, schedule="cosine"), {0: 1.0, 5: 0.5, 10: 0.0, 12: 0.0}),
    ],
    ids=["as published", "warm-up", "cosine"],
)
def test_the_learning_rate_falls_as_the_schedule_says(tiny_stage, training, factors):
    made = StageModule(tiny_stage, training).configure_optimizers()
    factor = made["lr_scheduler"]["scheduler"].lr_lambdas[0]
    assert {step: factor(step) for step in factors} == pytest.approx(factors, abs=1e-6)
    assert made["lr_scheduler"]["interval"] == "step"


@pytest.mark.parametrize(("name", "kind"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)])
def test_the_optimizer_is_the_one_wished_for(tiny_stage, name, kind):
    training = StageTraining(optimizer=name, learning_rate=0.5, weight_decay=0.25)
    optimizer = StageModule(tiny_stage, training).configure_optimizers()["optimizer"]
    assert type(optimizer) is kind
    assert optimizer.defaults["lr"] == 0.5 and optimizer.defaults["weight_decay"] == 0.25


@pytest.mark.parametrize(
    ("cuda", "native", "expected"), [(True, False, "bf16"), (False, True, "bf16"), (False, False, "32")]
)
def test_half_precision_is_chosen_only_where_it_is_computed_in(monkeypatch, cuda, native, expected):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(fitting, "cpu_computes_bf16", lambda: native)
    assert precision_for("auto").startswith(expected)
    assert precision_for("16-mixed") == "16-mixed"


def test_the_seconds_of_an_interrupted_run_count_as_well(fit, tmp_path, monkeypatch):
    ticks = iter(range(0, 1000, 7))
    monkeypatch.setattr(fitting.time, "monotonic", lambda: float(next(ticks)))
    monkeypatch.setattr(fitting.lightning.Trainer, "fit", lambda *_, **__: None)
    for _ in range(2):
        with pytest.raises(TrainingError):
            fit(Played())
    assert trained_seconds(tmp_path) == 14


def test_the_seconds_of_all_trainings_of_a_run_are_added_up(tmp_path):
    for name, seconds in (("stage1", "20\n"), ("stage2", "22\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / fitting.SECONDS).write_text(seconds)
    assert trained_seconds(tmp_path) == 42
