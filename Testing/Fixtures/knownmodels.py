"""Tiny packages whose answer is known."""

from __future__ import annotations

from pathlib import Path

import torch
from BrainTumorVAESegLib.core.settings import CascadeSettings, Preprocessing, StageSettings
from BrainTumorVAESegLib.models.writing import write_package
from BrainTumorVAESegLib.networks.nvnet import NvNet

SPACING = 6.0
"""Of the grid that the packages' networks see, in mm."""


def write_model(folder: Path, name: str, bias: tuple[float, float, float], optional: tuple[str, ...] = ()) -> Path:
    """Write a one-stage package whose logits for WT, TC and ET are the same in every voxel of the brain."""
    stage = StageSettings(filters=4, groups=2, blocks_down=(1, 1, 1, 1), dropout=0.0)
    settings = CascadeSettings(
        preset="fast", optional=optional, preprocessing=Preprocessing(spacing=SPACING), stage1=stage
    )
    network = NvNet(stage).eval()
    with torch.no_grad():
        for parameter in network.head.parameters():
            parameter.zero_()
        network.head.bias.copy_(torch.tensor(bias))
    write_package(folder / name, name, "1.2.3", settings, network, None, f"# {name}\n\nMade for tests.\n")
    return folder / name
