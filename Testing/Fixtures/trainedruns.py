"""A run whose trainings are done, and scores of packages, for the tests of what is made from them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.settings import Cleaning
from BrainTumorVAESegLib.evaluation.comparing import compare
from BrainTumorVAESegLib.evaluation.scoring import CaseScore
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.preparation.shading import TERMS, fit_shading
from BrainTumorVAESegLib.training import packaging
from BrainTumorVAESegLib.training import trained as trained_networks
from BrainTumorVAESegLib.training.calibration import Calibration
from BrainTumorVAESegLib.training.cleaning import CleaningChoice
from BrainTumorVAESegLib.training.fit.checkpoints import save_weights
from BrainTumorVAESegLib.training.run import Run

SHADING = fit_shading(list(np.random.default_rng(7).normal(size=(4, 4, TERMS))))
"""How untouched images are shaded, made up."""


def score(name: str, wt: float, core: float) -> CaseScore:
    """Return scores with distances and volumes of half a cube against a whole one."""
    half = np.zeros((4, 4, 4), np.uint8)
    half[:2], whole = 3, np.full((4, 4, 4), 3, np.uint8)
    regions = compare(half, whole, (1.0, 1.0, 1.0))
    return CaseScore(name, {"WT": wt, "TC": 0.5, "ET": 1.0}, {}, {"TC": core}, 1.0, regions)


def scored(value: float) -> dict[str, dict[str, float]]:
    """Return what `CleaningChoice` tells, the same for all regions."""
    return {measure: dict.fromkeys(("WT", "TC", "ET"), value) for measure in ("dice", "lesion_dice")}


@pytest.fixture
def trained(run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run whose trainings are done: random weights in place of learned ones, the thresholds given."""
    settings = run.recipe.settings
    files = {}
    for number, stage in ((1, settings.stage1), (2, settings.stage2)):
        torch.manual_seed(number)
        files[number] = run.folder / f"stage{number}" / "weights-000001.safetensors"
        files[number].parent.mkdir(parents=True)
        save_weights(files[number], NvNet(stage))
    chosen = Calibration((0.3, 0.5, 0.6), (1.0, 1.5, 2.0), {"WT": 0.8}, {"WT": 0.7}, 4, (0.3, 0.5, 0.6))
    choice = CleaningChoice(Cleaning((1.0, 0.0, 0.2), 0.5, fill=True), scored(0.5), scored(0.6))
    monkeypatch.setattr(trained_networks, "train_first", lambda run: files[1])
    monkeypatch.setattr(trained_networks, "train_second", lambda run: files[2])
    monkeypatch.setattr(packaging, "calibrate_run", lambda run, cases: (chosen, choice))
    return run
