"""Measure the cascade on a GPU, from the prepared grid to labels, and print one JSON object.

    python Testing/Tools/cuda_cascade.py --seconds 36 > cuda.json

Needs torch and numpy alone: weights are random, the volumes (155x240x240, float32) are made. `sides` puts the cascade
beside plain torch's two passes in the same run, in turn; the same networks joined on the host are the third side.
`steps` says where a run's time goes, `ways` how a pass of each network fares in other precisions, memory formats and
with cuDNN's search for algorithms, `kernels` what a pass runs on the GPU. What the seconds do not suffice for is left
out and named in `left_out`. On a processor (`--device cpu --small`) it only shows that it works.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "BrainTumorVAESeg"))

from BrainTumorVAESegLib.core.boxes import Box, bounding_box
from BrainTumorVAESegLib.core.labels import labels_from_channels
from BrainTumorVAESegLib.core.settings import PRESETS, CascadeSettings, without_vae
from BrainTumorVAESegLib.inference.cascade import Step, predict
from BrainTumorVAESegLib.inference.engine import Engine
from BrainTumorVAESegLib.inference.regions import choose_regions
from BrainTumorVAESegLib.networks.nvnet import NvNet

VOLUME = (155, 240, 240)
PUBLIC_SHAPES = ((1, 4, 128, 192, 160), (1, 7, 128, 128, 128))
"""The inputs of the public code's two passes."""
REGION = (128, 128, 128)
WAYS = ("fp32", "autocast last", "half last own norms", "half last", "half", "autocast", "fp32 last")
"""Precision and memory format of a pass; `last` is channels-last, `own norms` are `OwnNorm`."""
Timed = Callable[[], Any]


class Clock:
    """Times what runs on the device, and says how many seconds are left."""

    def __init__(self, device: torch.device, seconds: float) -> None:
        self.device, self.end = device, time.perf_counter() + seconds
        self.left_out: list[str] = []

    def left(self, name: str, needed: float) -> bool:
        """Say whether a part can still be measured; note it where it cannot."""
        fits = self.end - time.perf_counter() > needed
        if not fits:
            self.left_out.append(name)
        return fits

    def finish(self) -> None:
        """Wait for the device."""
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def once(self, run: Timed) -> float:
        """Return the seconds of one run."""
        self.finish()
        start = time.perf_counter()
        run()
        self.finish()
        return time.perf_counter() - start

    def in_turn(self, sides: dict[str, Timed], repeats: int, untimed: int = 1) -> dict[str, float]:
        """Return the median seconds of sides that take turns."""
        runs: dict[str, list[float]] = {name: [] for name in sides}
        for turn in range(untimed + repeats):
            for name, run in sides.items():
                seconds = self.once(run)
                if turn >= untimed:
                    runs[name].append(seconds)
        return {name: median(several) for name, several in runs.items()}


def make_images(shape: tuple[int, int, int]) -> np.ndarray:
    """Return a made brain's four volumes, cropped to it with a margin: (4, z, y, x) float32, 0 around it."""
    random = np.random.default_rng(0)
    axes = [(np.arange(n, dtype=np.float32) - n / 2 + 0.5) / (0.45 * n) for n in shape]
    sides = np.meshgrid(*axes, indexing="ij", sparse=True)
    brain = sum((a / b) ** 2 for a, b in zip(sides, (0.98, 0.8, 0.65), strict=True)) <= 1
    box = bounding_box(brain, margin=2, within=True)
    assert box is not None
    volumes = random.standard_normal((4, *shape), dtype=np.float32) * brain
    return np.ascontiguousarray(volumes[(slice(None), *box)])


def make_networks(settings: CascadeSettings) -> list[NvNet]:
    """Return both stages' networks with random weights, without VAE branches."""
    torch.manual_seed(0)
    stages = (settings.stage1, settings.stage2)
    return [NvNet(without_vae(stage)).eval() for stage in stages if stage is not None]


def plain_side(device: torch.device, shapes: tuple[tuple[int, ...], ...]) -> Timed:
    """Return the public side's run: plain torch in fp32, upload and download included."""
    networks = [network.to(device) for network in make_networks(PRESETS["paper"])]
    inputs = [torch.randn(shape) for shape in shapes]

    def run() -> None:
        with torch.inference_mode():
            for network, x in zip(networks, inputs, strict=True):
                torch.sigmoid(network(x.to(device)).logits).cpu()

    return run


def cascade_side(settings: CascadeSettings, images: np.ndarray, region: Box, engine: Engine, on_host: bool) -> Timed:
    """Return the cascade's run from the prepared grid to labels; on_host joins the answers on the processor."""
    stage1, stage2 = make_networks(settings)

    def run() -> np.ndarray:
        place = torch.from_numpy(images) if on_host else engine.place(images)
        found = predict(stage1, stage2, settings, place, engine.run, [region])
        if on_host:
            return labels_from_channels(found.probabilities >= 0.5, found.channels)
        return found.labels(settings.thresholds)

    return run


def time_steps(
    settings: CascadeSettings, images: np.ndarray, region: Box, engine: Engine, clock: Clock
) -> dict[str, float]:
    """Return the seconds of a run's steps, each waited for; the medians of three."""
    stage1, stage2 = make_networks(settings)
    runs: list[dict[str, float]] = []
    for _ in range(4):
        seconds: dict[str, float] = {}

        def timed(network: NvNet, x: Tensor, step: Step, seconds: dict[str, float] = seconds) -> Tensor:
            answer: list[Tensor] = []
            seconds[f"stage {step.stage}"] = clock.once(lambda: answer.append(engine.run(network, x, step)))
            return answer[0]

        kept: list[Any] = []
        seconds["upload"] = clock.once(lambda kept=kept: kept.append(engine.place(images)))
        whole = clock.once(
            lambda kept=kept, timed=timed: kept.append(predict(stage1, stage2, settings, kept[0], timed, [region]))
        )
        seconds["join"] = whole - seconds["stage 1"] - seconds["stage 2"]
        seconds["labels"] = clock.once(lambda kept=kept: kept[1].labels(settings.thresholds))
        runs.append(seconds)
    return {name: median(run[name] for run in runs[1:]) for name in runs[0]}


def time_transfers(images: np.ndarray, clock: Clock) -> dict[str, float]:
    """Return the seconds of ways to bring the images to the device and of the search for regions there."""
    device, host = clock.device, torch.from_numpy(images)
    shape = images.shape[1:]
    tumor = torch.zeros(shape, dtype=torch.bool)
    tumor[tuple(slice(n // 3, n // 2) for n in shape)] = True
    there = tumor.to(device)
    ways: dict[str, Timed] = {
        "upload": lambda: host.to(device),
        "upload through pinned memory": lambda: (host.pin_memory() if device.type == "cuda" else host).to(device),
        "upload in fp16": lambda: host.half().to(device),
        "regions on the device": lambda: choose_regions(there, REGION),
        "regions on the host": lambda: choose_regions(tumor, REGION),
    }
    return clock.in_turn(ways, 5)


class OwnNorm(nn.Module):
    """GroupNorm of a batch of one by each channel's moments and one product and sum, in any memory format."""

    def __init__(self, norm: nn.GroupNorm) -> None:
        super().__init__()
        self.groups, self.eps, self.weight, self.bias = norm.num_groups, norm.eps, norm.weight, norm.bias

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of x's shape, (1, C, D, H, W)."""
        mean, scale = torch.batch_norm_stats(x, 0.0)
        mean, variance = mean.view(self.groups, -1), scale.pow(-2).view(self.groups, -1)
        middle = mean.mean(1, keepdim=True)
        spread = (variance + (mean - middle).square()).mean(1, keepdim=True)
        factor = (spread + self.eps).rsqrt().expand_as(mean).reshape(-1) * self.weight
        shift = self.bias - middle.expand_as(mean).reshape(-1) * factor
        shape = (1, -1, 1, 1, 1)
        return torch.addcmul(shift.to(x.dtype).view(shape), x, factor.to(x.dtype).view(shape))


def with_own_norms(module: nn.Module) -> nn.Module:
    """Replace a network's norms by `OwnNorm`, in place."""
    for name, child in module.named_children():
        if isinstance(child, nn.GroupNorm):
            setattr(module, name, OwnNorm(child))
        else:
            with_own_norms(child)
    return module


def time_ways(settings: CascadeSettings, shapes: tuple[tuple[int, ...], ...], clock: Clock) -> list[dict[str, Any]]:
    """Return how long a pass of each stage takes in other ways, and how far its probabilities are from fp32's."""
    rows: list[dict[str, Any]] = []
    for number, shape in enumerate(shapes):
        x = torch.randn(shape).to(clock.device)
        expected: Tensor | None = None
        for search in (False, True):
            for name in WAYS:
                way = f"{settings.preset} stage {number + 1}, {name}{', search' if search else ''}"
                if not clock.left(way, 2.5 if search else 1.5):
                    continue
                torch.backends.cudnn.benchmark = search
                try:
                    first, seconds, found = time_way(make_networks(settings)[number], x, name, clock)
                except RuntimeError as error:
                    rows.append({"way": way, "error": str(error).splitlines()[0]})
                    continue
                finally:
                    torch.backends.cudnn.benchmark = False
                expected = found if expected is None else expected
                far = float((found - expected).abs().max())
                rows.append({"way": way, "seconds": seconds, "first": first, "far": far})
    return rows


def time_way(network: nn.Module, x: Tensor, name: str, clock: Clock) -> tuple[float, float, Tensor]:
    """Return the seconds of a network's first pass and of a later one in a way of `WAYS`, and its probabilities."""
    kept = torch.channels_last_3d if "last" in name else torch.contiguous_format
    kind = torch.half if name.startswith("half") else torch.float32
    if "own" in name:
        network = with_own_norms(network)
    network = network.to(clock.device).to(kind).to(memory_format=kept)  # type: ignore[call-overload]
    given = x.to(kind).contiguous(memory_format=kept)
    half = torch.autocast(clock.device.type, torch.half) if "autocast" in name else nullcontext()
    with torch.inference_mode(), half:
        first = clock.once(lambda: network(given))
        found = torch.sigmoid(network(given).logits.float())
        return first, median(clock.once(lambda: network(given)) for _ in range(3)), found


def list_kernels(settings: CascadeSettings, shape: tuple[int, ...], engine: Engine, clock: Clock) -> dict[str, Any]:
    """Return what one pass of stage 1 runs on the GPU: kernels by name, how often and how long."""
    network, x = make_networks(settings)[0], torch.randn(shape).to(clock.device)
    engine.run(network, x, Step(1))
    activities = [torch.profiler.ProfilerActivity.CPU, torch.profiler.ProfilerActivity.CUDA]
    with torch.profiler.profile(activities=activities) as profile:
        seconds = clock.once(lambda: engine.run(network, x, Step(1)))
    events = [event for event in profile.key_averages() if event.self_device_time_total > 0]
    events = [event for event in events if event.device_type == torch.autograd.DeviceType.CUDA]
    events.sort(key=lambda event: -event.self_device_time_total)
    rows = [[e.key[:90], e.count, round(e.self_device_time_total / 1e3, 3)] for e in events[:24]]
    return {"seconds": seconds, "busy": sum(e.self_device_time_total for e in events) / 1e6, "kernels": rows}


def main() -> None:
    """Measure what the seconds suffice for, most important first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=36)
    parser.add_argument("--repeats", type=int, default=5, help="counted runs of each side")
    parser.add_argument("--small", action="store_true", help="small grids and networks, to see that it works")
    arguments = parser.parse_args()
    start = time.perf_counter()
    clock = Clock(torch.device(arguments.device), arguments.seconds)
    presets = {name: PRESETS[name] for name in ("paper", "standard")}
    shapes, volume, size = PUBLIC_SHAPES, VOLUME, REGION
    if arguments.small:
        presets = {name: _smaller(settings) for name, settings in presets.items()}
        shapes, volume, size = ((1, 4, 16, 24, 16), (1, 7, 16, 16, 16)), (39, 60, 60), (16, 16, 16)
    images = make_images(volume)
    region = Box.at([(n - r) // 2 for n, r in zip(images.shape[1:], size, strict=True)], size)
    engine = Engine(arguments.device)
    on_gpu = clock.device.type == "cuda"
    found: dict[str, Any] = {
        "device": engine.description, "torch": torch.__version__, "precision": str(engine.dtype),
        "grid": list(images.shape), "sides": {}, "steps": {}, "peak_mib": {},
    }  # fmt: skip
    plain = plain_side(clock.device, shapes)
    for name, settings in presets.items():
        if clock.left(f"sides of {name}", 6):
            ours = cascade_side(settings, images, region, engine, on_host=False)
            on_host = cascade_side(settings, images, region, engine, on_host=True)
            sides = {"plain torch": plain, name: ours, f"{name}, joined on the host": on_host}
            found["sides"][name] = clock.in_turn(sides, arguments.repeats)
            found["sides"][name]["voxels that differ from the host's"] = int((ours() != on_host()).sum())
            found["steps"][name] = time_steps(settings, images, region, engine, clock)
            if on_gpu:
                torch.cuda.reset_peak_memory_stats()
                ours()
                found["peak_mib"][name] = torch.cuda.max_memory_allocated() / 2**20
    factors = [settings.stage1.downsample for settings in presets.values()]
    grids = [[-(-n // (8 * factor)) * 8 for n in images.shape[1:]] for factor in factors]
    parts: dict[str, Timed] = {"transfers": lambda: time_transfers(images, clock)}
    if on_gpu:
        parts["kernels"] = lambda: list_kernels(presets["paper"], (1, 4, *grids[0]), engine, clock)
    for settings, grid in zip(presets.values(), grids, strict=True):
        ways = ((1, 4, *grid), (1, 7, *size))
        parts[f"ways of {settings.preset}"] = lambda s=settings, w=ways: time_ways(s, w, clock)
    for name, part in parts.items():
        if clock.left(name, 6 if name == "kernels" else 2):
            try:
                found[name] = part()
            except (RuntimeError, AttributeError) as error:  # one part must not take the others' figures along
                found[name] = {"error": str(error)}
    found |= {"left_out": clock.left_out, "seconds": time.perf_counter() - start, "notes": engine.notes}
    print(json.dumps(found))


def _smaller(settings: CascadeSettings) -> CascadeSettings:
    assert settings.stage2 is not None
    stage1 = replace(settings.stage1, filters=8, groups=4, field=None, vae_crop=None)
    return replace(
        settings, stage1=stage1, stage2=replace(settings.stage2, filters=8, groups=4, field=(16, 16, 16), vae_crop=None)
    )


if __name__ == "__main__":
    main()
