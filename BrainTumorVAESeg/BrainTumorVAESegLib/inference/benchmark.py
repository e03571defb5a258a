"""Times the cascade against the public two-stage code's arrangement, side by side, each in a process of its own.

The public side is this project's own modules arranged as that code's graph: plain torch, eager, contiguous fp32, the
VAE branch off, inputs 1x4x128x192x160 and 1x7x128x128x128. Our side is the cascade from the prepared grid to labels,
both stages, with one given region. Weights are random. The sides take turns, so that a machine's drift meets both.

`python -m BrainTumorVAESegLib.inference.benchmark SIDE DEVICE THREADS PRECISION` is one side (see `turns`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from ..core.labels import labels_from_channels
from ..core.settings import PAPER, PRESETS, CascadeSettings, without_vae
from .interleaving import serve, take_turns

if TYPE_CHECKING:
    from ..networks.nvnet import NvNet

PUBLIC = "public"
PUBLIC_SHAPES = ((1, 4, 128, 192, 160), (1, 7, 128, 128, 128))
"""The inputs of the public code's two passes."""
GRID = (144, 176, 144)
"""The prepared grid of our side: the brain crop of a typical case."""
REGION = (128, 128, 128)


@dataclass(frozen=True)
class Figures:
    """Medians of one side's runs: seconds of each stage and of all, peak memory in MiB over what was loaded."""

    side: str
    stage1: float
    stage2: float
    total: float
    peak: float


def run_benchmark(
    presets: tuple[str, ...] = tuple(PRESETS),
    repeats: int = 3,
    device: str = "cpu",
    threads: int | None = None,
    precision: str = "auto",
    report: Callable[[str], None] = lambda _: None,
) -> list[Figures]:
    """Run the public side and each preset in turn, one run to warm up and then repeats; the public side comes first.

    precision is our side's, as of `Engine`; the public side is always fp32.
    Raises DeviceError where a side ends early (of too little memory, say).
    """
    import torch

    threads = threads or torch.get_num_threads()
    sides = (PUBLIC, *presets)
    arguments = {side: (side, device, str(threads), precision) for side in sides}
    runs = take_turns(__name__, arguments, repeats, report)
    return [_medians(side, [Figures(side, **run) for run in several]) for side, several in runs.items()]


def count_operations() -> tuple[float, float]:
    """Return the floating-point operations of the public side's two passes, counted by torch, in units of 10^12."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    counts = []
    with torch.device("meta"):
        for network, shape in zip(_networks(PAPER), PUBLIC_SHAPES, strict=True):
            with FlopCounterMode(display=False) as counter, torch.inference_mode():
                network(torch.empty(shape))
            counts.append(counter.get_total_flops() / 1e12)
    return counts[0], counts[1]


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


def _our_side(preset: str, device: str, precision: str) -> Callable[[], dict[str, float]]:
    import torch
    from torch import Tensor

    from ..core.boxes import Box
    from .cascade import Step, predict
    from .engine import Engine

    settings = replace(PRESETS[preset], thresholds=(0.5,) * 3)
    stage1, *more = _networks(settings)
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
        prediction = predict(stage1, more[0] if more else None, settings, images, timed, regions=[box])
        labels_from_channels(prediction.probabilities >= 0.5, prediction.channels)
        total = time.perf_counter() - begin
        return {"stage1": seconds[1], "stage2": seconds[2], "total": total}

    torch.set_grad_enabled(False)
    return run


def _make_side(side: str, device: str, threads: int, precision: str) -> Callable[[], dict[str, float]]:
    import torch

    torch.set_num_threads(threads)
    return _public_side(device) if side == PUBLIC else _our_side(side, device, precision)


if __name__ == "__main__":
    side, device, threads, precision = sys.argv[1:]
    needed = [f"{__package__}.{name}" for name in ("cascade", "engine")]
    serve(lambda: _make_side(side, device, int(threads), precision), device, needed)
