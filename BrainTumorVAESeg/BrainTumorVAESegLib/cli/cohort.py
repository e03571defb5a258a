"""`braintumorvaeseg cohort`: many cases, on this machine or on Dask's workers anywhere."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.choices import Register, Shading, Strip
from ..core.errors import OutputError
from ..core.modalities import Modality
from .support.cohorts import once, watching
from .support.dependencies import require
from .support.options import FLAG, Device, Json, Memory, Model, Numbering, Overwrite, Precision, PrecisionOption, epilog
from .support.preparation import RegisterOption, ShadingOption, StripOption, prepare_options
from .support.results import check_folder
from .support.screen import Screen, open_screen
from .support.summary import show_files

if TYPE_CHECKING:
    from ..cases.faults import Fault
    from ..cases.found import FoundCase
    from ..cohort.outcome import Outcome
    from ..cohort.places import Places
    from ..cohort.plan import Plan
    from ..cohort.settings import CohortOptions
    from ..models.package import ModelPackage

EPILOG = epilog(
    "cohort data/hospital --out results",
    "cohort cases.csv --out results --dry-run",
    "cohort split.json --part test --out results --workers 2",
    "cohort data/hospital --out results --scheduler tcp://node1:8786",
)
_TOLD = 10
_CASES: dict[str, Any] = {"rich_help_panel": "Cases", "show_default": False}
_RESULTS: dict[str, Any] = {"rich_help_panel": "Results", "show_default": False}
_COMPUTING: dict[str, Any] = {"rich_help_panel": "Computing", "show_default": False}
_EXTRA: dict[str, Any] = {**FLAG, **_RESULTS}


def cohort(
    data: Annotated[
        list[Path], typer.Argument(metavar="DATA...", help="Folders of cases or of DICOM studies, lists (CSV, JSON).")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the cohort.", **_RESULTS)],
    part: Annotated[str, typer.Option("--part", metavar="NAME", help="Of a list in JSON (test).", **_CASES)] = "test",
    reference: Annotated[
        Modality | None,
        typer.Option(metavar="NAME", help="Image whose grid the results have (T1ce).", case_sensitive=False, **_CASES),
    ] = None,
    labels: Annotated[
        Numbering,
        typer.Option(
            metavar="STYLE",
            help="Label values: brats2023, brats2024, brats2021, msd.",
            case_sensitive=False,
            **_RESULTS,
        ),
    ] = Numbering.BRATS2023,
    probabilities: Annotated[bool, typer.Option("--probabilities", help="Also write probabilities.", **_EXTRA)] = False,
    montage: Annotated[bool, typer.Option("--montage", help="Also write pictures of slices.", **_EXTRA)] = False,
    report: Annotated[bool, typer.Option("--report", help="Also write a report for each case.", **_EXTRA)] = False,
    register: RegisterOption = Register.AUTO,
    strip: StripOption = Strip.AUTO,
    shading: ShadingOption = Shading.AUTO,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be done, and end.", **{**_CASES, **FLAG})
    ] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Also try again cases that were set aside.", **{**_CASES, **FLAG})
    ] = False,
    overwrite: Overwrite = False,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="Dask's scheduler to join: tcp://HOST:8786, or its file.",
            **_COMPUTING,
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, metavar="N", help="Processes here (by memory).", **_COMPUTING)
    ] = None,
    threads: Annotated[
        int | None, typer.Option("--threads", min=1, metavar="N", help="Threads of each process.", **_COMPUTING)
    ] = None,
    model: Model = None,
    device: Device = "auto",
    memory: Memory = None,
    precision: PrecisionOption = Precision.AUTO,
    force: Annotated[
        bool, typer.Option("--force", help="Go on in spite of errors that the check found.", **FLAG)
    ] = False,
    json: Json = False,
) -> None:
    """Segment many cases; the same command goes on where it was ended, and does nothing twice.

    Writes what segment writes into a folder for each case, all as one table (cohort.csv, cohort.parquet), a page
    (index.html) with the cases that need a look first, and failures.csv.
    """
    require("distributed", "pyarrow")
    if montage:
        require("matplotlib")
    if scheduler and workers:
        raise typer.BadParameter("--workers starts processes here; those of --scheduler are started where it runs.")
    with open_screen(json) as screen:
        from ..cohort.settings import CohortOptions
        from ..core.labels import LabelConvention

        options = CohortOptions(
            LabelConvention(labels.value), reference, probabilities, montage, force, report,
            prepare_options(register, strip, shading), device, precision.value, memory, threads,
        )  # fmt: skip
        run = _Run(data, part, out, model, options, overwrite, retry, screen)
        if dry_run:
            run.show_plan()
            return
        code = run.run(scheduler, workers)
    if code:
        raise typer.Exit(code)


class _Run:
    """One command on one cohort."""

    def __init__(
        self,
        data: Sequence[Path],
        part: str,
        out: Path,
        model: str | None,
        options: CohortOptions,
        overwrite: bool,
        retry: bool,
        screen: Screen,
    ) -> None:
        from ..cases.searching import find_cases
        from ..cohort.folder import Cohort, require_apart, require_same
        from ..cohort.places import Places
        from ..cohort.settings import PackageRef
        from ..models.library import find_package
        from ..models.verifying import verify_hashes

        require_apart(out, data)
        self.package: ModelPackage = find_package(model, verify=False)  # its tensors by whoever loads them
        verify_hashes(self.package.folder, self.package, self.package.name)
        reference = PackageRef.of(self.package)
        self.cohort = Cohort.of(data, part, reference, options)
        self.places: Places = Places(out.absolute())
        require_same(self.places, self.cohort, overwrite)
        self.options, self.overwrite, self.retry, self.screen = options, overwrite, retry, screen
        self.optional = self.package.settings.may_lack
        self.cases, faults = find_cases(data, part, self.optional)
        self.finished: list[str] = []
        self._unfound = len({fault.case for fault in faults})
        self.failures: list[Outcome] = [_failure(fault) for fault in faults]

    def plan(self) -> Plan:
        """Return what is done and what is to do."""
        from ..cohort.plan import make_plan
        from ..cohort.settings import PackageRef

        return make_plan(self.places, self.cases, PackageRef.of(self.package), self.options, self.retry)

    def show_plan(self) -> None:
        """Tell what would be done, having looked into what times alone do not tell."""
        from ..cohort.plan import look_into
        from ..cohort.settings import PackageRef

        with self.screen.status() as show:
            plan, faults = look_into(
                self.plan(), self.places, PackageRef.of(self.package), self.options, self.optional,
                lambda name, fraction: show("Looking into the cases", fraction, [name]),
            )  # fmt: skip
        rows = [("to do", case) for case in plan.to_do] + [("set aside", case) for case in plan.aside]
        for state, case in rows:
            self.screen.line(f"{state:<12}{case.name}  {case.place}")
        failed = [*self.failures, *map(_failure, faults)]
        for failure in failed:
            self.screen.line(f"{'no case':<12}{failure.name}  {failure.message}")
        told = {"to_do": plan.to_do, "set_aside": plan.aside, "done": plan.finished}
        counts = {**{key: len(cases) for key, cases in told.items()}, "no_case": len(failed)}
        self.screen.line(", ".join(f"{count} {what.replace('_', ' ')}" for what, count in counts.items()))
        self.screen.emit({**{key: [case.name for case in cases] for key, cases in told.items()},
                          "no_case": [each.name for each in failed],
                          "why": {each.name: each.message for each in failed}})  # fmt: skip

    def run(self, scheduler: str | None, workers: int | None) -> int:
        """Do what is to do, write the tables, and return the exit code."""
        from ..cohort.folder import claimed_cohort
        from ..cohort.plan import clear_attempts
        from ..cohort.task import set_aside

        check_folder(self.places.out)
        with claimed_cohort(self.places, self.cohort, self.overwrite):
            plan, word = self.plan(), uuid.uuid4().hex[:12]
            clear_attempts(self.places, plan, word)
            self.failures += [set_aside(case) for case in plan.aside]
            self.finished += [case.name for case in plan.finished]
            self.screen.step(str(plan))
            stopped = None
            try:
                if plan.to_run:
                    stopped = self._compute(plan.to_run, word, scheduler, workers)
                    self._remove_work()
            except BaseException:
                if scheduler is None:  # else processes elsewhere may still be at it
                    self._remove_work()
                raise
            finally:
                try:
                    finished = self._write() if self.finished or self.failures else 0
                except OutputError:
                    if stopped is None:
                        raise
        if stopped is not None:
            raise OutputError(f"{stopped.message} What is finished is kept; the same command goes on.")
        return self._tell(finished)

    def _remove_work(self) -> None:
        """Remove what processes left that were killed, by themselves or since the command was canceled."""
        shutil.rmtree(self.places.work, ignore_errors=True)

    def _compute(
        self, cases: Sequence[FoundCase], word: str, scheduler: str | None, workers: int | None
    ) -> Outcome | None:
        """Segment cases on a cluster; return what stops all of them, or None."""
        from ..cohort.cluster.distribution import Distribution
        from ..cohort.cluster.opening import open_cluster
        from ..cohort.outcome import State
        from ..cohort.running import make_tasks

        say = once(self.screen.step)
        with (
            open_cluster(self.package, self.options, scheduler, workers, len(cases), say) as cluster,
            watching(self.screen, len(cases)) as watch,
        ):

            def looked(busy: dict[str, list[str]]) -> None:
                cluster.mend()
                watch.looked(busy)

            distribution = Distribution(cluster.client, on_look=looked, on_misfit=say)
            tasks = make_tasks(cases, self.package, self.places.out, cluster.options, word)
            for outcome in distribution.run(tasks):
                watch.ended(outcome)
                if outcome.state is State.STOPPED:
                    return outcome
                if outcome.state.is_finished:
                    self.finished.append(outcome.name)
                else:
                    self.failures.append(outcome)
        return None

    def _write(self) -> int:
        """Write the tables of what is finished, and return how many cases that is."""
        from ..cohort.folder import write_tables

        return write_tables(self.places, self.cohort, sorted(self.finished), self.failures)

    def _tell(self, finished: int) -> int:
        """Tell what came out, and return the exit code: 0, or that of the first case without a result."""
        from ..cohort.places import FAILURES, INDEX, PARQUET, TABLE

        files = [str(self.places.out / name) for name in (INDEX, TABLE, PARQUET, FAILURES)]
        self.screen.line(f"{finished} of {len(self.cases) + self._unfound} cases have a result")
        for failure in self.failures[:_TOLD]:
            self.screen.item(failure.state.value, f"{failure.name}: {failure.message}", style="bold red")
        if len(self.failures) > _TOLD:
            self.screen.item("", f"and {len(self.failures) - _TOLD} more, see {FAILURES}")
        show_files(self.screen, [Path(file) for file in files])
        self.screen.emit({
            "finished": finished,
            "failed": [
                {"case": each.name, "state": each.state.value, "message": each.message} for each in self.failures
            ],
            "files": files,
        })  # fmt: skip
        return self.failures[0].exit_code if self.failures else 0


def _failure(fault: Fault) -> Outcome:
    from ..cohort.outcome import Outcome, State

    return Outcome(fault.case, State.FAILED, fault.message, fault.kind.exit_code)
