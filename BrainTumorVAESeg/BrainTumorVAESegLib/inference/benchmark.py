"""Times the cascade against the public two-stage code's arrangement, side by side, each in a process of its own.

The public side is this project's own modules arranged as that code's graph: plain torch, eager, contiguous fp32, the
VAE branch off, inputs 1x4x128x192x160 and 1x7x128x128x128. Our side is the cascade from the prepared grid to labels,
both stages, with one given region, by torch or by another engine, in a process that keeps what it frees, as the
library's do. Weights are random. The sides take turns, so that a machine's drift meets all.

`python -m BrainTumorVAESegLib.inference.benchmark PRESET DEVICE THREADS ENGINE PRECISION FOLDER` is one side (see
`interleaving`); the folder holds the networks of an engine that needs converted ones.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from ..core.settings import PAPER, PRESETS, CascadeSettings, without_vae
from .interleaving import serve, take_turns
from .optimized.storage import KINDS, OPENVINO_INT8, read_files

if TYPE_CHECKING:
    from ..networks.nvnet import NvNet

PUBLIC = "public"
TORCH, AUTO = "torch", "auto"
PUBLIC_SHAPES = ((1, 4, 128, 192, 160), (1, 7, 128, 128, 128))
"""The inputs of the public code's two passes."""
GRID = (144, 176, 144)
"""The prepared grid of our side: the brain crop of a typical case."""
REGION = (128, 128, 128)
_NOISE = 32
"""Side of the noise that ranges of 8 bits are taken from here."""


@dataclass(frozen=True)
class Figures:
    """Medians of one side's runs: seconds of each stage and of all, peak memory in MiB over what was loaded."""

    side: str
    stage1: float
    stage2: float
    total: float
    peak: float


@dataclass(frozen=True)
class Way:
    """How a side computes: by one of `segmenting.ENGINES`, in a precision as of that engine."""

    engine: str = TORCH
    precision: str = AUTO

    def side(self, name: str) -> str:
        """Return how the side of a preset or package is called: what is not usual stands after its name."""
        unusual = [self.engine] * (self.engine != TORCH) + [self.precision] * (self.precision != AUTO)
        return ", ".join([name, *unusual])


def run_benchmark(
    presets: tuple[str, ...] = tuple(PRESETS),
    repeats: int = 3,
    device: str = "cpu",
    threads: int | None = None,
    report: Callable[[str], None] = lambda _: None,
    ways: tuple[Way, ...] = (Way(),),
) -> list[Figures]:
    """Run the public side and each preset in turn, one run to warm up and then repeats; the public side comes first.

    ways: each preset by each of them; the public side is always fp32 by torch. Raises DeviceError where a side ends
    early (of too little memory, say), DependencyError where an engine is missing.
    """
    import torch

    threads = threads or torch.get_num_threads()
    common = device, str(threads)
    with tempfile.TemporaryDirectory() as folder:
        arguments = {PUBLIC: (PUBLIC, *common, TORCH, AUTO, folder)}
        for preset in presets:
            for engine in {way.engine: None for way in ways if way.engine != TORCH}:
                report(f"convert {preset} for {engine}")
                _convert_apart(preset, engine, Path(folder))
            for way in ways:
                arguments[way.side(preset)] = (preset, *common, way.engine, way.precision, folder)
        runs = take_turns(__name__, arguments, repeats, report)
    return [_medians(side, [Figures(side, **run) for run in several]) for side, several in runs.items()]


def count_preset(preset: str) -> float:
    """Return the floating-point operations of a preset's passes here, in units of 10^12 (see `count_operations`)."""
    settings = PRESETS[preset]
    shapes = [_input_shape(settings, stage) for stage in (1, 2)[: 1 if settings.stage2 is None else 2]]
    return sum(_count(settings, shapes))


def count_operations() -> tuple[float, float]:
    """Return the floating-point operations of the public side's two passes, counted by torch, in units of 10^12."""
    first, second = _count(PAPER, PUBLIC_SHAPES)
    return first, second


def _count(settings: CascadeSettings, shapes: Sequence[tuple[int, ...]]) -> list[float]:
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    counts = []
    with torch.device("meta"):
        for network, shape in zip(_networks(settings), shapes, strict=True):
            with FlopCounterMode(display=False) as counter, torch.inference_mode():
                network(torch.empty(shape))
            counts.append(counter.get_total_flops() / 1e12)
    return counts


def _input_shape(settings: CascadeSettings, stage: int) -> tuple[int, ...]:
    """Return what a stage's network reads here, (1, C, D, H, W)."""
    from .fields import first_field

    if stage == 2:
        assert settings.stage2 is not None
        return (1, settings.stage2.in_channels, *REGION)
    factor = settings.stage1.downsample
    return (1, settings.stage1.in_channels, *(n // factor for n in first_field(GRID, settings.stage1).size))


def _convert_apart(preset: str, engine: str, folder: Path) -> None:
    """Convert in a process of its own: what is measured afterwards would count its memory as theirs."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(_convert, preset, engine, folder).result()


def _convert(preset: str, engine: str, folder: Path) -> None:
    """Write a preset's networks with random weights as an engine takes them; the ranges of 8 bits are of noise."""
    import torch

    from .optimized.converting import convert_stage, quantize_stage, save_stage

    place = _place(folder, preset, engine)
    place.mkdir()
    networks = _networks(PRESETS[preset])
    for number, network in enumerate(networks, start=1):
        if engine == OPENVINO_INT8 and number == len(networks):
            noise = torch.randn(1, network.settings.in_channels, *(_NOISE,) * 3)
            model = quantize_stage(network, [noise])
        else:
            model = convert_stage(network)
        save_stage(model, place / f"stage{number}.xml")


def _place(folder: Path, preset: str, engine: str) -> Path:
    return folder / f"{preset}-{engine}"


def _medians(side: str, runs: list[Figures]) -> Figures:
    def middle(name: str) -> float:
        return median(getattr(run, name) for run in runs)

    return Figures(side, middle("stage1"), middle("stage2"), middle("total"), max(run.peak for run in runs))


def _networks(settings: CascadeSettings) -> list[NvNet]:
    """Return both stages' networks with random weights and without VAE branches, in evaluation mode."""
    import torch

    from ..networks.nvnet import NvNet

    torch.manual_seed(0)
    stages = (settings.stage1, settings.stage2)
    return [NvNet(without_vae(stage)).eval() for stage in stages if stage is not None]


def _public_side(device: str) -> Callable[[], dict[str, float]]:
    import torch

    networks = [network.to(device) for network in _networks(PAPER)]
    inputs = [torch.randn(shape) for shape in PUBLIC_SHAPES]

    def run() -> dict[str, float]:
        seconds = []
        with torch.inference_mode():
            for network, x in zip(networks, inputs, strict=True):
                start = time.perf_counter()
                torch.sigmoid(network(x.to(device)).logits).cpu()
                seconds.append(time.perf_counter() - start)
        return {"stage1": seconds[0], "stage2": seconds[1], "total": sum(seconds)}

    return run


def _our_side(preset: str, device: str, kind: str, precision: str, folder: str) -> Callable[[], dict[str, float]]:
    import torch
    from torch import Tensor

    from ..core.boxes import Box
    from ..core.memory import give_back_memory, keep_freed_memory
    from .cascade import Step, predict
    from .engine import Engine
    from .optimized.engine import OpenVinoEngine, OptimizedNetworks

    keep_freed_memory()
    settings = replace(PRESETS[preset], thresholds=(0.5,) * 3)
    stage1, *more = _networks(settings)
    engine: Engine | OpenVinoEngine
    if kind in KINDS:
        files = read_files(_place(Path(folder), preset, kind))
        engine = OpenVinoEngine(OptimizedNetworks(files, kind), device, precision)
    else:
        engine = Engine(device, precision)
    images = np.random.default_rng(0).standard_normal((4, *GRID), dtype=np.float32)
    start = [(n - r) // 2 for n, r in zip(GRID, REGION, strict=True)]
    box = Box.at(start, REGION)
    seconds = {1: 0.0, 2: 0.0}

    def timed(network: NvNet, x: Tensor, step: Step) -> Tensor:
        begin = time.perf_counter()
        answer = engine.run(network, x, step)
        seconds[step.stage] = time.perf_counter() - begin
        return answer

    def run() -> dict[str, float]:
        begin = time.perf_counter()
        stage2 = more[0] if more else None
        with torch.no_grad():
            answer = predict(stage1, stage2, settings, engine.place(images), timed, regions=[box])
            answer.labels(settings.thresholds)
        total = time.perf_counter() - begin
        give_back_memory()
        return {"stage1": seconds[1], "stage2": seconds[2], "total": total}

    return run


def _make_side(
    side: str, device: str, threads: int, engine: str, precision: str, folder: str
) -> Callable[[], dict[str, float]]:
    import torch

    torch.set_num_threads(threads)
    return _public_side(device) if side == PUBLIC else _our_side(side, device, engine, precision, folder)


if __name__ == "__main__":
    side, device, threads, engine, precision, folder = sys.argv[1:]
    needed = [f"{__package__}.{name}" for name in ("cascade", "engine")]
    serve(lambda: _make_side(side, device, int(threads), engine, precision, folder), device, needed)
