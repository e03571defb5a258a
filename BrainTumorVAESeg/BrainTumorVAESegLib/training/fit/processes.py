"""The processes of one training: this one alone, or as many as `torchrun` or SLURM started, each with its device."""

from __future__ import annotations

import logging
import os
import signal
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import Any, TypeVar

import torch
from lightning.fabric import Fabric
from lightning.fabric.plugins.environments import SLURMEnvironment, TorchElasticEnvironment
from lightning.fabric.strategies import DDPStrategy
from torch import Tensor

from ...core.errors import Cancelled, TrainingError
from ...core.memory import keep_freed_memory
from ...inference.device import cpu_computes_bf16
from ..data.cache import usable_cores

_PATIENCE = timedelta(days=7)
"""How long processes wait for each other: one may prepare a large data set or measure a package meanwhile."""
_MOST_DRAWING = 16
"""Processes that draw samples for one GPU: each holds a sample's memory, about 1 GiB for a whole brain at 1 mm."""
_T = TypeVar("_T")


class Processes:
    """What the processes of a training share: ranks, devices, mixed precision (Lightning Fabric's), and stopping.

    One process by default. Under `torchrun` or `srun` with several tasks all of them train together: each draws its own
    samples of a step, and the gradients are averaged (DDP; NCCL on GPUs, gloo on CPUs).
    """

    def __init__(self, precision: str = "auto", accelerator: str = "auto") -> None:
        here, nodes = _started_processes()
        if accelerator == "auto":
            accelerator = "cuda" if torch.cuda.is_available() else "cpu"
        precision = choose_precision(precision, accelerator)
        for name in ("lightning.fabric", "lightning.pytorch"):
            logging.getLogger(name).setLevel(logging.WARNING)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.fabric = Fabric(
                accelerator=accelerator,
                devices=here,
                num_nodes=nodes,
                strategy=DDPStrategy(timeout=_PATIENCE) if here * nodes > 1 else "auto",
                precision=precision,  # type: ignore[arg-type]
            )
            self.fabric.launch()
        self.precision = precision
        self._stop = False

    @property
    def rank(self) -> int:
        """This process's number, from 0."""
        return self.fabric.global_rank

    @property
    def count(self) -> int:
        """How many processes train together."""
        return self.fabric.world_size

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes files and reports."""
        return self.rank == 0

    @property
    def device(self) -> torch.device:
        """The device of this process."""
        return self.fabric.device

    def first_only(self, make: Callable[[], _T]) -> _T:
        """Let the first process make something on disk, the others wait and then find it there: all return it.

        What the first one raises stops the others with a TrainingError, so that none waits for ever.
        """
        if self.count == 1:
            return make()
        failure: BaseException | None = None
        if self.is_first:
            try:
                made = make()
            except BaseException as error:
                failure = error
        said = self.fabric.broadcast("" if failure is None else str(failure) or type(failure).__name__)
        if failure is not None:
            raise failure
        if said:
            raise TrainingError(f"The first process stopped: {said}")
        return made if self.is_first else make()

    def wait(self) -> None:
        """Go on when all processes are here."""
        self.fabric.barrier()

    def close(self) -> None:
        """Part from the other processes in good order, at the very end of a program."""
        if self.count > 1 and torch.distributed.is_initialized():
            self.fabric.barrier()
            torch.distributed.destroy_process_group()

    def mean(self, values: Mapping[str, Tensor]) -> dict[str, float]:
        """Return the means over the processes of scalars by name."""
        names = list(values)
        joined = torch.stack([values[name].detach().float() for name in names])
        if self.count > 1:
            joined = self.fabric.all_reduce(joined, reduce_op="mean")  # type: ignore[assignment]
        return dict(zip(names, joined.tolist(), strict=True))

    def total_mean(self, sums: Mapping[str, Tensor], count: int) -> dict[str, float]:
        """Return the sums over the processes of scalars by name, divided by count.

        A process may have none of the names, where it had nothing to add.
        """
        if self.count == 1:
            return {name: float(value) / count for name, value in sums.items()}
        parts: list[dict[str, float] | None] = [None] * self.count
        torch.distributed.all_gather_object(parts, {name: float(value) for name, value in sums.items()})
        names = dict.fromkeys(name for part in parts if part for name in part)
        return {name: sum((part or {}).get(name, 0.0) for part in parts) / count for name in names}

    def average(self, tensors: Iterable[Tensor]) -> None:
        """Set tensors to their means over the processes, in place."""
        if self.count > 1:
            for tensor in tensors:
                tensor.copy_(self.fabric.all_reduce(tensor, reduce_op="mean"))  # type: ignore[arg-type]

    def should_stop(self) -> bool:
        """Say whether any process was asked to stop, by Ctrl-C or by the batch system's SIGTERM."""
        if self.count == 1:
            return self._stop
        flag = torch.tensor(float(self._stop), device=self.device)
        return bool(self.fabric.all_reduce(flag, reduce_op="sum"))

    @contextmanager
    def stopping_softly(self) -> Iterator[None]:
        """Within this, Ctrl-C or SIGTERM only asks to stop after the step; a second Ctrl-C ends at once."""
        signals = (signal.SIGINT, signal.SIGTERM)
        try:
            before = {number: signal.signal(number, self._ask_to_stop) for number in signals}
        except ValueError:  # only the main thread may; elsewhere whoever started the thread decides
            yield
            return
        try:
            yield
        except Cancelled:
            self._stop = False
            raise
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        # A batch system may send SIGTERM twice: to the process itself, and through what started it.
        if self._stop and number == signal.SIGINT:
            raise KeyboardInterrupt
        self._stop = True

    def state(self) -> dict[str, Any]:
        """Return what mixed precision must remember over an interruption (the scale of fp16's gradients)."""
        return dict(self.fabric.strategy.precision.state_dict())

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up what `state` returned."""
        self.fabric.strategy.precision.load_state_dict(state)


def choose_precision(wish: str, accelerator: str) -> str:
    """Return Lightning's precision: `auto` is bf16 on CUDA and on processors that compute in it, else 32 bits.

    Raises TrainingError for fp16 on a CPU, which cannot train in it.
    """
    if wish == "16-mixed" and accelerator == "cpu":
        raise TrainingError("precision: 16-mixed needs a GPU; choose auto, bf16-mixed or 32-true.")
    if wish != "auto":
        return wish
    return "bf16-mixed" if accelerator == "cuda" or cpu_computes_bf16() else "32-true"


def draw_workers(wish: int) -> int:
    """Return how many processes draw samples for each process of a training: -1 is what the cores allow, 16 at most.

    A step of `small` takes an H200 39 ms, in which 15 cores draw 1.4 samples.
    """
    if wish >= 0:
        return wish
    here, _ = _started_processes()
    return max(min((os.cpu_count() or 1) // here - 1, usable_cores() - 1, _MOST_DRAWING), 0)


def begin_drawing(worker: int) -> None:
    """Make a process ready to draw samples: it keeps the memory that one sample frees for the next one.

    When the whole group is asked to stop it lives on, since its master decides.
    """
    keep_freed_memory()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _started_processes() -> tuple[int, int]:
    """Return how many processes were started on each node, and on how many nodes, by torchrun or SLURM."""
    if TorchElasticEnvironment.detect():
        here = int(os.environ["LOCAL_WORLD_SIZE"])
        return here, int(os.environ["WORLD_SIZE"]) // here
    if SLURMEnvironment.detect():
        nodes = int(os.environ.get("SLURM_NNODES", "1"))
        return int(os.environ["SLURM_NTASKS"]) // nodes, nodes
    return 1, 1
