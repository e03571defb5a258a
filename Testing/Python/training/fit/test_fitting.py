"""Fitting one stage: weights at shares of the steps, averaged, and going on after an interruption."""

from __future__ import annotations

import csv
import itertools
import json
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from BrainTumorVAESegLib.core.errors import Cancelled, OutputError, TrainingError
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.training.data.samples import Sample
from BrainTumorVAESegLib.training.fit.checkpoints import LAST, PLAN, load_network, read_weights
from BrainTumorVAESegLib.training.fit.fitting import Fit, StepSampler, fit_stage
from BrainTumorVAESegLib.training.fit.processes import Processes
from BrainTumorVAESegLib.training.settings import Augmentation, StageTraining
from BrainTumorVAESegLib.training.watch.watchers import CHECK_FILE, LOSS_FILE, StepRecord, TableWatcher, Watcher
from lightning.fabric import Fabric
from torch.utils.data import Dataset

TRAINING = StageTraining(steps=6, learning_rate=1e-3, ema=0.5, save_every=2)


class Played(Dataset[Sample]):
    """Noise by number; keeps which were asked for, and fails or spoils one where told."""

    def __init__(self, channels: int = 4, fail_at: int | None = None, spoil_at: int | None = None) -> None:
        self.channels, self.fail_at, self.spoil_at = channels, fail_at, spoil_at
        self.asked: list[int] = []

    def __getitem__(self, number: int) -> Sample:
        self.asked.append(number)
        if number == self.fail_at:
            raise InterruptedError("the power went out")
        x = torch.randn(self.channels, 16, 16, 16, generator=torch.Generator().manual_seed(number))
        if number == self.spoil_at:
            x[0, 0, 0, 0] = torch.nan
        return {"input": x, "images": x[-4:], "target": (x[:3] > 0).float()}


class StopAt(Watcher):
    """Does something after a step: what a person or the machine does to a training."""

    def __init__(self, step: int, act: Callable[[], object]) -> None:
        self.at, self.act = step, act

    def step(self, record: StepRecord) -> None:
        if record.step == self.at:
            self.act()


@pytest.fixture(scope="module")
def processes() -> Processes:
    return Processes("32-true", "cpu")


@pytest.fixture
def fit(tiny_stage, tmp_path, processes) -> Callable:
    """Fit the tiny stage in a folder of the test's own."""

    def fit(samples: Dataset[Sample], training: StageTraining = TRAINING, name: str = "run", watchers=(), **more):
        job = Fit("stage 1", samples, more.pop("stage", tiny_stage), training, tmp_path / name, 1, **more)
        return fit_stage(job, processes, [TableWatcher(), *watchers])

    return fit


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor], tolerance: float = 0.0) -> bool:
    return set(a) == set(b) and all(torch.allclose(a[key], b[key], rtol=0, atol=tolerance) for key in a)


def curve(folder: Path, name: str = LOSS_FILE) -> list[dict[str, str]]:
    """A table without the seconds, which no two runs share."""
    with (folder / name).open(newline="") as stream:
        return [{key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(stream)]


def test_weights_are_kept_at_the_shares_of_the_steps_and_can_be_loaded(fit, tiny_stage):
    half, whole = fit(Played(), keep_at=(0.5, 1.0))
    assert (half.name, whole.name) == ("weights-000003.safetensors", "weights-000006.safetensors")
    assert not same(read_weights(half), read_weights(whole))
    network = load_network(tiny_stage, whole)
    assert not network.training and same(network.state_dict(), read_weights(whole))


def test_every_step_is_written_down_with_the_terms_of_the_loss_and_the_dice_of_each_region(fit, tmp_path):
    fit(Played())
    rows = curve(tmp_path / "run")
    assert [int(row["step"]) for row in rows] == [1, 2, 3, 4, 5, 6]
    first = {key: float(value) for key, value in rows[0].items()}
    assert first["loss"] == pytest.approx(first["dice_loss"] + 0.1 * first["l2"] + 0.1 * first["kl"], rel=1e-5)
    assert first["dice_loss"] == pytest.approx(3 - first["dice_WT"] - first["dice_TC"] - first["dice_ET"], rel=1e-5)
    assert first["learning_rate"] == 1e-3


def test_every_sample_is_drawn_once_by_its_number(fit):
    samples = Played()
    fit(samples)
    assert samples.asked[:6] == [0, 1, 2, 3, 4, 5]


def test_a_finished_training_is_not_repeated(fit):
    [before] = fit(Played())
    stamp, samples = before.stat().st_mtime_ns, Played()
    assert fit(samples) == [before]
    assert samples.asked == [] and before.stat().st_mtime_ns == stamp


@pytest.mark.parametrize("killed_at", [1, 2, 3, 5])
def test_a_killed_training_goes_on_from_its_last_checkpoint_as_if_nothing_had_happened(
    fit, tmp_path, tiny_stage, killed_at
):
    """With dropout and the latent's sample: every loss and every weight is that of the uninterrupted run."""
    stage = replace(tiny_stage, dropout=0.2)
    training = replace(TRAINING, warmup=2, schedule="cosine", optimizer="adamw", accumulate=2)
    [whole] = fit(Played(), training, "whole", stage=stage)
    with pytest.raises(InterruptedError):
        fit(Played(fail_at=2 * killed_at), training, stage=stage)
    samples = Played()
    [resumed] = fit(samples, training, stage=stage)
    saved = killed_at // 2 * 2
    assert samples.asked[: 12 - 2 * saved] == list(range(2 * saved, 12)), "what was done before is not drawn again"
    assert curve(tmp_path / "run") == curve(tmp_path / "whole")
    assert same(read_weights(resumed), read_weights(whole))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_training_that_is_asked_to_stop_saves_its_step_and_says_how_to_go_on(fit, tmp_path, number):
    stop = StopAt(3, lambda: os.kill(os.getpid(), number))
    before = signal.getsignal(number)
    with pytest.raises(Cancelled, match="stage 1: stopped after step 3 of 6; run again to go on"):
        fit(Played(), watchers=[stop])
    assert signal.getsignal(number) is before
    samples = Played()
    fit(samples)
    assert samples.asked[:3] == [3, 4, 5]
    assert [row["step"] for row in curve(tmp_path / "run")] == ["1", "2", "3", "4", "5", "6"]


def test_a_full_disk_stops_the_training_and_keeps_the_last_good_checkpoint(fit, tmp_path, full_disk):
    last = tmp_path / "run" / LAST

    class FullAfter(Watcher):
        """Fills the disk when the fourth step is written down, before its checkpoint."""

        def step(self, record: StepRecord) -> None:
            if record.step == 4:
                self.good = last.read_bytes()
                self.full = full_disk()
                self.full.__enter__()

        def end(self) -> None:
            self.full.__exit__(None, None, None)

    watcher = FullAfter()
    with pytest.raises(OutputError, match=r"last\.ckpt: cannot be written: "):
        fit(Played(), watchers=[watcher])
    assert last.read_bytes() == watcher.good
    assert [path.name for path in last.parent.glob(".*")] == []
    samples = Played()
    fit(samples)
    assert samples.asked[0] == 2


def test_a_loss_that_is_not_a_number_stops_with_its_step_and_keeps_the_checkpoint(fit, tmp_path):
    with pytest.raises(TrainingError, match="stage 1: the loss is not finite at step 6; lower the learning rate"):
        fit(Played(spoil_at=5))
    state = torch.load(tmp_path / "run" / LAST, weights_only=True)
    assert state["step"] == 4 and all(torch.isfinite(value).all() for value in state["module"].values())
    assert not list((tmp_path / "run").glob("weights-*"))


def test_a_folder_of_another_training_is_refused_with_what_differs(fit):
    fit(Played())
    with pytest.raises(TrainingError, match=r"training\.learning_rate was 0\.001, is 0\.01"):
        fit(Played(), replace(TRAINING, learning_rate=1e-2))
    with pytest.raises(TrainingError, match=r"cases was null, is \[\"other\"\]"):
        fit(Played(), facts={"cases": ["other"]})


def test_a_setting_that_came_after_a_training_was_begun_is_held_to_its_default(fit, tmp_path):
    facts = {"augmentation": asdict(Augmentation(flip=0.25))}
    kept = fit(Played(), facts=facts)
    plan = json.loads((tmp_path / "run" / PLAN).read_text())
    del plan["training"]["tumor_crops"], plan["training"]["loss"]["kl_scale"], plan["augmentation"]["shading"]
    (tmp_path / "run" / PLAN).write_text(json.dumps(plan))
    assert fit(Played(), facts=facts) == kept
    with pytest.raises(TrainingError, match=r"training\.tumor_crops was 0\.0, is 0\.5"):
        fit(Played(), replace(TRAINING, tumor_crops=0.5), facts=facts)
    with pytest.raises(TrainingError, match=r"augmentation\.shading was 0\.0, is 0\.1"):
        fit(Played(), facts={"augmentation": asdict(Augmentation(flip=0.25, shading=0.1))})


def test_what_does_not_change_the_result_may_change_between_a_beginning_and_its_end(fit):
    with pytest.raises(InterruptedError):
        fit(Played(fail_at=3))
    assert fit(Played(), replace(TRAINING, save_every=3, check_every=1, checkpointing=True))


def test_a_damaged_checkpoint_is_named(fit, tmp_path):
    with pytest.raises(InterruptedError):
        fit(Played(fail_at=3))
    last = tmp_path / "run" / LAST
    last.write_bytes(last.read_bytes()[:1000])
    with pytest.raises(TrainingError, match=r"last\.ckpt: is damaged \(.*\); delete it to begin this training anew"):
        fit(Played())


def test_adding_up_the_gradients_of_two_batches_is_one_step_of_a_batch_of_two(fit, tmp_path):
    plain = replace(TRAINING, reconstruct=False)
    fit(Played(), replace(plain, batch=2), "together")
    fit(Played(), replace(plain, accumulate=2), "apart")
    losses = [[float(row["loss"]) for row in curve(tmp_path / name)] for name in ("together", "apart")]
    assert losses[0] == pytest.approx(losses[1], abs=1e-4) and len(set(losses[0])) == 6


def test_processes_of_their_own_draw_the_same_samples(fit, tmp_path):
    fit(Played(), name="here")
    fit(Played(), name="there", workers=1)
    assert curve(tmp_path / "there") == curve(tmp_path / "here")


def test_the_processes_of_a_training_share_the_numbers_of_each_step():
    def numbers(rank: int, count: int, accumulate: int) -> Iterator[int]:
        return iter(StepSampler(2, 4, 2, accumulate, rank, count))

    one = list(numbers(0, 1, 4))
    both = [list(numbers(rank, 2, 2)) for rank in (0, 1)]
    for step in range(2):
        alone = one[8 * step : 8 * step + 8]
        shared = [n for rank in both for n in rank[4 * step : 4 * step + 4]]
        assert sorted(shared) == alone == list(range(8 * (step + 2), 8 * (step + 3)))
    assert len(StepSampler(2, 4, 2, 2, 0, 2)) == len(both[0])


def test_recomputing_the_blocks_changes_nothing(fit):
    [kept] = fit(Played(), name="kept")
    [computed] = fit(Played(), replace(TRAINING, checkpointing=True), "computed")
    assert same(read_weights(kept), read_weights(computed), 1e-6)


def test_the_held_out_cases_are_looked_at_with_averaged_weights_in_evaluation_mode(fit, tmp_path):
    seen = []

    def held_out(network: NvNet) -> dict[str, float]:
        seen.append((network.training, {key: value.clone() for key, value in network.state_dict().items()}))
        return {"WT": 0.5, "TC": 0.25, "ET": 0.125}

    kept = fit(Played(), replace(TRAINING, check_every=3), held_out=held_out, keep_at=(0.5, 1.0))
    assert [training for training, _ in seen] == [False, False]
    assert all(same(state, read_weights(path)) for (_, state), path in zip(seen, kept, strict=True))
    assert curve(tmp_path / "run", CHECK_FILE) == [
        {"step": step, "WT": "0.5", "TC": "0.25", "ET": "0.125"} for step in ("3", "6")
    ]


def test_what_is_looked_at_is_the_average_alone_whatever_training_hangs_on_the_network(fit, tiny_stage):
    """Recomputed blocks and coarser heads hang on the trained network; the averaged one must know nothing of them."""
    x, seen = torch.randn(1, 4, 16, 16, 16), []

    def held_out(network: NvNet) -> dict[str, float]:
        with torch.inference_mode():
            seen.append(network(x).logits)
        assert not any(level._forward_hooks for level in network.decoder)
        return {"WT": 0.0, "TC": 0.0, "ET": 0.0}

    training = replace(TRAINING, checkpointing=True, deep_supervision=0.5, ema=0.9)
    [kept] = fit(Played(), training, held_out=held_out)
    with torch.inference_mode():
        torch.testing.assert_close(seen[-1], load_network(tiny_stage, kept)(x).logits, atol=1e-5, rtol=0)


@pytest.mark.parametrize("gone", [0, 1])
def test_weights_that_were_deleted_are_made_again(fit, gone):
    before = fit(Played(), keep_at=(0.5, 1.0))
    expected = [read_weights(path) for path in before]
    before[gone].unlink()
    again = fit(Played(), keep_at=(0.5, 1.0))
    assert all(same(read_weights(path), state) for path, state in zip(again, expected, strict=True))


def test_a_gradient_that_is_not_finite_stops_before_it_spoils_the_weights(fit, tmp_path, monkeypatch):
    clip = Fabric.clip_gradients
    steps = []

    def spoil(self, module, optimizer, **more):
        steps.append(1)
        if len(steps) == 4:
            next(p for p in module.parameters() if p.grad is not None).grad.fill_(torch.nan)
        return clip(self, module, optimizer, **more)

    monkeypatch.setattr(Fabric, "clip_gradients", spoil)
    with pytest.raises(TrainingError, match="the gradient is not finite at step 4; lower the learning rate"):
        fit(Played())
    state = torch.load(tmp_path / "run" / LAST, weights_only=True)
    assert state["step"] == 2 and all(torch.isfinite(value).all() for value in state["module"].values())


def test_a_stop_during_the_last_step_stops_what_would_follow(fit):
    with pytest.raises(Cancelled, match="stopped after step 6 of 6"):
        fit(Played(), watchers=[StopAt(6, lambda: os.kill(os.getpid(), signal.SIGTERM))])
    samples = Played()
    assert len(fit(samples)) == 1 and samples.asked == []


def test_the_processes_that_draw_outlive_a_stop_of_the_whole_group(fit, tmp_path):
    """A batch system signals them all; the one that trains must still be able to finish its step and save."""

    def stop_all() -> None:
        for child in multiprocessing.active_children():
            os.kill(child.pid, signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(Cancelled, match="after step 3 of 6"):
        fit(Played(), watchers=[StopAt(3, stop_all)], workers=1)
    assert torch.load(tmp_path / "run" / LAST, weights_only=True)["step"] == 3


def test_the_kept_weights_are_averaged_and_not_the_last(fit):
    """An average that never moves on keeps the weights of the first step; one without memory has the last."""
    [first] = fit(Played(), replace(TRAINING, steps=1, ema=0.0), "first")
    [stuck] = fit(Played(), replace(TRAINING, steps=4, ema=1.0), "stuck")
    [last] = fit(Played(), replace(TRAINING, steps=4, ema=0.0), "last")
    assert same(read_weights(stuck), read_weights(first), 1e-6)
    assert not same(read_weights(last), read_weights(first), 1e-6)


def test_a_training_can_start_from_given_weights_or_some_of_them(fit, tiny_stage):
    torch.manual_seed(9)
    given = NvNet(tiny_stage).state_dict()
    still = replace(TRAINING, steps=1, learning_rate=0.0)
    [kept] = fit(Played(), still, start=lambda: given)
    assert same(read_weights(kept), given)
    some = {name: tensor for name, tensor in given.items() if not name.startswith("vae.")}
    [other] = fit(Played(), still, "other", start=lambda: some)
    mixed = read_weights(other)
    assert same({name: mixed[name] for name in some}, some) and not same(mixed, given)


def test_a_frozen_encoder_stays_and_the_rest_learns(fit, tiny_stage):
    torch.manual_seed(9)
    given = NvNet(tiny_stage).state_dict()
    [kept] = fit(Played(), replace(TRAINING, freeze_encoder=True), start=lambda: given)
    moved = {name for name, tensor in read_weights(kept).items() if not torch.equal(tensor, given[name])}
    still = {name for name in given if name.startswith(("stem.", "down.", "encoder."))}
    assert not moved & still and {"head.weight", "decoder.0.halve.weight", "vae.to_latent.weight"} <= moved


def test_without_reconstruction_the_network_has_no_vae_branch(fit):
    [kept] = fit(Played(), replace(TRAINING, reconstruct=False))
    assert not any(name.startswith("vae.") for name in read_weights(kept))


def test_a_branch_that_learns_now_and_then_moves_in_those_steps_alone(fit):
    """Also with the optimizer's momentum of the steps before."""
    training = replace(TRAINING, steps=5, ema=0.0, weight_decay=0.1, optimizer="adamw", reconstruct_every=3)
    kept = [read_weights(path) for path in fit(Played(), training, keep_at=(0.2, 0.4, 0.6, 0.8, 1.0))]
    moved = [
        {name.startswith("vae.") for name in before if not torch.equal(before[name], after[name])}
        for before, after in itertools.pairwise(kept)
    ]
    assert moved == [{False}, {False}, {False, True}, {False}]


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
    losses = [float(row["loss"]) for row in curve(tmp_path / "run")]
    assert losses[-1] < losses[0] - 0.2
