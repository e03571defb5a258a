"""One stage's training step as a Lightning module."""

from __future__ import annotations

import lightning.pytorch as lightning
import torch
from torch import Tensor, nn

from ..core.errors import TrainingError
from ..core.settings import StageSettings
from ..networks.blocks import set_memory_format
from ..networks.losses import stage_loss
from ..networks.nvnet import NvNet
from .samples import Sample
from .settings import StageTraining


class StageModule(lightning.LightningModule):
    """A stage's network, its loss, its optimizer and its schedule."""

    def __init__(self, stage: StageSettings, training: StageTraining) -> None:
        super().__init__()
        self.network = NvNet(stage)
        set_memory_format(self.network, channels_last=True)
        self.settings = training

    def on_train_batch_start(self, batch: Sample, batch_idx: int) -> None:
        """Let the gates' BatchNorm use its running statistics once these have settled."""
        if self.global_step >= self.settings.freeze_norms * self.settings.steps:
            for module in self.network.modules():
                if isinstance(module, nn.BatchNorm3d):
                    module.eval()

    def training_step(self, batch: Sample, batch_idx: int) -> Tensor:
        """Return the loss of a batch and log its terms."""
        x = batch["input"].to(memory_format=torch.channels_last_3d)
        output = self.network(x, reconstruct=self.settings.reconstruct)
        terms = stage_loss(output, batch["target"], batch["images"], self.settings.loss)
        values = {"loss": terms.total, "dice_loss": terms.dice, "l2": terms.l2, "kl": terms.kl}
        if not torch.isfinite(terms.total):
            raise TrainingError(
                f"The loss is not finite at step {self.global_step}; lower the learning rate (a checkpoint is kept)."
            )
        self.log_dict(
            {f"train/{name}": value.detach() for name, value in values.items()}, on_step=True, batch_size=len(x)
        )
        return terms.total

    def configure_optimizers(self) -> dict[str, object]:  # type: ignore[override]
        """Adam (or AdamW) with the schedule of the recipe."""
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[self.settings.optimizer]
        optimizer = kind(
            self.network.parameters(), lr=self.settings.learning_rate, weight_decay=self.settings.weight_decay
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, self._factor)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def _factor(self, step: int) -> float:
        """The learning rate's factor at a step."""
        training = self.settings
        if step < training.warmup:
            return (step + 1) / training.warmup
        share = min((step - training.warmup) / max(training.steps - training.warmup, 1), 1.0)
        if training.schedule == "cosine":
            return 0.5 * (1 + float(torch.cos(torch.tensor(share * torch.pi))))
        return (1 - share) ** 0.9
