"""The weights that a training begins with: of a model package, for fine-tuning, or stage 1's, for stage 2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ...core.errors import TrainingError
from ...core.settings import CascadeSettings, StageSettings
from ...models.package import ModelPackage, load_stage
from ...models.tensors import VAE_PREFIX, expected_state

_MOST_NAMED = 3
_HEAD = "head."
_VAE_HEAD = "vae.head."


def start_weights(package: ModelPackage, number: int, settings: CascadeSettings) -> dict[str, Tensor]:
    """Return the tensors of a package's stage 1 or 2 that fit the network of the settings to be trained.

    Of several members the first is taken. Images and outputs are matched by their names, whatever their order; where
    the package's outputs mean something else, the head begins anew, and so does a VAE branch that the package lacks or
    has for another crop. Raises TrainingError where the networks differ otherwise, PackageError where the package lacks
    the stage.
    """
    stage = settings.stage1 if number == 1 else settings.stage2
    if stage is None:
        raise ValueError("the recipe has no second stage")
    theirs = package.stage(number)
    whole = load_stage(package, number, with_vae=theirs.vae_crop is not None).state_dict()
    state = {name: tensor for name, tensor in whole.items() if not name.startswith("others.")}
    expected = expected_state(stage)
    _require_alike(package.name, number, theirs, stage, state, expected)
    state = _match_channels(state, package.settings, settings)
    return _without_other_branch(state, expected)


def seen_by(training: Mapping[str, Any]) -> set[str]:
    """Return the names of the cases that a package's weights were trained on, and those that they began with."""
    cases, start = training.get("cases"), training.get("start")
    own = {name for name in cases if isinstance(name, str)} if isinstance(cases, list) else set()
    return own | (seen_by(start) if isinstance(start, Mapping) else set())


def require_new(package: ModelPackage, names: Iterable[str], to_do: str) -> None:
    """Raise TrainingError where a package to begin with was trained on one of these cases; to_do: what to do then."""
    seen = sorted(seen_by(package.training) & set(names))
    if seen:
        more = f" and {len(seen) - _MOST_NAMED} more" if len(seen) > _MOST_NAMED else ""
        raise TrainingError(
            f"start_from: {package.name} was trained on {', '.join(seen[:_MOST_NAMED])}{more}, so that its answers to "
            f"them tell nothing; {to_do}."
        )


def hand_on(state: Mapping[str, Tensor], second: StageSettings) -> dict[str, Tensor]:
    """Return what fits a stage 2 of the weights of a stage 1, or all of a stage 2 like it.

    A stage 1 has no gates, and maybe a VAE branch for another crop; its first convolution becomes one that takes the
    images as before and, to begin with, nothing of the masks.
    """
    expected = expected_state(second)
    stem = state["stem.weight"]
    masks = stem.new_zeros(stem.shape[0], second.in_channels - stem.shape[1], *stem.shape[2:])
    return _without_other_branch({**state, "stem.weight": torch.cat([masks, stem], 1)}, expected)


def _require_alike(
    package: str,
    number: int,
    theirs: StageSettings,
    ours: StageSettings,
    state: dict[str, Tensor],
    expected: dict[str, Tensor],
) -> None:
    names = {name for name in {*expected, *state} if not name.startswith(VAE_PREFIX)}
    shapes = [{name: tensor.shape for name, tensor in table.items()} for table in (state, expected)]
    differing = sorted(name for name in names if shapes[0].get(name) != shapes[1].get(name))
    if differing or (theirs.architecture, theirs.groups) != (ours.architecture, ours.groups):
        what = f"{len(differing)} tensors, such as {differing[0]}" if differing else "the architecture or its groups"
        raise TrainingError(
            f"start_from: stage {number} of {package} is another network than the recipe's ({what}: "
            f"{theirs.architecture} with {theirs.filters} filters, the recipe's {ours.architecture} with "
            f"{ours.filters}); choose another package, or write its numbers into the recipe's networks."
        )


def _without_other_branch(state: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors that are expected; of a VAE branch all or, where one does not fit, none."""
    branch = {name for name in expected if name.startswith(VAE_PREFIX)}
    fits = all(name in state and state[name].shape == expected[name].shape for name in branch)
    kept = expected if fits else expected.keys() - branch
    return {name: tensor.contiguous() for name, tensor in state.items() if name in kept}


def _match_channels(state: dict[str, Tensor], theirs: CascadeSettings, ours: CascadeSettings) -> dict[str, Tensor]:
    """Return the tensors with the images' and the outputs' channels in our order."""
    state = dict(state)
    images = [theirs.modalities.index(name) for name in ours.modalities]
    stem = state["stem.weight"]
    masks = stem.shape[1] - len(images)
    state["stem.weight"] = torch.cat([stem[:, :masks], stem[:, masks:][:, images]], 1)
    _reorder(state, _VAE_HEAD, images)
    if set(theirs.output_channels) == set(ours.output_channels):
        _reorder(state, _HEAD, [theirs.output_channels.index(name) for name in ours.output_channels])
    else:
        state = {name: tensor for name, tensor in state.items() if not name.startswith(_HEAD)}
    return state


def _reorder(state: dict[str, Tensor], prefix: str, order: Sequence[int]) -> None:
    for name in [name for name in state if name.startswith(prefix)]:
        state[name] = state[name][list(order)]
