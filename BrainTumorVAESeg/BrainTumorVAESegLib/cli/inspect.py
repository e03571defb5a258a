"""`braintumorvaeseg inspect`: maps of a result that was stored before."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..cohort.summary import describe_images
from ..core.disk.files import outputs, write_json
from ..core.errors import InputError, PackageError
from ..core.modalities import Modality
from .support.dependencies import require
from .support.maps import MapFiles, parse_maps, show_maps, write_maps
from .support.options import COMPUTING, FLAG, Device, Json, Memory, Overwrite, Precision, PrecisionOption, epilog
from .support.running import Runner
from .support.screen import Screen, open_screen

if TYPE_CHECKING:
    from ..core.volume import Study

EPILOG = epilog(
    "inspect results/PATIENT-1.json cases/PATIENT-1",
    "inspect results/PATIENT-1.json cases/PATIENT-1 --maps attention --out maps",
)
_RESULTS: dict[str, Any] = {"rich_help_panel": "Results", "show_default": False}


def inspect(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="The NAME.json that segment wrote.")],
    case_folder: Annotated[
        Path | None, typer.Argument(metavar="CASE_FOLDER", help="Where its images lie (beside RESULT).")
    ] = None,
    maps: Annotated[
        str | None, typer.Option("--maps", metavar="KIND,...", help="Kinds of maps, see above (all).", **_RESULTS)
    ] = None,
    no_figure: Annotated[bool, typer.Option("--no-figure", help="Write no figure of them.", **FLAG)] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the maps (RESULT's).", **_RESULTS)
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", metavar="NAME", help="The model of then, where it moved.", **COMPUTING),
    ] = None,
    overwrite: Overwrite = False,
    device: Device = "auto",
    memory: Memory = None,
    precision: PrecisionOption = Precision.AUTO,
    json: Json = False,
) -> None:
    """Look into a stored result: what both stages saw, and where the mask is in doubt.

    Kinds: probability (of WT, TC, ET), uncertainty, stage1 (its answer), change (what stage 2 won and lost), attention
    (the gates of stage 2), reconstruction and residual (each sequence as the VAE gives it back, and what that misses).
    The same model sees the same images once more. Writes NAME_KIND.nii.gz, NAME_maps.png and NAME_maps.json.
    """
    stored = _read_result(result)
    name = str(stored["name"])
    files = MapFiles(out or result.parent, name, parse_maps(maps or "all"), figure=not no_figure)
    files.check(overwrite)
    if files.figure:
        require("matplotlib")
    with open_screen(json) as screen:
        from ..inference.segmenting import Options

        options = Options(device, precision.value, memory, force=True, keep_evidence=True)
        runner = Runner(model or stored["package"]["name"], options, screen)
        if runner.package.sha256 != stored["package"]["sha256"]:
            raise PackageError(
                f"{result}: was made by another {runner.package.name} ({stored['package']['version']}) than the one"
                f" installed ({runner.package.version}); give the model of then by --model."
            )
        told = _write(files, _read_study(result, stored, case_folder, runner), runner, screen)
        show_maps(screen, told)
        screen.emit(told)


def _write(files: MapFiles, study: Study, runner: Runner, screen: Screen) -> dict[str, Any]:
    """Write the maps, the figure and what is told of them, all or none."""
    segmented = runner.segment(study)
    with outputs(files.folder) as folder:
        told = {"name": files.name, **write_maps(files, folder, study, segmented, screen)}
        write_json(folder / f"{files.name}_maps.json", told)
    return told


def _read_result(path: Path) -> dict[str, Any]:
    """Read a summary of `segment`. Raises InputError where it is none."""
    try:
        values = json_.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: cannot be read as a result ({error}); give the NAME.json of segment.") from error
    package = values.get("package") if isinstance(values, dict) else None
    whole = isinstance(package, dict) and {"name", "version", "sha256"} <= set(package)
    if not whole or not isinstance(values.get("images"), dict) or not isinstance(values.get("name"), str):
        raise InputError(f"{path}: is no result of segment; give the NAME.json that it wrote.")
    return values


def _read_study(result: Path, stored: dict[str, Any], folder: Path | None, runner: Runner) -> Study:
    """Read the images that a result was made from, by their names in a folder. Raises InputError where they differ."""
    from ..cases.reading import read_study
    from ..images.imagefile import ImageFile

    files = {}
    for name, told in stored["images"].items():
        told = told if isinstance(told, dict) else {"file": told}
        path = (folder or result.parent) / Path(str(told.get("file"))).name
        if not path.is_file():
            raise InputError(f"{path}: the image that {result.name} was made from is not there; name its folder.")
        files[Modality(name)] = ImageFile(path, told.get("frame"))
    for name, told in describe_images(files).items():
        if stored["images"][name] != told:
            raise InputError(f"{folder}: {told['file']} is not the image that {result.name} was made from.")
    optional = [Modality(name) for name in runner.package.settings.optional]
    return read_study(files, Modality(stored.get("reference", Modality.T1CE)), str(stored["name"]), optional)
