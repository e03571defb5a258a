"""Cases through the library by one package, with progress on the screen."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import DeviceError
from .screen import Screen

if TYPE_CHECKING:
    import numpy as np

    from ...cases.discovery import LabelledCase
    from ...cases.faults import Fault
    from ...core.geometry import Geometry
    from ...core.labels import LabelConvention
    from ...core.volume import Study
    from ...evaluation.scoring import CaseScore
    from ...inference.segmenting import Options, Result


class Runner:
    """A package, found and verified, and how to use it.

    Raises PackageError, DependencyError or DeviceError at once, before a case is read.
    """

    def __init__(self, model: str | None, options: Options, screen: Screen) -> None:
        from ...inference.device import choose_device
        from ...models.library import find_package

        if options.device != "auto":
            try:
                choose_device(options.device)
            except DeviceError as error:
                raise DeviceError(f"{error} (--device cpu)") from error
        self.package = find_package(model)
        if options.engine != "torch":
            from ...inference.optimized.engine import OpenVinoEngine, OptimizedNetworks

            networks = OptimizedNetworks.of(self.package, options.engine)
            OpenVinoEngine(networks, options.device, options.precision, options.memory)
        self.options = options
        self._screen = screen

    def segment(self, study: Study) -> Result:
        """Segment a study, showing progress."""
        from ...inference.segmenting import segment

        with self._screen.progress() as report:
            report("load the model", 0.0)
            return segment(study, self.package, self.options, lambda p: report(p.stage, p.fraction))

    def leave_out_second_stage(self) -> None:
        """Let stage 1 answer alone from now on."""
        from ...models.package import first_stage_alone

        self.package = first_stage_alone(self.package)

    def draw(
        self, case: LabelledCase, title: str, path: Path, anatomy: bool, convention: LabelConvention | None = None
    ) -> None:
        """Segment a labeled case and draw it beside its truth."""
        from ...evaluation.scoring import segment_case
        from ...inference.segmenting import Segmenter
        from ...reporting.comparison import write_comparison

        self._screen.step(f"draw {case.name}")
        answer = segment_case(Segmenter(self.package), case, self.options, convention)
        write_comparison(answer.study, answer.result.segmentation, answer.truth, path, title, anatomy)

    def score(
        self,
        cases: Sequence[LabelledCase],
        convention: LabelConvention | None = None,
        on_fault: Callable[[Fault], None] | None = None,
    ) -> list[CaseScore]:
        """Segment labeled cases and compare each with its truth, showing progress by cases.

        on_fault: told of a case that cannot be scored, and the others are; without it that raises.
        """
        from ...evaluation.scoring import score_package

        with progress_by_case(self._screen, [case.name for case in cases]) as report:
            return score_package(self.package, cases, self.options, report, convention, on_fault)


def score_alike(
    runners: Sequence[Runner],
    cases: Sequence[LabelledCase],
    convention: LabelConvention | None,
    on_fault: Callable[[Fault], None],
) -> list[list[CaseScore]]:
    """Return each runner's scores of the same cases; one that cannot be scored by all is left out of all."""
    scores: list[list[CaseScore]] = []
    for runner in runners:
        scores.append(runner.score(cases, convention, on_fault))
        scored = {score.name for score in scores[-1]}
        cases = [case for case in cases if case.name in scored]
    names = {case.name for case in cases}
    return [[score for score in each if score.name in names] for each in scores]


@contextlib.contextmanager
def progress_by_case(screen: Screen, names: Sequence[str]) -> Iterator[Callable[[CaseScore], None]]:
    """Show the case that is computed, starting with the first; give a function that takes each finished one's score."""
    with screen.progress() as report:

        def show(index: int) -> None:
            if index < len(names):
                report(f"{names[index]}, {index + 1} of {len(names)}", index / len(names))

        show(0)
        yield lambda score: show(names.index(score.name) + 1)


def read_truth(path: Path, reference: Geometry) -> np.ndarray:
    """Return a ground truth (z, y, x; the library's values) on the reference grid, by its nearest voxels."""
    from ...cases.labelled import convention_of
    from ...cases.naming import case_name
    from ...images.itk import resample
    from ...images.reading import read_label_map

    truth = read_label_map(path, convention_of(case_name(path.parent)))
    if truth.geometry.same_grid(reference):
        return truth.array
    return resample(truth.array, truth.geometry, reference, nearest=True)
