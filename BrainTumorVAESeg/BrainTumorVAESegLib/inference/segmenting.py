"""The way of a study through check, preparation, cascade and back, for panel, command line and scripts alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from torch import Tensor

from ..core.boxes import Box
from ..core.errors import DeviceError
from ..core.findings import Finding
from ..core.geometry import Geometry
from ..core.modalities import Modality
from ..core.preparation import AS_GIVEN, MASK_STAGE, PreparationOptions, Prepared, Shading
from ..core.segmentation import Segmentation
from ..core.volume import Study, require_modalities
from ..models.package import ModelPackage, load_stage
from ..models.shading import read_shading
from ..networks.nvnet import NvNet
from ..preparation.checks import check, stop_on_errors
from ..preparation.preparing import PreparedStudy, prepare
from ..preparation.readying import as_given, find_needs, make_ready, unsettled
from ..preparation.restoring import restore, restore_labels
from ..preparation.shading import Shade, ShadingModel
from ..preparation.unshading import unshade
from .cascade import Prediction, Step, predict
from .clock import Clock
from .device import CPU, device_fault
from .engine import Engine
from .finishing import finish
from .notes import notes_on
from .observation import Observation, Observer
from .optimized.engine import OpenVinoEngine, OptimizedNetworks
from .optimized.storage import KINDS
from .progress import Listener, Question, Tracker

_CHANNELS_BESIDE = 8
"""Float arrays of the prepared grid's size that stay while the first stage runs: the images, and their padded copy."""

TORCH = "torch"
ENGINES = (TORCH, *KINDS)
"""What runs networks: torch, or OpenVINO in fp32 or in 8 bits."""
_STRONG_SHADING = 1.2
"""Times as bright at one end of the brain as at the other, from which on shading that was taken away is told."""


@dataclass(frozen=True)
class Options:
    """How to segment. memory: most bytes to use, or None. force: go on in spite of findings that are errors.

    keep_evidence: give back what maps and the input check are made from. preparation: what may be done to the volumes
    first; by default nothing is. engine: what runs the networks, one of `ENGINES`; all but torch need networks that
    were converted before (see `optimized`).
    """

    device: str = "auto"
    precision: str = "auto"
    memory: int | None = None
    force: bool = False
    keep_probabilities: bool = False
    keep_evidence: bool = False
    preparation: PreparationOptions = AS_GIVEN
    engine: str = TORCH


@dataclass(frozen=True)
class Evidence:
    """What a segmentation was made from and went through; the arrays are the library's own, not to be changed.

    given: the study as it came, before any shading was taken from it. prepared: as the networks saw it. observations:
    by step of the cascade. reference: the grid of the result.
    """

    given: PreparedStudy
    prepared: PreparedStudy
    prediction: Prediction
    observations: Mapping[Step, Observation]
    reference: Geometry


@dataclass(frozen=True)
class Result:
    """A segmentation and how it came about.

    timings: seconds by step. regions: boxes (z, y, x of the prepared grid) that stage 2 refined. notes: what a reader
    should know, such as that no tumor was found or that memory was too small for one pass. evidence: where it was to
    be kept. study: the one that was segmented, with its transforms and brain mask. prepared: what was done to it.
    """

    segmentation: Segmentation
    findings: tuple[Finding, ...]
    timings: dict[str, float]
    device: str
    regions: tuple[Box, ...]
    package: ModelPackage
    notes: tuple[str, ...] = ()
    evidence: Evidence | None = None
    study: Study | None = None
    prepared: Prepared = field(default_factory=Prepared)

    @property
    def tumor_found(self) -> bool:
        """False where the segmentation is empty, which is a valid answer."""
        return not self.segmentation.is_empty


@dataclass
class Segmenter:
    """A package's networks, loaded once and used for one study after another.

    shading: how untouched images are shaded, by which coils' shading is taken away; None where that is not known.
    optimized: the converted networks in use, where another engine than torch was asked for; read then, or given.
    """

    package: ModelPackage
    _stage1: NvNet = field(init=False, repr=False)
    _stage2: NvNet | None = field(init=False, repr=False)
    shading: ShadingModel | None = field(init=False, repr=False)
    optimized: OptimizedNetworks | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        self._load()
        self.shading = read_shading(self.package)

    def _load(self) -> None:
        self._stage1 = load_stage(self.package, 1)
        self._stage2 = load_stage(self.package, 2) if self.package.settings.stage2 is not None else None

    def segment(
        self,
        study: Study,
        options: Options = Options(),
        progress: Listener | None = None,
        cancelled: Question | None = None,
    ) -> Result:
        """Segment a study; the result lies on its reference volume's grid.

        Raises InputError for a missing modality that the package needs, CheckError for findings that are errors (unless
        forced), DeviceError for a device or memory limit that will not do, Cancelled where cancelled() answers yes.
        """
        settings = self.package.settings
        require_modalities(study.volumes, settings.may_lack)
        clock = Clock()
        tracker = Tracker(progress, cancelled)
        seen: dict[Step, Observation] = {}
        observer = seen.__setitem__ if options.keep_evidence else None
        engine = self._choose_engine(options, tracker, observer)
        study, findings, prepared_as = self._ready(study, options, tracker, clock, str(engine.device))
        tracker.enter("prepare", 0.06)
        with clock("prepare"):
            given = prepare(study, settings.preprocessing, settings.channels, settings.may_lack)
            shading = options.preparation.shading if self.shading is not None else Shading.OFF
            prepared, shades = self._unshade(given) if shading is Shading.AUTO else (given, {})
            strong = {m: shade for m, shade in shades.items() if shade.ratio >= _STRONG_SHADING}
            prepared_as = replace(prepared_as, shading=shading, unshaded=tuple(strong), evened=tuple(shades))
        engine.reserved = _held_bytes(study, prepared)
        prediction = self._predict(prepared.images, engine, tracker, clock)
        tracker.enter("restore", 1.0)
        with clock("restore"):
            segmentation = self._restore(prediction, prepared, study, options.keep_probabilities)
            cleaned = finish(segmentation, prediction, prepared, settings)
            segmentation = replace(segmentation, labels=cleaned.labels)
        tracker.advance(1.0)
        unrefined = self._stage2 is not None and not prediction.regions
        notes = (*engine.notes, *notes_on(study, segmentation, cleaned, strong, unrefined))
        evidence = Evidence(given, prepared, prediction, seen, segmentation.geometry) if options.keep_evidence else None
        return Result(
            segmentation, findings, clock.seconds, engine.description, prediction.regions, self.package,
            notes, evidence, study, prepared_as,
        )  # fmt: skip

    def _ready(
        self, study: Study, options: Options, tracker: Tracker, clock: Clock, device: str
    ) -> tuple[Study, tuple[Finding, ...], Prepared]:
        """Check a study, prepare it as it needs and options allow, and check what came of that."""
        optional = self.package.settings.may_lack
        tracker.enter("check", 0.03)
        with clock("check"):
            findings = check(study, optional, options.preparation)
            if not options.force:
                stop_on_errors(findings)
            needs = find_needs(study) if options.preparation.looks else None
        if not needs:
            return study, findings, as_given(study)

        def tell(stage: str) -> None:
            tracker.enter(stage, tracker.last + (0.25 if stage == MASK_STAGE else 0.02))

        with clock("ready"):
            ready = make_ready(study, options.preparation, device, tell)
        with clock("check"):
            findings = (*unsettled(check(ready.study, optional), ready.prepared), *ready.findings)
            if not options.force:
                stop_on_errors(findings)
        return ready.study, findings, ready.prepared

    def predict(
        self,
        images: np.ndarray,
        options: Options = Options(),
        progress: Listener | None = None,
        cancelled: Question | None = None,
    ) -> Prediction:
        """Answer prepared images (4, z, y, x), as they are or changed, on their own grid; raises as `segment` does."""
        tracker = Tracker(progress, cancelled)
        reserved = _CHANNELS_BESIDE * images[0].size * np.dtype(np.float32).itemsize
        engine = self._choose_engine(options, tracker)
        engine.reserved = reserved
        return self._predict(images, engine, tracker, Clock())

    def _choose_engine(
        self, options: Options, tracker: Tracker, observer: Observer | None = None
    ) -> Engine | OpenVinoEngine:
        wishes = options.device, options.precision, options.memory, tracker
        if options.engine == TORCH:
            return Engine(*wishes, observer=observer)
        if options.engine not in KINDS:
            raise DeviceError(f"The engine {options.engine!r} is not known; choose {', '.join(ENGINES)}.")
        if self.optimized is None or self.optimized.kind != options.engine:
            self.optimized = OptimizedNetworks.of(self.package, options.engine)
        return OpenVinoEngine(self.optimized, *wishes, observer=observer)

    def _predict(
        self, images: np.ndarray, engine: Engine | OpenVinoEngine, tracker: Tracker, clock: Clock
    ) -> Prediction:
        first = 0.5 if self._stage2 is not None else 0.98

        def run(network: NvNet, x: Tensor, step: Step) -> Tensor:
            done = 0.0 if step.stage == 1 else step.region / step.regions
            tracker.enter(str(step), first + (0.98 - first) * done)
            with clock(f"stage {step.stage}"):
                return engine.run(network, x, step)

        def compute() -> Prediction:
            return predict(self._stage1, self._stage2, self.package.settings, engine.place(images), run)

        try:
            return compute()
        except RuntimeError as error:
            fault = device_fault(error) if engine.device.type != CPU else None
            if fault is None:
                raise
        engine.leave_device(fault)
        self._load()  # weights on a GPU that failed may be lost
        return compute()

    def _unshade(self, given: PreparedStudy) -> tuple[PreparedStudy, Mapping[Modality, Shade]]:
        """Take coils' shading from a study, and tell how it was where it was taken."""
        assert self.shading is not None
        return unshade(given, self.shading, self.package.settings.preprocessing)

    def _restore(
        self, prediction: Prediction, prepared: PreparedStudy, study: Study, keep_probabilities: bool
    ) -> Segmentation:
        """Bring the answer to the reference's grid; only labels leave the device where nothing is interpolated."""
        thresholds, reference = self.package.settings.thresholds, study.reference_volume.geometry
        if prepared.aligned and not keep_probabilities:
            labels = restore_labels(prediction.labels(thresholds), prepared, reference)
            return Segmentation(labels, reference, None, prediction.channels)
        return restore(
            prediction.probabilities, prediction.channels, thresholds, prepared, reference, keep_probabilities
        )


def segment(
    study: Study,
    package: ModelPackage,
    options: Options = Options(),
    progress: Listener | None = None,
    cancelled: Question | None = None,
) -> Result:
    """Segment one study with a package; see `Segmenter.segment`. For several studies keep a `Segmenter`."""
    return Segmenter(package).segment(study, options, progress, cancelled)


def _held_bytes(study: Study, prepared: PreparedStudy) -> int:
    """Bytes of the arrays that stay in memory while the networks run."""
    volumes = sum(study[modality].array.nbytes for modality in study)
    return volumes + prepared.brain.nbytes + _CHANNELS_BESIDE * prepared.brain.size * np.dtype(np.float32).itemsize
