"""What a training does, as frozen values read from a YAML file; an unknown key is an error that names the nearest."""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..core.errors import PackageError, TrainingError
from ..core.resources import resources_folder
from ..core.settings import PRESETS, CascadeSettings, StageSettings
from ..networks.losses import DICE_MEAN, DICE_SUM, KL_LATENT, KL_VOXELS, LossSettings

_CHOICES: dict[str, tuple[str, ...]] = {
    "optimizer": ("adam", "adamw"),
    "schedule": ("poly", "cosine"),
    "dice": (DICE_SUM, DICE_MEAN),
    "kl_scale": (KL_VOXELS, KL_LATENT),
    "precision": ("auto", "32-true", "16-mixed", "bf16-mixed"),
}
"""Keys of a recipe that name one of a few things."""
_KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


@dataclass(frozen=True)
class StageTraining:
    """How one stage is trained.

    schedule: `poly` (learning rate times (1 - step/steps)^0.9, as published) or `cosine`; warmup in steps before it.
    ema: decay of the averaged weights, which are the ones kept. jitter: voxels of the stage's grid by which the field
    is shifted at random. freeze_norms: share of the steps after which the gates' BatchNorm uses its running statistics,
    as inference does (a batch of one is too small to go on with its own).
    """

    steps: int = 1000
    learning_rate: float = 1e-4
    weight_decay: float = 1e-5
    optimizer: str = "adam"
    schedule: str = "poly"
    warmup: int = 0
    ema: float = 0.99
    clip_gradient: float = 0.0
    reconstruct: bool = True
    jitter: int = 4
    freeze_norms: float = 0.3
    loss: LossSettings = field(default_factory=LossSettings)


@dataclass(frozen=True)
class Augmentation:
    """Random changes of a training sample; each range is around 1 or 0, each probability per sample.

    flip, shift, scale: those of the papers (mirror each axis; per channel, in standard deviations and as a factor). The
    rest goes beyond them: rotation in degrees and zoom, gamma, noise in standard deviations, smoothing in voxels.
    """

    flip: float = 0.5
    shift: float = 0.1
    scale: float = 0.1
    affine: float = 0.0
    rotation: float = 15.0
    zoom: float = 0.1
    gamma: float = 0.0
    gamma_range: tuple[float, float] = (0.7, 1.5)
    noise: float = 0.0
    noise_level: float = 0.15
    smooth: float = 0.0
    smooth_range: tuple[float, float] = (0.3, 1.2)


@dataclass(frozen=True)
class Recipe:
    """A whole training: both stages, the folds for the out-of-fold masks, and the seed.

    settings: the cascade's arrangement. masks_at: shares of a fold's steps whose weights predict the masks of the
    expanded data set of stage 2. final_steps: of stage 1 on all cases, going on from the first fold's weights.
    precision: `auto` is bf16 where the processor computes in it, else 32 bits.
    """

    name: str
    settings: CascadeSettings
    folds: int = 2
    seed: int = 0
    precision: str = "auto"
    masks_at: tuple[float, ...] = (0.6, 1.0)
    final_steps: int = 500
    stage1: StageTraining = field(default_factory=StageTraining)
    stage2: StageTraining = field(default_factory=StageTraining)
    augmentation: Augmentation = field(default_factory=Augmentation)


def read_recipe(name_or_path: str | Path) -> Recipe:
    """Read a recipe that ships (by its name) or a file. Raises TrainingError for a missing file, key or value."""
    import yaml

    path = Path(name_or_path)
    if path.suffix not in (".yaml", ".yml"):
        path = resources_folder() / "Recipes" / f"{name_or_path}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in (resources_folder() / "Recipes").glob("*.yaml")))
        raise TrainingError(f"{name_or_path}: no such recipe; give a YAML file or one of {known}.")
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TrainingError(f"{path}: is not valid YAML ({' '.join(str(error).split())}).") from error
    if not isinstance(values, dict):
        raise TrainingError(f"{path}: a recipe is a table of keys and values.")
    return _build_recipe(values, str(path))


def _build_recipe(values: dict[str, Any], where: str) -> Recipe:
    preset = values.pop("preset", "paper")
    if not isinstance(preset, str) or preset not in PRESETS:
        raise TrainingError(f"{where}: the preset {preset!r} is not known; known are {', '.join(PRESETS)}.")
    changes = dict(_table(values.pop("networks", {}), f"{where}: networks"))
    settings = PRESETS[preset]
    for key in ("stage1", "stage2"):
        place = f"{where}: networks: {key}"
        part = {**dataclasses.asdict(getattr(settings, key)), **_table(changes.pop(key, {}), place)}
        settings = replace(settings, **{key: _build(StageSettings, part, place)})
    if changes:
        raise TrainingError(f"{where}: networks: {_unknown(sorted(map(str, changes)), ['stage1', 'stage2'])}")
    recipe = _build(Recipe, {"name": Path(where).stem, **values, "settings": settings}, where)
    _check_numbers(recipe, where)
    return recipe


def _check_numbers(recipe: Recipe, where: str) -> None:
    """Raise TrainingError for numbers that would stop the training only after hours."""
    shares, second = recipe.masks_at, recipe.settings.stage2
    if not shares or not 0 < min(shares) <= max(shares) <= 1:
        raise TrainingError(f"{where}: masks_at: must be shares of the steps above 0 and up to 1, not {list(shares)}.")
    if min(recipe.final_steps, recipe.stage1.steps, recipe.stage2.steps) < 1:
        raise TrainingError(f"{where}: the steps of each training must be 1 or more.")
    if recipe.stage2.reconstruct and second is not None and second.vae_crop not in (None, second.field):
        raise TrainingError(
            f"{where}: networks: stage2: field and vae_crop must be the same, not {second.field} and {second.vae_crop}."
        )


def _build(cls: type, values: Mapping[str, Any], where: str) -> Any:
    """Build a frozen class from a table, nested ones and tuples included, every key and kind checked."""
    hints = typing.get_type_hints(cls)
    unknown = sorted(str(key) for key in values if key not in hints)
    if unknown:
        raise TrainingError(f"{where}: {_unknown(unknown, list(hints))}")
    built = {key: _convert(hints[key], value, f"{where}: {key}") for key, value in values.items()}
    for key, value in built.items():
        if key in _CHOICES and value not in _CHOICES[key]:
            raise TrainingError(f"{where}: {key}: {value!r} is not known; known are {', '.join(_CHOICES[key])}.")
    try:
        return cls(**built)
    except (TypeError, PackageError) as error:
        raise TrainingError(f"{where}: {error}") from error


def _convert(hint: Any, value: Any, where: str) -> Any:
    options = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if value is None and type(None) in options:
        return None
    kind = next(option for option in options if option is not type(None))
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return value if isinstance(value, kind) else _build(kind, _table(value, where), where)
    if typing.get_origin(kind) is tuple:
        if not isinstance(value, list | tuple):
            raise TrainingError(f"{where}: must be a list, not {value!r}.")
        parts = typing.get_args(kind)
        if parts[-1] is not Ellipsis and len(value) != len(parts):
            raise TrainingError(f"{where}: must be a list of {len(parts)}, not {value!r}.")
        return tuple(_convert(parts[0], item, where) for item in value)
    number = kind is float and isinstance(value, int) and not isinstance(value, bool)
    if not number and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
        raise TrainingError(f"{where}: must be {_KINDS[kind]}, not {value!r}.")
    return float(value) if kind is float else value


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TrainingError(f"{where}: must be a table of keys and values, not {value!r}.")
    return value


def _unknown(unknown: list[str], known: list[str]) -> str:
    parts = []
    for key in unknown:
        near = difflib.get_close_matches(key, known, 1)
        parts.append(
            f"unknown key {key!r}" + (f", did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}.")
        )
    return " ".join(parts)
