"""Each request and how it is answered.

The networks of the last package are kept for the next study, and of the last study what its maps are made from.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.answers import Checked, Explained, Measured, Probed, Progress, Released, Segmented, Written
from ..core.memory import keep_freed_memory
from ..core.protocol import Answer, Request
from ..core.requests import Check, Explain, Export, Measure, Probe, Release, Report, Segment
from ..core.threads import beside
from .kept import Kept, require

if TYPE_CHECKING:
    from ..core.measures import Measures
    from ..inference.segmenting import Result, Segmenter
    from ..trust.checking import Trust, TrustChecker

Send = Callable[[Progress], None]
_SECONDS_BETWEEN = 0.1
"""Between two messages of progress within a stage."""


class Answerer:
    """Works on requests, one at a time. send: tells progress. stopped: whether the request of an id is to stop."""

    def __init__(self, send: Send, stopped: Callable[[int], bool] = lambda id: False) -> None:
        self._send, self._stopped = send, stopped
        self._kept: tuple[tuple[str, str], Segmenter, TrustChecker] | None = None
        self._last: Kept | None = None
        self._warming: threading.Thread | None = None

    def answer(self, request: Request) -> Answer:
        """Return a request's answer. Raises BrainTumorVAESegError, or what the libraries raise."""
        if isinstance(request, Check):
            return self._check(request)
        if isinstance(request, Probe):
            return self._probe(request)
        if isinstance(request, Segment):
            return self._segment(request)
        if isinstance(request, Explain):
            return self._explain(request)
        if isinstance(request, Measure):
            return self._measure(request)
        if isinstance(request, Report | Export):
            return self._write(request)
        return self._release(request)

    def warm(self) -> None:
        """Import torch in a thread of its own, once; requests that need it wait for that."""
        if self._warming is None:
            self._warming = threading.Thread(target=_import_torch, name="warming", daemon=True)
            self._warming.start()

    def _require_torch(self) -> None:
        # Not two threads in the same imports: they could see each other's unfinished modules.
        self.warm()
        if self._warming is not None:
            self._warming.join()

    def _check(self, request: Check) -> Checked:
        from ..preparation.checks import check
        from ..preparation.readying import find_needs
        from .files import read_study

        study = read_study(request.study)
        return Checked(request.id, check(study, request.optional, request.preparation), find_needs(study))

    def _probe(self, request: Probe) -> Probed:
        from .probing import probe

        self._require_torch()
        return probe(request.id, request.device)

    def _segment(self, request: Segment) -> Segmented:
        tell = Teller(request.id, self._send)
        tell("load the model", 0.0)
        from .files import read_study, write_brain, write_labels

        self._last = None  # what is kept of the study before would be held beside this one
        keep_freed_memory(request.memory is None)
        self._require_torch()
        from ..cohort.summary import measure_result
        from ..inference.segmenting import TORCH, Options
        from ..trust.explaining import Explanation

        start = time.perf_counter()
        segmenter, checker = self._load(request.package)
        loaded = time.perf_counter()
        if request.engine != TORCH:
            _require_converted(segmenter, request.engine, lambda *_: tell("convert the model", 0.0))
        converted = time.perf_counter()
        study = read_study(request.study)
        read = time.perf_counter()
        options = Options(
            request.device, request.precision, request.memory, request.force, False, True, request.preparation,
            request.engine,
        )  # fmt: skip
        result = segmenter.segment(study, options, lambda progress: tell(progress.stage, progress.fraction))
        segmented = time.perf_counter()
        study = result.study or study
        measure = partial(measure_result, study, result.segmentation)
        with beside(measure) as measured_beside:  # on one core; the input check uses the others
            trust = checker.check(result)
            computed = time.perf_counter()
            write_labels(result.segmentation.labels, request.labels)
            brain = write_brain(result, request.brain)
            written = time.perf_counter()
            tell("measure", 1.0)
            measures = measured_beside()
        seconds = {"load": loaded - start, "read": read - converted, "write": written - computed}
        seconds |= {"convert": converted - loaded} if request.engine != TORCH else {}
        seconds |= {**result.timings, "judge": computed - segmented, "measure": time.perf_counter() - written}
        self._last = Kept(request.id, study, options, result, trust, Explanation(result), seconds)
        return _segmented(request, result, trust, measures, seconds, brain)

    def _explain(self, request: Explain) -> Explained:
        from .explaining import explain

        self._last = kept = require(self._last, request.segmented)
        assert self._kept is not None  # of the study that is kept
        _key, segmenter, checker = self._kept
        tell = Teller(request.id, self._send)
        told, self._last = explain(request, kept, segmenter, checker.calibration, tell, self._stopped)
        return told

    def _measure(self, request: Measure) -> Measured:
        from .measuring import measure_labels

        return measure_labels(request)

    def _write(self, request: Report | Export) -> Written:
        from .writing import write_objects, write_report

        kept = require(self._last, request.segmented)
        return write_report(request, kept) if isinstance(request, Report) else write_objects(request, kept)

    def _load(self, folder: str) -> tuple[Segmenter, TrustChecker]:
        """Return what computes with the package in a folder, kept where its manifest is the same as before."""
        from ..inference.segmenting import Segmenter
        from ..models.package import read_package
        from ..trust.checking import TrustChecker

        key = folder, read_package(Path(folder), verify=False).sha256
        if self._kept is None or self._kept[0] != key:
            self._kept = None  # before the next ones are loaded: two would need twice the memory
            package = read_package(Path(folder))
            self._kept = key, Segmenter(package), TrustChecker(package)
        return self._kept[1:]

    def _release(self, request: Release) -> Released:
        self._kept = self._last = None
        free_gpu()
        return Released(request.id)


class Teller:
    """Sends a request's progress: each change of stage, and in between not too often."""

    def __init__(self, id: int, send: Send) -> None:
        self._id, self._send = id, send
        self._stage, self._last = "", 0.0

    def __call__(self, stage: str, fraction: float) -> None:
        """Say how far the request is, unless that was said a moment ago."""
        now = time.monotonic()
        if stage != self._stage or now - self._last >= _SECONDS_BETWEEN:
            self._stage, self._last = stage, now
            self._send(Progress(self._id, stage, fraction))


def _require_converted(segmenter: Segmenter, engine: str, report: Callable[[str, float], None]) -> None:
    """Let a segmenter hold the converted networks that are kept by now, which are hashed where it reads them alone."""
    from ..inference.optimized.optimizing import make_optimized

    held = segmenter.optimized
    if held is None or not held.are_current(segmenter.package, engine):
        segmenter.optimized = make_optimized(segmenter.package, engine, report)


def _segmented(
    request: Segment, result: Result, trust: Trust, measures: Measures, timings: dict[str, float], brain: str
) -> Segmented:
    return Segmented(
        request.id,
        request.labels,
        result.segmentation.volumes_ml(),
        result.tumor_found,
        result.findings,
        result.notes,
        timings,
        result.device,
        tuple((box.start, box.size) for box in result.regions),
        result.package.name,
        result.package.version,
        result.package.sha256,
        trust.verdict,
        trust.intervals_ml,
        result.prepared,
        brain,
        measures,
    )


def free_gpu() -> None:
    """Give the memory of forgotten networks back, the GPU's too."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _import_torch() -> None:
    try:
        import torch
        import torch.nn.functional  # noqa: F401
    except Exception:
        return  # whoever needs it meets the same error, and tells it
