"""A cluster on this machine, as large as its memory and devices bear."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib import metadata
from typing import TYPE_CHECKING, Any

from ...core.errors import ClusterError
from ...core.memory import KEPT_MEMORY, available_memory
from ..settings import CohortOptions
from .interrupts import deafen_thread, held_interrupts

if TYPE_CHECKING:
    from distributed import Client, Nanny

    from ...models.package import ModelPackage

_PROCESS_BYTES = 900 << 20
"""What a process holds beside the networks: Python, PyTorch, one case's images and its answer."""
_BRAIN = (152, 184, 152)
"""Voxels of 1 mm of a large brain's crop."""
_MOST_STARTS = 3
_DASHBOARD = "127.0.0.1:8787"
_DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""What each process does first: a terminal sends Ctrl-C to all, and only the command is to tell of it and end them.

Before that, while Python itself begins, `deafen_thread` keeps it from them.
"""


@dataclass(frozen=True)
class LocalPlan:
    """How many processes compute here, with how many threads each, and on which GPUs (`CUDA_VISIBLE_DEVICES`).

    memory: bytes that each may use before it is ended, so that it does not take the machine along; None for no limit.
    """

    workers: int
    threads: int
    gpus: tuple[str, ...] = ()
    memory: int | None = None

    def __str__(self) -> str:
        kind = f"GPUs {', '.join(dict.fromkeys(self.gpus))}" if self.gpus else "the CPU"
        return f"{_counted(self.workers, 'process', 'es')} with {_counted(self.threads, 'thread', 's')} each on {kind}"


def plan_workers(
    package: ModelPackage, options: CohortOptions, wanted: int | None = None, cases: int | None = None
) -> LocalPlan:
    """Return how to use this machine: one process a GPU; on CPUs as many as cores, and as the memory bears.

    wanted: so many processes, whatever there is. cases: never more than these. One case on each of two cores is quicker
    than two cores on one case. Raises DeviceError where a GPU is asked for that is not there.
    """
    from dask.system import CPU_COUNT

    free, gpus = available_memory(), _gpus(options.device)
    count = wanted or len(gpus)
    if not count:
        need = (options.memory or case_memory(package)) + _PROCESS_BYTES
        count = min(CPU_COUNT, CPU_COUNT if free is None else max(1, free // need))
    count = max(1, min(count, cases or count))
    limit = None if gpus or free is None else free // count
    used = tuple(gpus[number % len(gpus)] for number in range(count)) if gpus else ()
    return LocalPlan(count, options.threads or max(1, CPU_COUNT // count), used, limit)


def case_memory(package: ModelPackage) -> int:
    """Return the bytes that a package's networks need for a large brain."""
    import torch

    from ...inference.engine import least_memory
    from ...networks.nvnet import NvNet

    settings = package.settings
    with torch.device("meta"):
        first = NvNet(replace(settings.stage1, vae_crop=None))
        second = NvNet(settings.stage2) if settings.stage2 is not None else None
    coarse = settings.stage1.downsample
    sizes = [(first, tuple(n // coarse for n in _BRAIN))]
    if second is not None:
        sizes.append((second, tuple(min(n, 144) for n in _BRAIN)))
    return max(least_memory(network, size) for network, size in sizes)


@contextmanager
def local_client(plan: LocalPlan) -> Iterator[Client]:
    """Start the processes and a scheduler on this machine's loopback, and end them. Raises ClusterError."""
    import dask
    from distributed import Client, Scheduler, SpecCluster

    settings = {
        "distributed.deploy.lost-worker-timeout": "60s",  # on a busy machine a process takes a while to come back
        "distributed.worker.memory.target": False,
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.pause": False,
        "distributed.worker.memory.terminate": 0.95,
        "distributed.admin.tick.limit": "1h",  # a process that computes without a break is no fault
        "distributed.admin.tick.interval": "500ms",  # what Dask watches took a fifteenth of two cores' time
        "distributed.admin.system-monitor.interval": "2s",
        "distributed.worker.profile.enabled": False,
        "distributed.scheduler.worker-saturation": 1.0,  # no case waits at a process while another one is idle
        "distributed.nanny.pre-spawn-environ.OMP_NUM_THREADS": plan.threads,
        "distributed.nanny.pre-spawn-environ.DASK_LOGGING__DISTRIBUTED": "critical",  # not how a closing one ends
        # Dask's own let glibc give all back at once; to have it filled with zeros again took a third of a case's time.
        **{f"distributed.nanny.pre-spawn-environ.{name}": value for name, value in KEPT_MEMORY.items()},
    }
    scheduler = {"cls": Scheduler, "options": {"host": "127.0.0.1", "port": 0, "dashboard_address": _DASHBOARD}}
    with dask.config.set(settings), warnings.catch_warnings(), _environment_kept(), ExitStack() as stack:
        warnings.filterwarnings("ignore", message="Port .* is already in use")
        workers = {number: {"cls": _make_nanny, "options": _nanny(plan, number)} for number in range(plan.workers)}

        def start() -> SpecCluster:
            return SpecCluster(workers, scheduler, silence_logs="error", name="cohort")

        try:
            with held_interrupts():
                client = stack.enter_context(Client(stack.enter_context(_started(start))))
            yield client
        finally:
            with held_interrupts():
                stack.close()


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Put the environment back in the end: Dask sets what its processes are to get in this one, and leaves it there."""
    before = dict(os.environ)
    try:
        yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


def _counted(count: int, noun: str, plural: str) -> str:
    return f"{count} {noun}{'' if count == 1 else plural}"


def mend(client: Client) -> None:
    """Start anew what could not be started again by whoever watches over a process that died."""
    cluster = client.cluster
    if cluster is not None and len(cluster.workers) < len(cluster.worker_spec):
        cluster.scale(len(cluster.worker_spec))


def _started(start: Callable[[], Any]) -> Any:
    """Start processes, once more where one of them ended while it started. Raises ClusterError."""
    for left in reversed(range(_MOST_STARTS)):
        try:
            return start()
        except (OSError, RuntimeError) as error:
            if not left:
                raise ClusterError(f"The processes cannot be started here ({error}); see --workers.") from error
    raise AssertionError("the last start was raised")


def _make_nanny(*arguments: Any, **options: Any) -> Nanny:
    """Make what starts a process and watches over it, in Dask's thread, whose deafness the process inherits."""
    from distributed import Nanny

    deafen_thread()
    return Nanny(*arguments, **options)


def _nanny(plan: LocalPlan, number: int) -> dict[str, Any]:
    env = {"CUDA_VISIBLE_DEVICES": plan.gpus[number]} if plan.gpus else {}
    return {"nthreads": 1, "memory_limit": plan.memory or 0, "host": "127.0.0.1", "silence_logs": logging.ERROR,
            "env": env, "preload": [_DEAF]}  # fmt: skip


def _knows_no_gpu() -> bool:
    """Say whether torch is surely a build for CPUs alone, without importing it, which takes a second."""
    try:
        return metadata.version("torch").endswith("+cpu")
    except metadata.PackageNotFoundError:
        return False


def _gpus(device: str) -> list[str]:
    """Return the GPUs to use, as `CUDA_VISIBLE_DEVICES` names them; none where the CPU is to compute."""
    if device == "cpu" or (device == "auto" and _knows_no_gpu()):
        return []
    import torch

    from ...inference.device import choose_device

    if not torch.cuda.is_available():
        choose_device(device)  # which says what is wrong where a GPU was asked for
        return []
    told = os.environ.get("CUDA_VISIBLE_DEVICES")
    names = told.split(",") if told else [str(number) for number in range(torch.cuda.device_count())]
    return [names[int(device[5:])]] if device.startswith("cuda:") else names
