"""What a training does, as frozen values: `recipe` reads them from a YAML file, the run's folder keeps them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from ..core.errors import TrainingError
from ..core.settings import CascadeSettings
from ..core.text import shorten
from ..models.manifest import HALF, STORAGES
from ..networks.losses import LossSettings

OPTIMIZERS = ("adam", "adamw")
SCHEDULES = ("poly", "cosine")
PRECISIONS = ("auto", "32-true", "16-mixed", "bf16-mixed")
_LONGEST_NAME = 100
FOLDS, VALIDATION = "folds", "validation"
OWN = "own"
SINGLE, ENSEMBLE = "single", "ensemble"


def _one_of(key: str, value: str, known: tuple[str, ...]) -> None:
    _require(value in known, f"{key}: {shorten(repr(value))} is not known; known are {', '.join(known)}")


def _require(right: bool, message: str) -> None:
    if not right:
        raise TrainingError(f"{message}.")


@dataclass(frozen=True)
class StageTraining:
    """How one stage is trained. A step is one change of the weights, an epoch as many samples as there are cases.

    epochs: the length in epochs; steps, the length in steps, counts where this is 0. Where both are 0 the stage is not
    trained: it keeps the weights of the recipe's `start_from`. batch: samples of one process at a time. accumulate:
    batches whose gradients are added up for one step.
    schedule: `poly` (learning rate times (1 - step/steps)^0.9, as published) or `cosine`; warmup in steps before it.
    ema: decay of the averaged weights, which are the ones kept. reconstruct: train the VAE branch along.
    reconstruct_every: in one of so many steps alone. jitter: voxels of the stage's grid by which the field is shifted
    at random. tumor_crops: share of stage 1's crops that are put at a random voxel of the tumor instead. final_steps:
    of a single package's training on all cases, going on from the first fold's weights; 0 to train it like a fold.
    freeze_norms: share of the steps after which the gates' BatchNorm uses its running statistics, as inference does (a
    batch of one is too small to go on with its own).
    freeze_encoder: leave the encoder as it is, for fine-tuning. deep_supervision: weight of the loss of the
    decoder's second finest level, halved with each coarser one; 0 for none. checkpointing: compute the blocks'
    features again in the backward pass instead of keeping them: less memory, more time. compile: let torch.compile
    fuse operations. save_every, check_every: steps between checkpoints, and between looks at the held-out cases (0
    for none before the end).
    """

    steps: int = 1000
    epochs: float = 0.0
    batch: int = 1
    accumulate: int = 1
    learning_rate: float = 1e-4
    weight_decay: float = 1e-5
    optimizer: str = "adam"
    schedule: str = "poly"
    warmup: int = 0
    ema: float = 0.99
    clip_gradient: float = 0.0
    reconstruct: bool = True
    reconstruct_every: int = 1
    jitter: int = 4
    tumor_crops: float = 0.0
    final_steps: int = 0
    freeze_norms: float = 0.3
    freeze_encoder: bool = False
    deep_supervision: float = 0.0
    checkpointing: bool = False
    compile: bool = False
    save_every: int = 50
    check_every: int = 0
    loss: LossSettings = field(default_factory=LossSettings)

    def __post_init__(self) -> None:
        _one_of("optimizer", self.optimizer, OPTIMIZERS)
        _one_of("schedule", self.schedule, SCHEDULES)
        for key in ("batch", "accumulate", "reconstruct_every", "save_every"):
            _require(getattr(self, key) >= 1, f"{key} must be 1 or more")
        for key in ("steps", "epochs", "warmup", "jitter", "check_every", "final_steps"):
            _require(getattr(self, key) >= 0, f"{key} must be 0 or more")
        for key in ("weight_decay", "clip_gradient", "deep_supervision"):
            _require(getattr(self, key) >= 0, f"{key} must be 0 or more")
        for key in ("ema", "tumor_crops", "freeze_norms"):
            _require(0 <= getattr(self, key) <= 1, f"{key} must lie between 0 and 1")
        _require(0 <= self.learning_rate < math.inf, "learning_rate must be 0 or more")

    @property
    def kept(self) -> bool:
        """Whether the stage keeps the weights that it begins with."""
        return not (self.steps or self.epochs)

    @property
    def final(self) -> StageTraining:
        """The same as long as a single package's training that goes on from a fold's weights."""
        return replace(self, steps=self.final_steps, epochs=0.0)

    def in_steps(self, cases: int, processes: int = 1) -> StageTraining:
        """Return the same with its length in steps, for so many cases and processes that share a step."""
        if not self.epochs:
            return self
        samples = self.batch * self.accumulate * processes
        return replace(self, steps=max(math.ceil(self.epochs * cases / samples), 1), epochs=0.0)


_CHANCES = (
    *("flip", "affine", "elastic", "gamma", "contrast", "bias", "shading", "thick", "noise", "smooth", "drop"),
    *("unenhance", "heal", "paste"),
)


@dataclass(frozen=True)
class Augmentation:
    """Random changes of a training sample; by default those of the papers alone.

    flip, shift, scale: those of the papers (the probability of mirroring each axis; per image, up to so many standard
    deviations, and a factor within 1 plus and minus this). Each other one comes with its probability. Of a sample, all
    that belongs together: affine, by rotation in degrees and zoom; elastic, by up to elastic_level mm on each axis;
    shading, another strong and varied field for each image (see `shading`), which brightens and darkens by a factor the
    log of which lies in shading_range at most; unenhance, what enhances made core that does not (see `unenhancing`). Of
    each image by itself: gamma; contrast, a rising curve through contrast_points points, fewer for a greater change;
    bias, a coil's smooth field with coefficients up to bias_level; thick, slices of thick_range mm along one axis;
    smooth, in voxels; noise, up to noise_level standard deviations.
    drop: the probability that one image or more (never all) are 0 in the input, though still to be reconstructed, so
    that the model can do without. Of stage 1's samples alone, since no mask tells of such cases: heal, the other side
    mirrored in the tumor's place, where it does not cross the middle; paste, the tumor of another case put in besides.
    """

    flip: float = 0.5
    shift: float = 0.1
    scale: float = 0.1
    affine: float = 0.0
    rotation: float = 15.0
    zoom: float = 0.1
    elastic: float = 0.0
    elastic_level: float = 8.0
    gamma: float = 0.0
    gamma_range: tuple[float, float] = (0.7, 1.5)
    contrast: float = 0.0
    contrast_points: int = 8
    bias: float = 0.0
    bias_level: float = 0.15
    shading: float = 0.0
    shading_range: tuple[float, float] = (0.1, 0.5)
    thick: float = 0.0
    thick_range: tuple[float, float] = (2.0, 5.0)
    noise: float = 0.0
    noise_level: float = 0.15
    smooth: float = 0.0
    smooth_range: tuple[float, float] = (0.3, 1.2)
    drop: float = 0.0
    unenhance: float = 0.0
    heal: float = 0.0
    paste: float = 0.0

    def __post_init__(self) -> None:
        for key in _CHANCES:
            _require(0 <= getattr(self, key) <= 1, f"{key} must lie between 0 and 1")
        for key in ("shift", "rotation", "bias_level", "noise_level"):
            _require(getattr(self, key) >= 0, f"{key} must be 0 or more")
        for key in ("scale", "zoom"):
            _require(0 <= getattr(self, key) < 1, f"{key} must be 0 or more and less than 1")
        for key in ("gamma_range", "shading_range", "thick_range", "smooth_range"):
            low, high = getattr(self, key)
            _require(0 < low <= high, f"{key} must be two numbers above 0, the smaller one first")
        _require(self.contrast_points >= 3, "contrast_points must be 3 or more")
        # Control points lie 32 mm apart; moved further than 0.4 of that, tissue could fold over itself.
        _require(0 <= self.elastic_level <= 12.8, "elastic_level must lie between 0 and 12.8 mm")


UNCHANGED = Augmentation(flip=0.0, shift=0.0, scale=0.0)
"""No change at all."""


_SECOND = "networks: stage2: needs a field, the size of its regions, and a downsample of 1"


@dataclass(frozen=True)
class Recipe:
    """A whole training: both stages, the folds for the out-of-fold masks, and the seed.

    settings: the cascade's arrangement. masks_at: shares of a fold's steps whose weights predict the masks of the
    expanded data set of stage 2. masks_from: what predicts them: `folds`, for each case stage 1s that never saw it, or
    `own`, the run's own stage 1, for a run that begins with a package which saw the cases, so that folds would have
    seen them too. package: `single`, both stages trained on all cases, or `ensemble`, those of the folds
    together. storage: how the package holds the weights, `float32`, `float16` or, with a scale for each output channel,
    `int8`. second_from_first: stage 2 begins with what fits of the weights of the stage 1 before it. calibrate_on:
    what thresholds and temperatures are chosen on: `folds`, the cases that each fold holds out, for which stage 2 is
    trained on folds as well, or `validation`, labeled cases given apart. start_from: a package, by name or folder,
    whose weights both stages begin with. precision: `auto` is bf16 on CUDA and where the processor computes in it, else
    32 bits. workers: processes that draw samples, each process of a training having its own; -1 chooses.
    """

    name: str
    settings: CascadeSettings
    folds: int = 2
    seed: int = 0
    precision: str = "auto"
    workers: int = -1
    start_from: str = ""
    masks_at: tuple[float, ...] = (0.6, 1.0)
    masks_from: str = FOLDS
    package: str = SINGLE
    storage: str = HALF
    second_from_first: bool = False
    calibrate_on: str = FOLDS
    stage1: StageTraining = field(default_factory=StageTraining)
    stage2: StageTraining = field(default_factory=StageTraining)
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        _one_of("precision", self.precision, PRECISIONS)
        _one_of("package", self.package, (SINGLE, ENSEMBLE))
        _one_of("storage", self.storage, STORAGES)
        _one_of("calibrate_on", self.calibrate_on, (FOLDS, VALIDATION))
        _one_of("masks_from", self.masks_from, (FOLDS, OWN))
        shares, second = self.masks_at, self.settings.stage2
        _require(
            list(shares) == sorted(set(shares)) and bool(shares) and shares[0] > 0 and shares[-1] == 1,
            f"masks_at must be rising shares of the steps, the last of them 1, not {shorten(list(shares))}",
        )
        _require(second is None or (second.field is not None and second.downsample == 1), _SECOND)
        channels = [(self.settings.stage1, 4), *([(second, 7)] if second else [])]
        _require(
            all((stage.in_channels, stage.out_channels) == (n, 3) for stage, n in channels),
            "networks: a stage has 4 input channels, the second one 7, and 3 output channels",
        )
        _require(self.seed >= 0, "seed must be 0 or more")
        _require(
            not set(self.name) & set("/\\:\0") and bool(self.name.strip()) and len(self.name) <= _LONGEST_NAME,
            f"name: {shorten(repr(self.name))} cannot be a folder's",
        )
        stages = [self.settings.stage1, *([second] if second else [])]
        _require(all(stage.members == 1 for stage in stages), "networks: members belong to packages; see `package`")
        _require(self.folds >= 2, "folds must be 2 or more")
        _require(
            not (self.second_from_first and self.start_from), "start_from and second_from_first exclude each other"
        )
        _require(
            self.masks_from == FOLDS or (bool(self.start_from) and self.calibrate_on == VALIDATION),
            "masks_from: own needs start_from, and calibrate_on: validation, since no case stays unseen",
        )
        for name, training in (("stage1", self.stage1), ("stage2", self.stage2)):
            _require(
                not training.kept or bool(self.start_from),
                f"{name}: steps may be 0 only with start_from, whose weights the stage then keeps",
            )
            _require(not (training.kept and training.final_steps), f"{name}: with steps 0, final_steps must be 0 too")
        first = self.settings.stage1
        _require(
            not self.second_from_first or (second is not None and first.filters == second.filters),
            "second_from_first needs a second stage with as many filters as the first",
        )
        _require(self.workers >= -1, "workers must be -1 or more")
        _require(
            second is None or not self.stage2.reconstruct or second.vae_crop in (None, second.field),
            "networks: stage2: field and vae_crop must be the same where stage 2 reconstructs",
        )
