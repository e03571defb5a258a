"""What the commands of `latent` share: the files of decoded images, their writing, and a case's reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ...cohort.summary import describe_package
from ...core.disk.files import outputs, write_json
from ...core.modalities import Modality
from .dependencies import require
from .inputs import choose_files
from .screen import Screen

if TYPE_CHECKING:
    import numpy as np

    from ...core.geometry import Geometry
    from ...core.volume import Volume
    from ...reporting.latent import Strip
    from ...trust.latent.space import Coded, LatentSpace

_STEPS = 1024
"""To which a decoded image's values are rounded in a file: no eye sees it, and the file takes a third of the room."""


@dataclass(frozen=True)
class DecodedFiles:
    """Where decoded images go: a volume for each key and sequence, a figure where it is wanted, and what is told."""

    folder: Path
    stem: str
    keys: Sequence[str]
    sequences: Sequence[Modality]
    figure: bool = True

    @property
    def figure_name(self) -> str:
        """The figure's name."""
        return f"{self.stem}_latent.png"

    @property
    def summary_name(self) -> str:
        """The summary's name."""
        return f"{self.stem}_latent.json"

    def volume(self, key: str, modality: Modality) -> str:
        """Return a volume's name."""
        return f"{key}_{modality.value}.nii.gz"

    @property
    def names(self) -> list[str]:
        """All names, the summary's first."""
        volumes = [self.volume(key, modality) for key in self.keys for modality in self.sequences]
        return [self.summary_name, *([self.figure_name] if self.figure else []), *volumes]


@dataclass(frozen=True)
class Drawing:
    """The figure of decoded images; see `reporting.latent.draw_strips`."""

    title: str
    strips: Sequence[Strip]
    note: str = ""
    group: int = 0


def open_space(model: str | None, figure: bool) -> LatentSpace:
    """Return a package's latent space. Raises PackageError, DependencyError where a figure cannot be drawn."""
    from ...models.library import find_package
    from ...trust.latent.space import LatentSpace

    if figure:
        require("matplotlib")
    return LatentSpace(find_package(model))


def choose_sequences(wanted: Sequence[Modality] | None, known: Sequence[Modality] = tuple(Modality)) -> list[Modality]:
    """Return the sequences that are wanted, in the project's order; all that are known where none is named."""
    return [modality for modality in known if not wanted or modality in wanted]


def code_case(space: LatentSpace, folder: Path, screen: Screen) -> Coded:
    """Read a case and return its code. Raises InputError or CheckError where it cannot be read."""
    from ...cases.reading import read_study

    optional = space.package.settings.may_lack
    case = choose_files(folder, {}, optional=lambda: optional)
    screen.step(f"encode {case.name}")
    return space.encode(read_study(case.files, name=case.name, optional=optional), optional)


def as_volumes(
    files: DecodedFiles, space: LatentSpace, images: np.ndarray, geometry: Geometry | None = None
) -> dict[str, Volume]:
    """Return images (keys, 4, z, y, x) as volumes by the names of their files; the middle at 0 mm without a grid."""
    from ...core.volume import Volume

    grid = geometry or space.geometry
    return {
        files.volume(key, modality): Volume(images[number, space.modalities.index(modality)], grid)
        for number, key in enumerate(files.keys)
        for modality in files.sequences
    }


def write_decoded(
    files: DecodedFiles, space: LatentSpace, volumes: Mapping[str, Volume], drawing: Drawing, told: Mapping[str, Any],
    screen: Screen,
) -> None:  # fmt: skip
    """Write the volumes, the figure and the summary, all or none, and say so. Raises OutputError."""
    from ...images.writing import write_volume

    values: dict[str, Any] = {"package": describe_package(space.package), **told, "volumes": list(volumes)}
    with outputs(files.folder) as folder:
        screen.step("write")
        for name, volume in volumes.items():
            write_volume(_rounded(volume), folder / name)
        if files.figure:
            from ...reporting.latent import write_strips

            write_strips(folder / files.figure_name, drawing.title, drawing.strips, drawing.note, drawing.group)
            values["figure"] = files.figure_name
        write_json(folder / files.summary_name, values)
    shown = files.figure_name if files.figure else files.summary_name
    screen.item("written", f"{len(volumes)} volumes and {files.folder / shown}")
    screen.emit(values)


def _rounded(volume: Volume) -> Volume:
    import numpy as np

    return replace(volume, array=np.round(volume.array * _STEPS) / np.float32(_STEPS))


def require_axes(axes: Sequence[int], size: int) -> None:
    """Raise typer.BadParameter where an axis is none of a space of this size."""
    for axis in axes:
        if not 0 <= axis < size:
            raise typer.BadParameter(f"--axis {axis} is none of this model's; choose 0 to {size - 1}.")
