"""A training's curves and pictures for TensorBoard, the pictures of the last check also as PNG files."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.disk.files import output_error, outputs
from ...core.errors import DependencyError
from ...core.labels import REGIONS
from ...core.modalities import MODALITIES
from ...reporting.curves import OF_THE_VAE
from ...reporting.figures import figure_pixels, png_bytes
from ..fit.module import LOSSES, SOFT_DICE
from .pictures import draw_pictures
from .watchers import Beginning, Check, StepRecord, Watcher

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

EVENTS = "tensorboard"
PICTURES = "pictures"
LOSS_TAGS = dict(zip(LOSSES, ("loss/total", "loss/dice", "loss/l2", "loss/kl", "loss/cross_entropy"), strict=True))
SAMPLE_TAGS = {name: f"dice_of_samples/{region.key}" for name, region in zip(SOFT_DICE, REGIONS, strict=True)}
HELD_OUT_TAGS = {region.key: f"dice_held_out/{region.key}" for region in REGIONS}


class TensorBoardWatcher(Watcher):
    """Writes event files to `tensorboard/` in the training's folder and the last check's pictures to `pictures/`.

    Scalars at every step: the loss and its three terms (unweighted), the samples' soft Dice, the learning rate, the
    seconds; at every check: the held-out Dice and the pictures of `draw_pictures`. What an interrupted run wrote of
    steps that are done again is purged.
    """

    def __init__(self, modalities: Sequence[str] = MODALITIES) -> None:
        self.modalities = tuple(str(modality) for modality in modalities)
        self._writer: SummaryWriter | None = None
        self._stack = ExitStack()

    def begin(self, beginning: Beginning) -> None:
        """See `Watcher`."""
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError as error:
            raise DependencyError(
                "TensorBoard is not installed; install it with: pip install 'braintumorvaeseg[train]'."
            ) from error
        self._title, self._folder = beginning.title, beginning.folder
        self._stack.enter_context(_quiet_writers())
        with self._writing():
            # Everything from this step on is written anew, even what a run left that never saved a checkpoint.
            self._writer = SummaryWriter(str(self._events), purge_step=beginning.done + 1)
            self._writer.add_custom_scalars(_charts())

    def step(self, record: StepRecord) -> None:
        """See `Watcher`."""
        tags = LOSS_TAGS | SAMPLE_TAGS
        if all(record.values[name] == 0 for name in OF_THE_VAE):  # its branch did not run: no value, not 0
            tags = {name: tag for name, tag in tags.items() if name not in OF_THE_VAE}
        scalars = {tag: record.values[name] for name, tag in tags.items()}
        scalars |= {"learning_rate": record.learning_rate, "seconds_per_step": record.seconds}
        self._add(scalars, record.step)

    def check(self, check: Check) -> None:
        """See `Watcher`."""
        self._add({tag: check.dice[key] for key, tag in HELD_OUT_TAGS.items() if key in check.dice}, check.step)
        if not check.samples:
            return
        figures = draw_pictures(check, self._title, self.modalities)
        pictures = {name: figure_pixels(figure) for name, figure in figures.items()}
        with self._writing() as writer:
            for name, pixels in pictures.items():
                writer.add_image(f"pictures/{name}", pixels, check.step, dataformats="HWC")
            writer.flush()
        with outputs(self._folder / PICTURES) as place:
            for name, pixels in pictures.items():
                (place / f"{name}.png").write_bytes(png_bytes(pixels))

    def end(self) -> None:
        """See `Watcher`."""
        with self._stack:
            if self._writer is not None:
                with self._writing() as writer:
                    writer.close()
        self._writer = None

    @property
    def _events(self) -> Path:
        return self._folder / EVENTS

    def _add(self, scalars: dict[str, float], step: int) -> None:
        with self._writing() as writer:
            for tag, value in scalars.items():
                writer.add_scalar(tag, value, step)

    @contextmanager
    def _writing(self) -> Iterator[SummaryWriter]:
        """Raise OutputError where the event file cannot be written, and give it up."""
        try:
            yield self._writer  # type: ignore[misc]
        except OSError as error:
            self._writer = None
            raise output_error(self._events, error) from error


@contextmanager
def _quiet_writers() -> Iterator[None]:
    """Keep TensorBoard's writing thread from printing a traceback: its writer's next call raises the same error."""
    before = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if not (isinstance(args.exc_value, OSError) and type(args.thread).__module__.startswith("tensorboard.")):
            before(args)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = before


def _charts() -> dict[str, dict[str, list[object]]]:
    """Return what TensorBoard's custom scalars show together: the regions' Dice, and each term of the loss alone."""
    return {
        "Dice": {
            "of the samples": ["Multiline", list(SAMPLE_TAGS.values())],
            "held out": ["Multiline", list(HELD_OUT_TAGS.values())],
        },
        "Loss": {tag.removeprefix("loss/"): ["Multiline", [tag]] for tag in LOSS_TAGS.values()},
    }
