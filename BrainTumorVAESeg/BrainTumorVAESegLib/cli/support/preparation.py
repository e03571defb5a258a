"""What is done to clinical scans first, on the command line: its options, its files and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...core.choices import Outcome, Register, Strip
from ...core.errors import OutputError
from ...core.modalities import MODALITIES, Modality, recognise_modality
from .screen import Screen

if TYPE_CHECKING:
    from ...core.preparation import PreparationOptions, Prepared
    from ...core.volume import Study
    from ...inference.segmenting import Result
    from .maps import MapFiles

_PANEL: dict[str, Any] = {"rich_help_panel": "Preparation", "show_default": False}
RegisterOption = Annotated[
    Register,
    typer.Option(metavar="HOW", help="Register to the reference: auto (default), affine, off.", **_PANEL),
]
StripOption = Annotated[
    Strip,
    typer.Option(metavar="HOW", help="Remove the skull where there is one: auto (default), synthstrip, off.", **_PANEL),
]
BrainOption = Annotated[
    Path | None, typer.Option("--brain", metavar="FILE", help="A brain mask on the reference's grid.", **_PANEL)
]
N4Option = Annotated[bool, typer.Option("--n4", metavar="", help="Correct shading; may take a tumor for it.", **_PANEL)]
GridsOption = Annotated[
    str | None,
    typer.Option(
        "--grids", metavar="NAME,...", help="Also give the answer on these inputs' own grids: T2,FLAIR or all.",
        rich_help_panel="Results", show_default=False,
    ),
]  # fmt: skip
_COLUMNS = ("Volume", "Registration", "mm", "degrees", "information", "after")
_SAID = {
    Outcome.ALIGNED: "in place already",
    Outcome.REGISTERED: "moved",
    Outcome.KEPT: "nothing fitted better",
}


def parse_grids(text: str | None) -> tuple[Modality, ...]:
    """Return the modalities in a list such as `T2,FLAIR`, or all. Raises typer.BadParameter where one is none."""
    words = [word.strip() for word in (text or "").split(",") if word.strip()]
    if words == ["all"]:
        return MODALITIES
    told = {word: recognise_modality(word) for word in words}
    unknown = [word for word, modality in told.items() if modality is None]
    if unknown:
        raise typer.BadParameter(f"--grids: {unknown[0]!r} is no modality; write T2,FLAIR or all.")
    return tuple(dict.fromkeys(modality for modality in told.values() if modality is not None))


@dataclass(frozen=True)
class PreparationFiles:
    """Where transforms, the brain mask and answers on inputs' own grids go. grids: those that are wanted."""

    folder: Path
    name: str
    reference: Modality | None = None
    grids: Sequence[Modality] = ()

    @property
    def brain(self) -> str:
        """The brain mask's file."""
        return f"{self.name}_brain.nii.gz"

    def transform(self, modality: Modality, reference: Modality) -> str:
        """Return a transform's file."""
        return f"{self.name}_{modality}-to-{reference}.tfm"

    def on_grid(self, what: str, modality: Modality) -> str:
        """Return the file of an answer on an input's grid; what: `seg`, `probabilities`, a map's key."""
        return f"{self.name}_{what}-on-{modality}.nii.gz"

    def check(self, overwrite: bool) -> None:
        """Raise OutputError where a file that may be written exists and must not be replaced."""
        existing = self._existing()
        if existing and not overwrite:
            raise OutputError(f"{existing[0]}: exists already; give --overwrite, or another folder or name.")

    def remove_old(self, told: Mapping[str, Any]) -> None:
        """Remove what an earlier run left and this one, whose summary is given, did not write: it would mislead.

        A brain mask stays: a person may have corrected it.
        """
        written = {self.brain, *told.get("transforms", {}).values()}
        written |= {name for names in told.get("on_grids", {}).values() for name in names}
        for path in self._existing():
            if path.name not in written:
                path.unlink()

    def _existing(self) -> list[Path]:
        names = [self.brain, *(self.on_grid("seg", modality) for modality in self.grids or MODALITIES)]
        names += [self.transform(m, reference) for m in MODALITIES for reference in MODALITIES if m is not reference]
        return [self.folder / name for name in names if (self.folder / name).exists()]


def prepare_options(register: Register, strip: Strip, n4: bool) -> PreparationOptions:
    """Return what was asked for."""
    from ...core.preparation import PreparationOptions

    return PreparationOptions(register, strip, n4)


def with_brain(study: Study, path: Path | None) -> Study:
    """Return the study with the brain mask in a file, where one was given. Raises InputError."""
    if path is None:
        return study
    from ...images.masks import read_mask
    from ...preparation.masking import with_mask

    return with_mask(study, read_mask(path))


def write_prepared(files: PreparationFiles, folder: Path, result: Result) -> dict[str, Any]:
    """Write the transforms and the mask that were made; return what the summary tells of them. Raises OutputError."""
    from ...core.wire import to_wire
    from ...images.masks import write_transform
    from ...images.writing import write_volume
    from ...preparation.masking import brain_of

    study, prepared = _study(result), result.prepared
    told: dict[str, Any] = {"preparation": to_wire(prepared)}
    written: dict[str, str] = {}
    for modality, transform in study.transforms.items():
        written[modality.value] = files.transform(modality, study.reference)
        write_transform(transform, folder / written[modality.value])
    if written:
        told["transforms"] = written
    if study.brain is not None:
        from dataclasses import replace

        reference = study.reference_volume
        write_volume(replace(reference, array=brain_of(study).view("uint8")), folder / files.brain)
        told["brain_mask"] = files.brain
    return told


def write_grids(
    files: PreparationFiles, maps: MapFiles, folder: Path, result: Result, convention: str
) -> dict[str, Any]:
    """Write the answers on inputs' own grids; return their names for the summary. Raises OutputError."""
    from ...core.labels import LabelConvention
    from ...images.writing import write_label_map, write_probabilities
    from ...inference.regridding import on_grid_of

    if not files.grids:
        return {}
    study = _study(result)
    told: dict[str, list[str]] = {}
    for modality in (each for each in files.grids if each in study.volumes):
        native = on_grid_of(result, modality)
        names = [files.on_grid("seg", modality)]
        write_label_map(native.segmentation, folder / names[0], LabelConvention(convention))
        if native.segmentation.probabilities is not None:
            names.append(files.on_grid("probabilities", modality))
            write_probabilities(native.segmentation, folder / names[-1])
        names += _write_maps(files, maps, folder, native, modality)
        told[modality.value] = names
    return {"on_grids": told}


def _write_maps(files: PreparationFiles, maps: MapFiles, folder: Path, native: Result, modality: Modality) -> list[str]:
    """Write the maps that are wanted on an input's grid; return the files' names."""
    if not maps.wanted:
        return []
    from dataclasses import replace

    from ...images.writing import write_volume
    from ...trust.explaining import Explanation

    names = []
    for each in Explanation(native).maps(maps.wanted):
        names.append(files.on_grid(each.kind.key, modality))
        write_volume(replace(each.volume, geometry=native.segmentation.geometry), folder / names[-1])
    return names


def show_prepared(screen: Screen, prepared: Prepared, told: Mapping[str, Any]) -> None:
    """Print the registration's table, who made the brain mask, and the files of both."""
    if prepared.alignments:
        rows = [
            (
                str(modality), _SAID[each.outcome], f"{each.moved_mm:.1f}", f"{each.turned_degrees:.1f}",
                f"{each.before:.3f}", f"{each.after:.3f}",
            )
            for modality, each in prepared.alignments.items()
        ]  # fmt: skip
        screen.table(_COLUMNS, rows, numbers=4)
    if prepared.mask:
        screen.item("brain", f"mask by {prepared.mask}, {prepared.brain_ml:.0f} ml")
    names = [*told.get("transforms", {}).values(), *([told["brain_mask"]] if "brain_mask" in told else [])]
    names += [name for files in told.get("on_grids", {}).values() for name in files]
    if names:
        screen.item("also", ", ".join(names))


def _study(result: Result) -> Study:
    if result.study is None:
        raise AssertionError("a segmentation's result has its study")
    return result.study
