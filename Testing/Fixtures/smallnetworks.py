"""Small networks that behave like trained ones, and packages of them: fixtures for the rooms that run networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from BrainTumorVAESegLib.core.settings import CascadeSettings, Preprocessing, StageSettings
from BrainTumorVAESegLib.core.volume import Study
from BrainTumorVAESegLib.models.package import ModelPackage
from BrainTumorVAESegLib.models.writing import write_package
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.phantom.phantom import PhantomSettings, make_phantom

SMALL = StageSettings(filters=8, groups=4, blocks_down=(1, 1, 1, 2))


def count_parameters(module: torch.nn.Module) -> int:
    """Return the number of trained numbers of a module."""
    return sum(p.numel() for p in module.parameters())


@pytest.fixture(scope="session")
def small_settings() -> CascadeSettings:
    """A cascade of small networks: stage 1 on the whole at 4 mm, stage 2 on cubes of 16 voxels."""
    second = replace(SMALL, architecture="attention_add", in_channels=7, field=(16, 16, 16))
    return CascadeSettings(preprocessing=Preprocessing(spacing=4.0), stage1=SMALL, stage2=second)


@pytest.fixture(scope="session")
def trained_like() -> Callable[..., NvNet]:
    """Build a network in evaluation mode whose norms and statistics are not what they start with."""

    def build(settings: StageSettings, seed: int = 0) -> NvNet:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            network = NvNet(settings).eval()
            with torch.no_grad():
                for name, tensor in network.state_dict().items():
                    if name.endswith("running_mean"):
                        tensor.normal_(std=0.3)
                    elif name.endswith("running_var"):
                        tensor.uniform_(0.5, 2)
                    elif tensor.is_floating_point() and tensor.ndim == 1:
                        tensor.add_(0.3 * torch.randn_like(tensor))
        return network

    return build


@pytest.fixture(scope="session")
def study() -> Study:
    """A small brain with a tumor, 40x48x36 voxels (x, y, z) of 4 mm."""
    return make_phantom(PhantomSettings(seed=1, size=(40, 48, 36), spacing=4.0)).study


@pytest.fixture(scope="session")
def make_tiny_package(tmp_path_factory) -> Callable[..., ModelPackage]:
    """Write a package of given settings and networks."""

    def make(settings: CascadeSettings, stage1: NvNet, stage2: NvNet | None = None) -> ModelPackage:
        folder = tmp_path_factory.mktemp("packages") / "tiny"
        return write_package(folder, "tiny", "1.0", settings, stage1, stage2, "# tiny", storage="float32")

    return make


@pytest.fixture(scope="session")
def package(make_tiny_package, small_settings, trained_like) -> ModelPackage:
    """Both stages with random weights that find all three labels, in several regions, in a part of the study."""
    settings = replace(small_settings, stage1_thresholds=(0.9, 0.9, 0.9), thresholds=(0.7, 0.7, 0.7))
    return make_tiny_package(settings, trained_like(settings.stage1, 4), trained_like(settings.stage2, 5))


@pytest.fixture(scope="session")
def converted(package: ModelPackage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages in which the small package's networks were converted; not to be changed."""
    pytest.importorskip("openvino")
    from BrainTumorVAESegLib.inference.optimized.optimizing import optimize

    folder = tmp_path_factory.mktemp("converted")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BRAINTUMORVAESEG_MODELS", str(folder))
        optimize(package)
    return folder
