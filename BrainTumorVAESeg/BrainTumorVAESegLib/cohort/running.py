"""Many cases from Python: in this process one after the other, or on a Dask client's workers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..cases.found import FoundCase
from ..cases.sources import find_case
from .outcome import Outcome
from .settings import CohortOptions, PackageRef
from .task import CaseTask, run_case

if TYPE_CHECKING:
    from distributed import Client

    from ..models.package import ModelPackage


def segment_cohort(
    cases: Iterable[FoundCase | Path],
    package: ModelPackage,
    client: Client | None = None,
    out: Path | None = None,
    options: CohortOptions | None = None,
) -> Iterator[Outcome]:
    """Segment cases and yield what becomes of each as it comes; a case that fails stops no other.

    cases: as `cases.searching.find_cases` gives them, or their folders. client: a Dask client, whose workers have this
    library and see the same paths; None computes here, with the networks loaded once. out: the folder of a cohort, to
    which each case's results go (see `places`), and of which finished cases are not done again; None writes nothing,
    and the outcome holds the segmentation and its summary. Raises InputError for a folder that holds no case,
    ClusterError where the client's scheduler is lost.
    """
    tasks = make_tasks(cases, package, out, options or CohortOptions())
    if client is None:
        return map(run_case, tasks)
    from .cluster.distribution import Distribution

    return Distribution(client).run(tasks)


def make_tasks(
    cases: Iterable[FoundCase | Path],
    package: ModelPackage,
    out: Path | None,
    options: CohortOptions,
    run: str = "",
) -> Iterator[CaseTask]:
    """Give a task for each case. run: see `CaseTask`. Raises InputError for a folder that holds no case."""
    optional = package.settings.may_lack
    reference, run = PackageRef.of(package), run or uuid.uuid4().hex[:12]
    for case in cases:
        if not isinstance(case, FoundCase):
            source = find_case(Path(case).absolute(), optional)
            case = FoundCase(source.name, source.images)
        yield CaseTask(case, reference, options, None if out is None else Path(out).absolute(), run)


Run = Callable[[Iterable[CaseTask]], Iterator[Outcome]]
"""What takes tasks and gives their outcomes as they come."""
