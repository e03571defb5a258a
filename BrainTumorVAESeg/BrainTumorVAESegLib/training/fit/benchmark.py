"""Times a training step of `paper`'s stage 1 against the public code's arrangement, and the loader against the step.

The public side is this project's own modules arranged as the public code's: plain torch, eager, contiguous fp32, the
VAE branch on, an input of 128 cubed, batch 1; forward, loss, backward and Adam's step. Our side is a step of the
trainer with a sample that is in memory already; the side that is fed draws its samples from a prepared case meanwhile,
with the changes of the recipe `paper`.

`python -m BrainTumorVAESegLib.training.fit.benchmark SIDE DEVICE THREADS FOLDER` is one side
(see `inference.interleaving`).
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
from torch.utils.data import Dataset

from ...core.settings import PAPER, StageSettings
from ...inference.interleaving import serve, take_turns
from ..data.samples import Sample

CROP = (128, 128, 128)
PUBLIC, PAPER_STEP, LEAN, HALF = "public", "paper", "paper, checkpointing", "paper, bf16"
FED = "paper, loader feeding"
STEPS_FED = 2
"""Timed steps of one run of the side that is fed, after as many as empty the loader's queue."""


@dataclass(frozen=True)
class StepFigures:
    """Medians of one side's runs: seconds of a step, and peak memory in MiB over what was loaded."""

    side: str
    seconds: float
    peak: float


def run_step_benchmark(
    repeats: int = 3,
    device: str = "cpu",
    threads: int | None = None,
    half: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> list[StepFigures]:
    """Run all sides in turn, one run to warm up and then repeats; the public side comes first.

    half: with a side in bf16, for processors that compute in it. Raises DeviceError where a side ends early.
    """
    import torch

    threads = threads or torch.get_num_threads()
    sides = (PUBLIC, PAPER_STEP, FED, LEAN, *((HALF,) if half else ()))
    with tempfile.TemporaryDirectory() as folder:
        arguments = {side: (side, device, str(threads), str(Path(folder) / f"side{n}")) for n, side in enumerate(sides)}
        runs = take_turns(__name__, arguments, repeats, report)
    return [
        StepFigures(side, median(run["total"] for run in several), max(run["peak"] for run in several))
        for side, several in runs.items()
    ]


def _public_side(device: str) -> Callable[[], dict[str, float]]:
    import torch

    from ...networks.losses import LossSettings, stage_loss
    from ...networks.nvnet import NvNet

    torch.manual_seed(0)
    network = NvNet(replace(PAPER.stage1, vae_crop=CROP)).to(device).train()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, weight_decay=1e-5)
    sample = {key: value[None].to(device) for key, value in _noise(CROP).items()}

    def run() -> dict[str, float]:
        start = time.perf_counter()
        optimizer.zero_grad()
        output = network(sample["input"], reconstruct=True)
        stage_loss(output, sample["target"], sample["images"], LossSettings()).total.backward()
        optimizer.step()
        if device != "cpu":
            torch.cuda.synchronize()
        return {"total": time.perf_counter() - start}

    return run


def _our_side(side: str, device: str, folder: Path) -> Callable[[], dict[str, float]]:
    from ...core.memory import give_back_memory
    from ..settings import StageTraining
    from .fitting import Fit, Loop
    from .processes import Processes, draw_workers

    stage = replace(PAPER.stage1, vae_crop=CROP)
    training = StageTraining(steps=10**6, checkpointing=side == LEAN)
    samples = _made_samples(folder, stage) if side == FED else _Same()
    workers = draw_workers(-1) if side == FED else 0
    processes = Processes("bf16-mixed" if side == HALF else "32-true", "cpu" if device == "cpu" else "cuda")
    folder.mkdir(parents=True, exist_ok=True)
    loop = Loop(Fit(side, samples, stage, training, folder, 0, workers=workers), processes, ())
    batches = loop.batches()
    steps = STEPS_FED if side == FED else 1
    # Untimed: what the loader drew while others had their turn, and a step that takes the memory again.
    waiting = max(2 * workers, 0 if training.checkpointing else 1)

    def run() -> dict[str, float]:
        for _ in range(waiting):
            loop.step(batches)
        start = time.perf_counter()
        for _ in range(steps):
            loop.step(batches)
        seconds = (time.perf_counter() - start) / steps
        give_back_memory()
        return {"total": seconds}

    return run


class _Same(Dataset[Sample]):
    """A data set that gives one sample again and again, at once."""

    def __init__(self) -> None:
        self.sample = _noise(CROP)

    def __getitem__(self, number: int) -> Sample:
        return self.sample


def _noise(size: tuple[int, int, int]) -> Sample:
    import torch

    generator = torch.Generator().manual_seed(0)
    images = torch.randn(4, *size, generator=generator)
    return {"input": images, "images": images, "target": (images[:3] > 1).float()}


def _made_samples(folder: Path, stage: StageSettings) -> Dataset[Sample]:
    """Return samples of a made case, drawn with all changes that the recipe `paper` makes."""
    from ...phantom.phantom import make_phantom
    from ...preparation.preparing import prepare, prepare_labels
    from ..data.cache import CachedCase, save_array
    from ..data.samples import FirstStageSamples
    from ..recipe import read_recipe

    folder.mkdir(parents=True, exist_ok=True)
    phantom = make_phantom()
    prepared = prepare(phantom.study, PAPER.preprocessing, phantom.study.modalities)
    case = CachedCase("phantom", folder / "phantom.images.npy", folder / "phantom.labels.npy")
    labels = replace(phantom.study.reference_volume, array=phantom.labels)
    save_array(case.images_file, prepared.images.astype(np.float16))
    save_array(case.labels_file, prepare_labels(labels, prepared))
    recipe = read_recipe("paper")
    return FirstStageSamples([case], replace(PAPER, stage1=stage), recipe.stage1, recipe.augmentation, 0)


def _make_side(side: str, device: str, threads: int, folder: str) -> Callable[[], dict[str, float]]:
    import torch

    torch.set_num_threads(threads)
    return _public_side(device) if side == PUBLIC else _our_side(side, device, Path(folder))


if __name__ == "__main__":
    name, place, count, scratch = sys.argv[1:]
    serve(lambda: _make_side(name, place, int(count), scratch), place, [f"{__package__}.fitting"])
