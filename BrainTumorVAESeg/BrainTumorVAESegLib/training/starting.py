"""The weights that a training begins with, taken from a model package: fine-tuning."""

from __future__ import annotations

from torch import Tensor

from ..core.errors import TrainingError
from ..core.settings import StageSettings
from ..models.package import ModelPackage, load_stage
from ..models.tensors import VAE_PREFIX, expected_state


def start_weights(package: ModelPackage, number: int, stage: StageSettings) -> dict[str, Tensor]:
    """Return the tensors of a package's stage that fit a network to be trained.

    A VAE branch that the package lacks, or has for another crop, begins anew. Raises TrainingError where the networks
    differ otherwise, PackageError where the package lacks the stage.
    """
    theirs = package.stage(number)
    state = load_stage(package, number, with_vae=theirs.vae_crop is not None).state_dict()
    expected = expected_state(stage)
    differing = sorted(
        name
        for name in {*expected, *state}
        if not name.startswith(VAE_PREFIX)
        and (name not in state or name not in expected or not _alike(name, state, expected))
    )
    if differing or theirs.architecture != stage.architecture or theirs.groups != stage.groups:
        what = f"{len(differing)} tensors, such as {differing[0]}" if differing else "the architecture or its groups"
        raise TrainingError(
            f"start_from: stage {number} of {package.name} is another network than the recipe's ({what}: "
            f"{theirs.architecture} with {theirs.filters} filters, the recipe's {stage.architecture} with "
            f"{stage.filters}); choose another package, or write its settings into the recipe's networks."
        )
    branch = {name for name in expected if name.startswith(VAE_PREFIX)}
    whole = all(name in state and _alike(name, state, expected) for name in branch)
    return {name: state[name] for name in expected if name in state and (whole or name not in branch)}


def _alike(name: str, a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a[name].shape == b[name].shape
