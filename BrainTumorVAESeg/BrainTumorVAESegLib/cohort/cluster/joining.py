"""A scheduler that runs elsewhere: reached, and held against this command's own versions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...core.disk.guarded import reason_of
from ...core.errors import ClusterError
from ..task import CaseTask, misfit

if TYPE_CHECKING:
    from distributed import Client

_LIBRARY = "braintumorvaeseg"


@contextmanager
def remote_client(address: str, timeout_s: float = 15.0) -> Iterator[Client]:
    """Join a scheduler, and leave it at the end. Raises ClusterError where none answers.

    address: `tcp://HOST:PORT`, or the file that `dask scheduler --scheduler-file` wrote.
    """
    from distributed import Client

    file = os.path.isfile(address)
    where = {"scheduler_file": address} if file else {"address": address}
    try:
        client = Client(**where, timeout=timeout_s, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(
            f"{address}: no scheduler answers there ({reason_of(error)}); start one with dask scheduler, or correct the"
            " address."
        ) from error
    with client:
        yield client


def require_library(client: Client) -> None:
    """Raise ClusterError, with both versions, where the scheduler or a worker has another version of this library.

    Told by what is installed, so that one without it can be asked; a library that is not installed cannot be told.
    """
    told: Any = client.get_versions(packages=[_LIBRARY])
    ours = told["client"]["packages"].get(_LIBRARY)
    nodes = {"scheduler": told["scheduler"], **{f"worker {name}": node for name, node in told["workers"].items()}}
    for name, node in nodes.items():
        theirs = node["packages"].get(_LIBRARY) if node else None
        if node and ours is not None and theirs != ours:
            there = f"{_LIBRARY} {theirs}" if theirs else f"no {_LIBRARY}"
            raise ClusterError(f"The {name} has {there}, this command {ours}; install the same version on both.")


def require_package(client: Client, task: CaseTask) -> None:
    """Raise ClusterError, with both versions, where a worker does not see the package or has another one there."""
    for message in client.run(misfit, task).values():
        if message:
            raise ClusterError(message)


def wait_for_workers(client: Client, on_wait: Callable[[], None], step_s: float = 2.0) -> None:
    """Wait until there is a worker, however long a batch system takes to start it. on_wait: called now and then."""
    while not client.nthreads():
        on_wait()
        try:
            client.wait_for_workers(1, timeout=step_s)
        except TimeoutError:
            continue


def threads_for(client: Client) -> int:
    """Return the threads with which each worker's process uses its machine as a whole, at least 1."""
    facts = client.run(_facts)
    hosts = [fact["host"] for fact in facts.values()]
    return max(1, min(fact["cpus"] // hosts.count(fact["host"]) for fact in facts.values()))


def _facts() -> dict[str, Any]:
    import socket

    from dask.system import CPU_COUNT

    return {"host": socket.gethostname(), "cpus": CPU_COUNT, "process": os.getpid()}
