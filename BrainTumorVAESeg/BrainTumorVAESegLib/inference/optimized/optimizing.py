"""Converting a package's networks, holding them against torch's, and keeping them beside the installed packages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...core.disk.claims import claim
from ...core.errors import OutputError, PackageError
from ...core.labels import REGIONS, regions_from_labels
from ...core.volume import Study
from ...models.library import user_folder
from ...models.package import ModelPackage, load_stage
from ...models.staging import staging_folder
from ...networks.nvnet import NvNet
from ...phantom.phantom import PhantomSettings, make_phantom
from ...preparation.preparing import PreparedStudy, prepare
from ..cascade import Prediction, Step, predict
from ..engine import Engine
from .converting import convert_stage, quantize_stage, save_stage
from .engine import OpenVinoEngine, OptimizedNetworks
from .library import load_nncf, load_openvino, version_of
from .storage import OPENVINO, OPENVINO_INT8, Optimized, digest, folder_of, read_files, stage_numbers, write_facts

TOLERANCE = 1e-4
"""Largest difference of a probability, in its worst voxel, that fp32 may have to this library's own."""
LEAST_DICE = {OPENVINO: 0.999, OPENVINO_INT8: 0.9}
"""Labels that agree less with torch's in some region are not kept."""
_MADE_SEEDS = (1, 2, 3)
Report = Callable[[str, float], None]


@dataclass
class _Passes:
    """Runs torch's networks and keeps what each pass was given and answered."""

    engine: Engine = field(default_factory=lambda: Engine("cpu"))
    inputs: dict[Step, Tensor] = field(default_factory=dict)
    answers: dict[Step, Tensor] = field(default_factory=dict)

    def run(self, network: NvNet, x: Tensor, step: Step) -> Tensor:
        self.inputs[step] = x
        self.answers[step] = self.engine.run(network, x, step)
        return self.answers[step]


def optimize(
    package: ModelPackage,
    int8: bool = False,
    studies: Sequence[Callable[[], Study]] = (),
    report: Report = lambda *_: None,
) -> Optimized:
    """Convert a package's networks, verify them on a made case and keep them; return what is known of them.

    studies: what the ranges of the 8 bits are taken from, made cases where there are none. Raises DependencyError,
    DeviceError (see `load_openvino`), OutputError where they disagree with torch or cannot be written.
    """
    load_openvino()
    if int8:
        load_nncf()
    kind = OPENVINO_INT8 if int8 else OPENVINO
    stages = [load_stage(package, stage) for stage in stage_numbers(package)]
    report("convert", 0.0)
    models = _quantized(package, stages, studies, report) if int8 else [convert_stage(network) for network in stages]
    target = folder_of(package, kind)
    with staging_folder(user_folder(), "optimizing") as staging, claim(user_folder(), f"optimizing-{package.sha256}"):
        place = staging / kind
        place.mkdir()
        for number, model in enumerate(models, start=1):
            save_stage(model, place / f"stage{number}.xml")
        report("verify", 0.85)
        files = read_files(place)
        difference, dice = _verify(package, stages, OptimizedNetworks(files, kind))
        made = f"{len(studies)} case{'' if len(studies) == 1 else 's'}" if studies else "made cases"
        hashes = {name: digest(data) for name, data in files.items()}
        facts = Optimized(
            package.name, package.sha256, kind, version_of("openvino"), hashes, difference, dice, made if int8 else ""
        )
        write_facts(place, facts)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        place.replace(target)
    return facts


def make_optimized(package: ModelPackage, kind: str, report: Report = lambda *_: None) -> OptimizedNetworks:
    """Read a package's converted networks, which are made in fp32 where there are none to be used.

    Raises as `optimize` does, and PackageError for other kinds, which a person makes (see `read_networks`).
    """
    try:
        return OptimizedNetworks.of(package, kind)
    except PackageError:
        if kind != OPENVINO:
            raise
    optimize(package, report=report)
    return OptimizedNetworks.of(package, kind)


def _quantized(
    package: ModelPackage, stages: Sequence[NvNet], studies: Sequence[Callable[[], Study]], report: Report
) -> list[Any]:
    """Return the networks with the last one in 8 bits: rounding stage 1 too gains little time and costs most voxels."""
    *before, last = stages
    inputs = _calibration_inputs(package, stages, studies, report)
    report(f"quantize stage {len(stages)}", 0.5)
    return [*(convert_stage(network) for network in before), quantize_stage(last, inputs)]


def _calibration_inputs(
    package: ModelPackage, stages: Sequence[NvNet], studies: Sequence[Callable[[], Study]], report: Report
) -> list[Tensor]:
    """Return what the last stage's network reads in some cases, of one size."""
    cases = studies or [lambda seed=seed: _made(package, seed) for seed in _MADE_SEEDS]  # type: ignore[misc]
    inputs: list[Tensor] = []
    for number, case in enumerate(cases):
        report(f"calibrate on case {number + 1} of {len(cases)}", 0.1 + 0.4 * number / len(cases))
        passes = _Passes()
        _predict(package, stages, _prepared(package, case()), passes)
        inputs += [x for step, x in passes.inputs.items() if step.stage == len(stages)]
    if not inputs:  # no case had a tumor that stage 2 would look at
        raise OutputError(f"No case has a tumor for stage {len(stages)} to be calibrated on; give others.")
    # The ranges are taken from inputs of one size: the most common one.
    shapes = [x.shape for x in inputs]
    return [x for x in inputs if x.shape == max(set(shapes), key=shapes.count)]


def _verify(
    package: ModelPackage, stages: Sequence[NvNet], networks: OptimizedNetworks
) -> tuple[float, dict[str, float]]:
    """Return the largest difference of a probability in torch's own passes, and the labels' Dice by region.

    Raises OutputError where that is too large for fp32, or the labels agree too little.
    """
    prepared, passes = _prepared(package, _made(package, 0)), _Passes()
    expected = _predict(package, stages, prepared, passes)
    engine = OpenVinoEngine(networks)
    difference = 0.0
    for step, x in passes.inputs.items():
        found = torch.sigmoid(engine.run(stages[step.stage - 1], x, step))
        difference = max(difference, float((found - torch.sigmoid(passes.answers[step])).abs().max()))
    answer = _predict(package, stages, prepared, engine)
    thresholds = package.settings.thresholds
    dice = dice_by_region(answer.labels(thresholds), expected.labels(thresholds))
    if networks.kind == OPENVINO and not difference <= TOLERANCE:
        raise OutputError(
            f"{package.name}: OpenVINO's probabilities differ from torch's by {difference:.1e} (allowed are "
            f"{TOLERANCE:g}); they are not kept."
        )
    if min(dice.values()) < LEAST_DICE[networks.kind]:
        region, value = min(dice.items(), key=lambda item: item[1])
        raise OutputError(
            f"{package.name}: labels by {networks.kind} agree with torch's to a Dice of {value:.3f} only ({region}); "
            "they are not kept: calibrate on cases like yours."
        )
    return difference, dice


def dice_by_region(labels: np.ndarray, others: np.ndarray) -> dict[str, float]:
    """Return the Dice of two label maps by region, 1 where a region is in neither."""
    found: dict[str, float] = {}
    for region, mine, theirs in zip(REGIONS, regions_from_labels(labels), regions_from_labels(others), strict=True):
        total = int(mine.sum()) + int(theirs.sum())
        found[region.key] = 2 * int((mine & theirs).sum()) / total if total else 1.0
    return found


def _predict(
    package: ModelPackage, stages: Sequence[NvNet], prepared: PreparedStudy, runner: _Passes | OpenVinoEngine
) -> Prediction:
    stage2 = stages[1] if len(stages) > 1 else None
    return predict(stages[0], stage2, package.settings, prepared.images, runner.run)


def _prepared(package: ModelPackage, study: Study) -> PreparedStudy:
    settings = package.settings
    modalities = settings.channels
    return prepare(study, settings.preprocessing, modalities, settings.may_lack)


def _made(package: ModelPackage, seed: int) -> Study:
    spacing = package.settings.preprocessing.spacing
    x, y, z = (max(round(n / spacing), 16) for n in PhantomSettings().size)
    return make_phantom(PhantomSettings(seed=seed, size=(x, y, z), spacing=spacing)).study
