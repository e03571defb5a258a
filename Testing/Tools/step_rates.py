"""Print what a training step takes on a device and how many operations a second that is, as a Markdown table.

    python Testing/Tools/step_rates.py small:1 small:2 paper:1:128x128x128 paper:1:144x176x144:16 --device cuda

Each row is PRESET:STAGE[:ZxYxX[:FILTERS]], by default with the preset's crop and filters. A step is the trainer's own,
of one random sample that is in memory: forward, loss, backward, AdamW, averaged weights. Operations are those of its
convolutions and products, forward and backward, as torch counts them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import torch
from torch.utils.data import Dataset
from torch.utils.flop_counter import FlopCounterMode

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "BrainTumorVAESeg"))

from BrainTumorVAESegLib.core.settings import PRESETS, StageSettings
from BrainTumorVAESegLib.training.data.samples import Sample
from BrainTumorVAESegLib.training.fit.fitting import Fit, Loop
from BrainTumorVAESegLib.training.fit.module import Exact
from BrainTumorVAESegLib.training.fit.processes import Processes
from BrainTumorVAESegLib.training.settings import StageTraining

UNTIMED = 3
"""Steps before those that count: memory is taken, algorithms are chosen."""


@dataclass(frozen=True)
class Rate:
    """Seconds of a step (median), the most memory that a GPU held in MiB (0 elsewhere), 10^12 operations of a step."""

    seconds: float
    peak: float
    tera: float


class _Same(Dataset[Sample]):
    """One random sample of a stage, again and again."""

    def __init__(self, stage: StageSettings, size: tuple[int, int, int]) -> None:
        made = torch.randn(4, *size, generator=torch.Generator().manual_seed(0))
        masks = (made[: stage.in_channels - 4] > 1).float()
        self.sample = {"input": torch.cat([masks, made]), "images": made, "target": (made[:3] > 1).float()}

    def __getitem__(self, number: int) -> Sample:
        return self.sample


def read_row(text: str) -> tuple[StageSettings, tuple[int, int, int]]:
    """Return the stage of PRESET:STAGE[:ZxYxX[:FILTERS]], its VAE branch made for the crop, and the crop (z, y, x)."""
    preset, number, *rest = text.split(":")
    stage = {"1": PRESETS[preset].stage1, "2": PRESETS[preset].stage2}[number]
    assert stage is not None and stage.vae_crop is not None
    z, y, x = (int(n) for n in rest[0].split("x")) if rest else stage.vae_crop
    return replace(stage, vae_crop=(z, y, x), filters=int(rest[1]) if rest[1:] else stage.filters), (z, y, x)


def measure(
    stage: StageSettings, size: tuple[int, int, int], processes: Processes, reconstruct: bool, steps: int
) -> Rate:
    """Time steps of a stage, by default settings of a training but for AdamW and averaged weights."""
    on_gpu = processes.device.type == "cuda"
    if on_gpu:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    training = StageTraining(steps=10**6, optimizer="adamw", ema=0.99, clip_gradient=5.0, reconstruct=reconstruct)
    with tempfile.TemporaryDirectory() as folder:
        loop = Loop(Fit("rates", _Same(stage, size), stage, training, Path(folder), 0), processes, ())
        batches = loop.batches()
        times = []
        for _ in range(UNTIMED + steps):
            start = time.perf_counter()
            loop.step(batches)
            if on_gpu:
                torch.cuda.synchronize()
            times.append(time.perf_counter() - start)
        peak = torch.cuda.max_memory_allocated() / 2**20 if on_gpu else 0.0
        _, batch = next(batches)
        with FlopCounterMode(display=False) as counter:
            values = loop.wrapped(batch["input"], Exact(batch["target"], batch["images"]))
            processes.fabric.backward(values["loss"])
    return Rate(median(times[UNTIMED:]), peak, counter.get_total_flops() / 1e12)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="+", metavar="ROW")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--precision", default="auto", help="Lightning's: bf16-mixed, 16-mixed, 32-true, or auto")
    parser.add_argument("--no-vae", action="store_true", help="without the VAE branch")
    parser.add_argument("--steps", type=int, default=8, help="steps that count (8)")
    wish = parser.parse_args(arguments)
    processes = Processes(wish.precision, wish.device)
    print(f"{processes.device}, {processes.precision}, torch {torch.__version__}\n")
    print("| step | ms | peak, MiB | TFLOP | TFLOP/s |", "|---|---|---|---|---|", sep="\n")
    for row in wish.rows:
        rate = measure(*read_row(row), processes, not wish.no_vae, wish.steps)
        ms, speed = f"{1e3 * rate.seconds:.0f}", f"{rate.tera / rate.seconds:.3g}"
        print(f"| {row} | {ms} | {rate.peak:.0f} | {rate.tera:.3g} | {speed} |", flush=True)


if __name__ == "__main__":
    main()
