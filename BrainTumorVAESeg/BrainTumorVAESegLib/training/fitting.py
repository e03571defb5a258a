"""Fit one stage with Lightning: averaged weights, checkpoints, and going on after an interruption."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import lightning.pytorch as lightning
import torch
from lightning.pytorch.callbacks import EMAWeightAveraging, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from ..core.errors import TrainingError
from ..core.settings import StageSettings
from ..inference.device import cpu_computes_bf16
from ..networks.blocks import set_memory_format
from ..networks.nvnet import NvNet
from .module import StageModule
from .samples import EpochSampler, Sample
from .settings import StageTraining

SAVE_EVERY_EPOCHS = 2
SECONDS = "seconds.txt"


def precision_for(wish: str) -> str:
    """Return Lightning's precision: `auto` is bf16 on CUDA and on processors that compute in it, else 32 bits."""
    if wish != "auto":
        return wish
    return "bf16-mixed" if torch.cuda.is_available() or cpu_computes_bf16() else "32-true"


def fit_stage(
    samples: Dataset[Sample],
    stage: StageSettings,
    training: StageTraining,
    folder: Path,
    seed: int,
    precision: str = "auto",
    keep_at: Sequence[float] = (1.0,),
    start_from: Path | None = None,
) -> list[Path]:
    """Train one stage and return its weights at the shares keep_at of the steps, each a file of averaged weights.

    folder: checkpoints and the log of the losses; what an earlier, interrupted run left there is gone on from, and a
    finished one is not repeated. start_from: weights to begin with.
    """
    folder.mkdir(parents=True, exist_ok=True)
    length = len(samples)  # type: ignore[arg-type]
    kept = [folder / f"weights-{max(round(share * training.steps), 1):06d}.pt" for share in keep_at]
    if all(path.is_file() for path in kept):
        return kept
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    lightning.seed_everything(seed, verbose=False)
    module = StageModule(stage, training)
    if start_from is not None:
        module.network.load_state_dict(read_weights(start_from))
    averaging = EMAWeightAveraging(decay=training.ema)
    keep = dict(zip([max(round(share * training.steps), 1) for share in keep_at], kept, strict=True))
    trainer = lightning.Trainer(
        # Not max_steps: with it Lightning gives a resumed run one more batch of the epoch that its checkpoint closed.
        max_epochs=-(-training.steps // length),
        accelerator="auto",
        devices=1,
        precision=precision_for(precision),  # type: ignore[arg-type]
        gradient_clip_val=training.clip_gradient or None,
        callbacks=[
            averaging,
            ModelCheckpoint(
                folder, filename="last", every_n_epochs=SAVE_EVERY_EPOCHS, save_top_k=1, enable_version_counter=False
            ),
            _KeepWeights(averaging, keep, training.steps),
        ],
        logger=CSVLogger(folder, name=None, version="log"),
        log_every_n_steps=10,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    loader = DataLoader(samples, batch_size=1, sampler=EpochSampler(length), num_workers=0)
    last = folder / "last.ckpt"
    start = time.monotonic()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trainer.fit(module, loader, ckpt_path=last if last.is_file() else None, weights_only=False)
    finally:
        _add_seconds(folder, time.monotonic() - start)
    if not all(path.is_file() for path in kept):
        raise TrainingError(f"{folder}: the training stopped before its last step; run it again to go on.")
    return kept


def _add_seconds(folder: Path, seconds: float) -> None:
    path = folder / SECONDS
    earlier = float(path.read_text()) if path.is_file() else 0.0
    path.write_text(f"{earlier + seconds:.0f}\n")


def trained_seconds(folder: Path) -> float:
    """Return the seconds that all trainings below a run's folder took, those that ran side by side added up."""
    return sum(float(path.read_text()) for path in sorted(folder.glob(f"*/{SECONDS}")))


class _KeepWeights(lightning.Callback):
    """Write the averaged weights at certain steps, and end the training after the last step."""

    def __init__(self, averaging: EMAWeightAveraging, files: dict[int, Path], steps: int) -> None:
        self.averaging = averaging
        self.files = files
        self.steps = steps

    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: object,
        batch: object,
        batch_idx: int,
    ) -> None:
        path = self.files.get(trainer.global_step)
        if path is not None:
            averaged = self.averaging._average_model
            assert averaged is not None
            state = cast(StageModule, averaged.module).network.state_dict()
            part = path.with_suffix(".part")
            torch.save({name: value.detach().cpu().clone() for name, value in state.items()}, part)
            part.replace(path)
        trainer.should_stop = trainer.should_stop or trainer.global_step >= self.steps


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read a file of averaged weights; tensors only, never code."""
    return torch.load(path, map_location="cpu", weights_only=True)


def load_network(stage: StageSettings, path: Path) -> NvNet:
    """Return a stage's network with trained weights, in evaluation mode."""
    network = NvNet(stage)
    network.load_state_dict(read_weights(path))
    set_memory_format(network, channels_last=True)
    return network.eval()
