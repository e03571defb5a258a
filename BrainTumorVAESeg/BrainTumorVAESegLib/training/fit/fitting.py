"""Fit one stage: draw, step, average the weights, save, and go on after an interruption as if there had been none.

Everything random depends on the seed and on a sample's number alone (which case, its crop and changes, dropout, the
latent's sample), so that a checkpoint needs no random state, and so that N processes that share a step's samples train
as one process does that adds up the gradients of N batches (but for the running statistics of stage 2's gates, which
become the mean of the processes').
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Dataset, Sampler, default_collate

from ...core.errors import Cancelled, TrainingError
from ...core.memory import keep_freed_memory
from ...core.settings import StageSettings
from ...networks.blocks import set_memory_format
from ...networks.nvnet import NvNet
from ..data.samples import Sample, Samples
from ..settings import StageTraining
from ..watch.watchers import Beginning, Check, StepRecord, Watcher
from .checkpoints import LAST, hold_to_plan, load_state, save_state, save_weights
from .module import Exact, StageModule, learning_rate
from .processes import Processes, begin_drawing

_HELD_SHARE = 0.25
"""Of a GPU's free memory that the cases may take."""
SHOWN = 2
"""Samples that every check shows."""
_NO_EFFECT = ("checkpointing", "compile", "save_every", "check_every", "final_steps")
"""Settings that may change when a training is gone on with."""


@dataclass(frozen=True)
class Fit:
    """One training of a stage: what, on what, and where.

    facts: what tells its samples from others, kept with the plan. keep_at: shares of the steps whose averaged weights
    are kept. start: gives the weights to begin with, or some of them. held_out: gives the mean Dice by region of a
    network's answers on cases that this training does not see, from all processes together. shown: samples for the
    pictures, the first ones of which are taken. workers: processes that draw samples.
    """

    title: str
    samples: Dataset[Sample]
    stage: StageSettings
    training: StageTraining
    folder: Path
    seed: int
    facts: Mapping[str, Any] = field(default_factory=dict)
    keep_at: Sequence[float] = (1.0,)
    start: Callable[[], Mapping[str, Tensor]] = dict
    held_out: Callable[[NvNet], dict[str, float]] | None = None
    shown: Dataset[Sample] | None = None
    workers: int = 0

    @property
    def kept(self) -> dict[int, Path]:
        """Step -> file of the weights kept after it."""
        steps = [max(round(share * self.training.steps), 1) for share in self.keep_at]
        return {step: self.folder / f"weights-{step:06d}.safetensors" for step in steps}

    def plan(self, samples_per_step: int) -> dict[str, Any]:
        """Return what makes this training what it is; the folder of another one is refused."""
        training = {key: value for key, value in asdict(self.training).items() if key not in _NO_EFFECT}
        training |= {"batch": samples_per_step, "accumulate": 1}
        return {
            "stage": asdict(self.stage),
            "training": training,
            "seed": self.seed,
            "keep_at": list(self.keep_at),
            **self.facts,
        }


def fit_stage(fit: Fit, processes: Processes, watchers: Sequence[Watcher] = ()) -> list[Path]:
    """Train one stage and return its averaged weights at the shares `fit.keep_at`, each a safetensors file.

    What an earlier, interrupted run left in the folder is gone on from after its last checkpoint; a finished one is not
    repeated. Raises TrainingError where the folder is of another training, the loss is not finite or a case cannot be
    read, OutputError where the disk is full, Cancelled where a person or the batch system stopped it; the last
    checkpoint stays good.
    """
    training = fit.training
    samples_per_step = training.batch * training.accumulate * processes.count
    processes.first_only(lambda: hold_to_plan(fit.folder, fit.plan(samples_per_step)))
    if not all(path.is_file() for path in fit.kept.values()):
        Loop(fit, processes, watchers if processes.is_first else ()).run()
    return list(fit.kept.values())


class Loop:
    """The state of one training, and its steps; what the folder holds of it is taken up."""

    def __init__(self, fit: Fit, processes: Processes, watchers: Sequence[Watcher]) -> None:
        self.fit, self.processes, self.watchers = fit, processes, watchers
        if processes.device.type == "cpu" and not fit.training.checkpointing:
            keep_freed_memory()
        torch.manual_seed(fit.seed)
        self.module = StageModule(fit.stage, fit.training)
        self.module.network.load_state_dict({**self.module.network.state_dict(), **fit.start()})
        optimizer = self.module.make_optimizer()
        self.wrapped, self.optimizer = processes.fabric.setup(self.module, optimizer)
        averaging = get_ema_multi_avg_fn(fit.training.ema)
        # A network of its own: a copy would share what training hangs on the modules.
        clean = NvNet(self.module.network.settings).to(processes.device)
        set_memory_format(clean, channels_last=True)
        clean.load_state_dict(self.module.network.state_dict())
        self.average = AveragedModel(clean, multi_avg_fn=averaging, use_buffers=True)
        self.done = 0
        last = fit.folder / LAST
        if last.is_file():
            state = load_state(last, processes.device)
            missing = [step for step, path in fit.kept.items() if not path.is_file()]
            # Weights that were kept before the checkpoint and are gone can only be made again from the beginning.
            if not missing or int(state.get("step", 0)) < min(missing):
                self._take_up(state)

    def run(self) -> None:
        """Train from the steps done to the last one."""
        fit, training = self.fit, self.fit.training
        beginning = Beginning(fit.title, fit.folder, training.steps, self.done)
        with ExitStack() as stack:
            stack.enter_context(self.processes.stopping_softly())
            stack.enter_context(warnings.catch_warnings())
            # DDP's, of 1x1x1 convolutions, whose memory layout has two names
            warnings.filterwarnings("ignore", message="Grad strides do not match bucket view strides")
            for watcher in self.watchers:
                stack.callback(watcher.end)
                watcher.begin(beginning)
            batches = self.batches()
            while self.done < training.steps:
                start = time.monotonic()
                values = self.step(batches)
                record = StepRecord(self.done, values, learning_rate(training, self.done - 1), time.monotonic() - start)
                for watcher in self.watchers:
                    watcher.step(record)
                self._look_after()

    def step(self, batches: Iterator[tuple[int, Sample]]) -> dict[str, float]:
        """Do one step and return the means of its losses over its samples and processes. Raises TrainingError."""
        training, processes = self.fit.training, self.processes
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(training, self.done)
        self.module.set_progress(self.done / training.steps)
        self.module.set_step(self.done)
        sums: dict[str, Tensor] = {}
        for part in range(training.accumulate):
            number, batch = next(batches)
            # Dropout and the latent's sample, by the sample's number.
            torch.manual_seed(int(np.random.SeedSequence((self.fit.seed, 2, number)).generate_state(1)[0]))
            with processes.fabric.no_backward_sync(self.wrapped, enabled=part < training.accumulate - 1):
                values = self.wrapped(batch["input"], Exact(batch["target"], batch["images"]))
                processes.fabric.backward(values["loss"] / training.accumulate)
            for name, value in values.items():
                sums[name] = sums.get(name, 0) + value.detach() / training.accumulate
        for parameter in self.module.idle:
            parameter.grad = None  # a gradient of 0 would let the optimizer's momentum move it on
        means = processes.mean(sums)
        if not math.isfinite(means["loss"]):
            raise self._not_finite("loss")
        norm = processes.fabric.clip_gradients(
            self.wrapped, self.optimizer, max_norm=training.clip_gradient or math.inf, error_if_nonfinite=False
        )
        # fp16 scales its gradients and skips the steps in which they overflow.
        if not processes.state() and norm is not None and not torch.isfinite(norm):
            raise self._not_finite("gradient")
        self.optimizer.step()
        self.optimizer.zero_grad()
        processes.average(buffer for buffer in self.module.network.buffers() if buffer.is_floating_point())
        self.average.update_parameters(self.module.network)
        self.done += 1
        return means

    def _not_finite(self, what: str) -> TrainingError:
        return TrainingError(
            f"{self.fit.title}: the {what} is not finite at step {self.done + 1}; lower the learning rate (the last "
            "checkpoint is kept)."
        )

    def _look_after(self) -> None:
        """After a step: keep weights, check, save, and stop where that was asked for."""
        fit, training = self.fit, self.fit.training
        last = self.done == training.steps
        # The checkpoint comes last: what comes before it is done again where a kill falls between.
        if self.done in fit.kept and self.processes.is_first:
            save_weights(fit.kept[self.done], self.average.module)
        if last or (training.check_every and self.done % training.check_every == 0):
            self._check()
        stop = self.processes.should_stop()
        if last or stop or self.done % training.save_every == 0:
            self._save()
        self.processes.wait()
        if stop:
            raise Cancelled(f"{fit.title}: stopped after step {self.done} of {training.steps}; run again to go on.")

    def _check(self) -> None:
        """Show the averaged weights' Dice on the held-out cases to the watchers."""
        network = self.average.module
        assert isinstance(network, NvNet)
        was_training = network.training
        network.eval()
        dice = self.fit.held_out(network) if self.fit.held_out is not None else {}
        if self.watchers:
            samples = self.fit.shown or self.fit.samples
            shown = [samples[number] for number in range(SHOWN)]
            for watcher in self.watchers:
                watcher.check(Check(self.done, dice, network, shown))
        network.to(self.processes.device).train(was_training)

    def batches(self) -> Iterator[tuple[int, Sample]]:
        """Yield this process's batches from the step to do next, each with the number of its first sample."""
        fit, processes = self.fit, self.processes
        batch = fit.training.batch
        numbers = StepSampler(
            self.done, fit.training.steps, batch, fit.training.accumulate, processes.rank, processes.count
        )
        if isinstance(fit.samples, Samples) and self._hold(fit.samples):
            for first in list(numbers)[::batch]:
                yield first, default_collate([fit.samples[first + part] for part in range(batch)])
            return
        loader = DataLoader(
            fit.samples,
            batch_size=batch,
            sampler=numbers,
            num_workers=fit.workers,
            pin_memory=processes.device.type == "cuda",
            worker_init_fn=begin_drawing,
            prefetch_factor=2 if fit.workers else None,
        )
        for first, sample in zip(list(numbers)[::batch], loader, strict=True):
            yield first, {key: value.to(processes.device, non_blocking=True) for key, value in sample.items()}

    def _hold(self, samples: Samples) -> bool:
        """Let a GPU that has the memory hold the cases and make its samples itself: many cores are not as quick."""
        device = self.processes.device
        if device.type != "cuda" or samples.held_bytes > _HELD_SHARE * torch.cuda.mem_get_info(device)[0]:
            return False
        samples.hold_on(device)
        return True

    def _save(self) -> None:
        if self.processes.is_first:
            save_state(
                self.fit.folder / LAST,
                {
                    "step": self.done,
                    "module": self.module.state_dict(),
                    "optimizer": self.optimizer.state_dict(),
                    "average": self.average.state_dict(),
                    "precision": self.processes.state(),
                },
            )

    def _take_up(self, state: Mapping[str, Any]) -> None:
        try:
            self.module.load_state_dict(state["module"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.average.load_state_dict(state["average"])
            self.processes.load_state(state["precision"])
            self.done = int(state["step"])
        except (KeyError, RuntimeError, ValueError) as error:
            raise TrainingError(
                f"{self.fit.folder / LAST}: is a checkpoint of another network or version; delete it to begin anew."
            ) from error


class StepSampler(Sampler[int]):
    """The numbers of one process's samples, from a step on: the same numbers a step, however many share them."""

    def __init__(self, first: int, steps: int, batch: int, accumulate: int, rank: int = 0, count: int = 1) -> None:
        self.first, self.steps, self.batch = first, steps, batch
        self.accumulate, self.rank, self.count = accumulate, rank, count

    def __iter__(self) -> Iterator[int]:
        a_step = self.batch * self.accumulate * self.count
        for step in range(self.first, self.steps):
            for part in range(self.accumulate):
                start = step * a_step + (part * self.count + self.rank) * self.batch
                yield from range(start, start + self.batch)

    def __len__(self) -> int:
        return (self.steps - self.first) * self.batch * self.accumulate
