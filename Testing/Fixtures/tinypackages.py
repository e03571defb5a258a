"""A tiny package, and ways to damage it: fixtures for the rooms that read and write packages."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from BrainTumorVAESegLib.core.settings import CascadeSettings, Preprocessing, StageSettings
from BrainTumorVAESegLib.models import library
from BrainTumorVAESegLib.models.manifest import MANIFEST, LatentStatistics, digest
from BrainTumorVAESegLib.models.package import ModelPackage
from BrainTumorVAESegLib.models.writing import write_package
from BrainTumorVAESegLib.networks.nvnet import NvNet

CROP = (16, 16, 16)
CARD = "# tiny\n\nRandom weights. Data: none; license of the data: none. Ωμέγα\n"
Edit = Callable[[Path, Callable[[dict[str, Any]], None]], None]


@pytest.fixture(scope="session")
def tiny_settings() -> CascadeSettings:
    small = {"filters": 8, "groups": 4, "blocks_down": (1, 1, 1, 2), "vae_crop": CROP, "latent": 6}
    return CascadeSettings(
        preset="fast",
        preprocessing=Preprocessing(margin=3, clip=(0.5, 99.5)),
        stage1=StageSettings(downsample=2, field=CROP, **small),
        stage2=StageSettings("attention_add", in_channels=7, field=CROP, **small),
        thresholds=(0.4, 0.5, 0.6),
        temperatures=(1.0, 1.5, 2.0),
    )


@pytest.fixture(scope="session")
def tiny_networks(tiny_settings) -> tuple[NvNet, NvNet]:
    """Both stages with random weights; BatchNorm's statistics are moved, so that losing them shows."""
    with torch.random.fork_rng():
        torch.manual_seed(5)
        networks = NvNet(tiny_settings.stage1).eval(), NvNet(tiny_settings.stage2).eval()
        for name, tensor in networks[1].state_dict().items():
            if name.endswith("running_mean"):
                tensor.normal_()
            elif name.endswith("running_var"):
                tensor.uniform_(0.5, 2)
            elif name.endswith("num_batches_tracked"):
                tensor.fill_(12345)
    return networks


@pytest.fixture(scope="session")
def tiny_latent() -> LatentStatistics:
    return LatentStatistics(mean=(0.1,) * 6, std=(1.0, 0.5, 0.25, 2.0, 1.0, 1.0), cases=3)


@pytest.fixture(scope="session")
def written(tmp_path_factory, tiny_settings, tiny_networks, tiny_latent) -> ModelPackage:
    """The tiny package; never changed by a test."""
    folder = tmp_path_factory.mktemp("packages") / "tiny"
    training = {"seed": 5, "folds": [0, 1]}
    return write_package(
        folder, "tiny", "0.1.0", tiny_settings, *tiny_networks, CARD, latent=tiny_latent, training=training
    )


@pytest.fixture
def package_folder(written, tmp_path) -> Path:
    """A copy of the tiny package that a test may damage."""
    return Path(shutil.copytree(written.folder, tmp_path / "copy of tiny"))


@pytest.fixture(scope="session")
def edit_manifest() -> Edit:
    """Change a package's manifest as a forger would, who computes its hash anew."""

    def edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
        values = json.loads((folder / MANIFEST).read_text())
        change(values)
        values["sha256"] = digest(values)
        (folder / MANIFEST).write_text(json.dumps(values))

    return edit


@pytest.fixture(scope="session")
def relist(edit_manifest) -> Callable[[Path, str], None]:
    """Put a file's present hash and size into the manifest, so that what is checked after them is reached."""

    def relist(folder: Path, path: str) -> None:
        data = (folder / path).read_bytes()
        entry = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        edit_manifest(folder, lambda values: values["files"].update({path: entry}))

    return relist


@pytest.fixture
def user_models(tmp_path, monkeypatch) -> Path:
    """An empty place for installed packages, and no shipped ones."""
    folder = tmp_path / "data of a person" / "Models"
    monkeypatch.setenv(library.ENVIRONMENT_VARIABLE, str(folder))
    monkeypatch.setattr(library, "shipped_folder", lambda: tmp_path / "none shipped")
    return folder


@pytest.fixture
def shipped_models(user_models, written, tmp_path, monkeypatch) -> Path:
    """A folder of shipped packages that holds the tiny one."""
    folder = tmp_path / "shipped"
    shutil.copytree(written.folder, folder / "tiny")
    monkeypatch.setattr(library, "shipped_folder", lambda: folder)
    return folder
