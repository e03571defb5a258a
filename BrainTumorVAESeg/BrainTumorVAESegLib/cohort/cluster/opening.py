"""Dask's workers for a cohort: started here, or joined and held against this command's versions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ...cases.found import FoundCase
from ..settings import CohortOptions, PackageRef
from ..task import CaseTask
from .joining import remote_client, require_library, require_package, threads_for, wait_for_workers
from .local import local_client, mend, plan_workers

if TYPE_CHECKING:
    from distributed import Client

    from ...models.package import ModelPackage


@dataclass(frozen=True)
class Cluster:
    """Where cases are computed. options: with as many threads as each process is to use."""

    client: Client
    options: CohortOptions
    mend: Callable[[], None] = lambda: None
    """Starts anew, where it is this machine's, what is lost; to be called now and then."""


@contextmanager
def open_cluster(
    package: ModelPackage,
    options: CohortOptions,
    scheduler: str | None = None,
    workers: int | None = None,
    cases: int | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Cluster]:
    """Start processes here, or join a scheduler that runs elsewhere, and leave it as it was.

    workers: so many processes, in place of as many as memory and devices bear. cases: how many there are, so that no
    process is started for nothing. say: told where the work is done. Raises ClusterError where no scheduler answers, or
    one of its workers has another version or package, DeviceError where a GPU is asked for that is not there.
    """
    if scheduler is None:
        plan = plan_workers(package, options, workers, cases)
        with local_client(plan) as client:
            say(f"{plan}; {_seen_at(client)}")
            device = "cuda" if plan.gpus and options.device != "auto" else options.device
            yield Cluster(client, replace(options, threads=plan.threads, device=device), partial(mend, client))
        return
    with remote_client(scheduler) as client:
        require_library(client)
        wait_for_workers(client, lambda: say(f"waiting for workers at {scheduler}"))
        require_library(client)
        reference = PackageRef.of(package)
        require_package(client, CaseTask(FoundCase("probe"), reference, options))
        threads = options.threads or threads_for(client)
        say(f"{len(client.nthreads())} workers at {scheduler}; {client.dashboard_link} shows them")
        yield Cluster(client, replace(options, threads=threads))


def _seen_at(client: Client) -> str:
    """Say where a browser shows the processes that were started here; Dask's page needs bokeh."""
    if find_spec("bokeh") is None:
        return f"with bokeh installed (pip install bokeh), {client.dashboard_link} shows them"
    return f"{client.dashboard_link} shows them"
