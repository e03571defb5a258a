"""What is done to clinical scans first, on the command line: its options, its files and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...cohort.prepared import PreparationFiles, study_of
from ...core.choices import Outcome, Register, Shading, Strip
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
ShadingOption = Annotated[
    Shading, typer.Option(metavar="HOW", help="Take coils' shading away: auto (default), off.", **_PANEL)
]
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


def prepare_options(register: Register, strip: Strip, shading: Shading) -> PreparationOptions:
    """Return what was asked for."""
    from ...core.preparation import PreparationOptions

    return PreparationOptions(register, strip, shading)


def with_brain(study: Study, path: Path | None) -> Study:
    """Return the study with the brain mask in a file, where one was given. Raises InputError."""
    if path is None:
        return study
    from ...images.masks import read_mask
    from ...preparation.masking import with_mask

    return with_mask(study, read_mask(path))


def write_grids(
    files: PreparationFiles, maps: MapFiles, folder: Path, result: Result, convention: str
) -> dict[str, Any]:
    """Write the answers on inputs' own grids; return their names for the summary. Raises OutputError."""
    from ...core.labels import LabelConvention
    from ...images.writing import write_label_map, write_probabilities
    from ...inference.regridding import on_grid_of

    if not files.grids:
        return {}
    study = study_of(result)
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
