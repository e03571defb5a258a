"""`braintumorvaeseg inspect`: maps of a result that was stored before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.disk.files import outputs, write_json
from ..core.errors import PackageError
from ..core.rounding import as_written
from .support.dependencies import require
from .support.further import Further, run_further, show_further
from .support.maps import MapFiles, parse_maps, show_maps, write_maps
from .support.options import (
    COMPUTING,
    FLAG,
    Device,
    ImagesFolder,
    Json,
    Memory,
    Overwrite,
    Precision,
    PrecisionOption,
    StoredResult,
    epilog,
)
from .support.running import Runner
from .support.screen import Screen, open_screen
from .support.stored import find_result, read_result, read_stored_study, stored_options
from .support.summary import show_files

if TYPE_CHECKING:
    from ..core.volume import Study

EPILOG = epilog(
    "inspect results/PATIENT-1.json cases/PATIENT-1",
    "inspect results/PATIENT-1.json cases/PATIENT-1 --maps attention --out maps",
    "inspect results/PATIENT-1.json cases/PATIENT-1 --maps information --flips 4 --contributions --out more",
)
_RESULTS: dict[str, Any] = {"rich_help_panel": "Results", "show_default": False}


def inspect(
    result: StoredResult,
    case_folder: ImagesFolder = None,
    maps: Annotated[
        str | None, typer.Option("--maps", metavar="KIND,...", help="Kinds of maps, see above (all).", **_RESULTS)
    ] = None,
    contributions: Annotated[
        bool,
        typer.Option("--contributions", help="Tell what each sequence contributed: up to 8 more runs.", **FLAG),
    ] = False,
    flips: Annotated[
        int | None,
        typer.Option("--flips", metavar="N", min=2, max=8, help="Answer N mirrorings: N - 1 more runs.", **_RESULTS),
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
    (the gates of stage 2), reconstruction and residual (each sequence as the VAE gives it back, and what that misses),
    information (where mirrored images are answered otherwise, with --flips).
    The same model sees the same images once more. Writes NAME_KIND.nii.gz, NAME_maps.png and NAME_maps.json.
    """
    result = find_result(result)
    stored = read_result(result)
    name = str(stored["name"])
    files = MapFiles(out or result.parent, name, parse_maps(maps or "all"), figure=not no_figure, apart=True)
    files.check(overwrite)
    if files.figure:
        require("matplotlib")
    with open_screen(json) as screen:
        from ..inference.segmenting import Options

        options = Options(
            device, precision.value, memory, force=True, keep_evidence=True, preparation=stored_options(result, stored)
        )
        runner = Runner(model or stored["package"]["name"], options, screen)
        if runner.package.sha256 != stored["package"]["sha256"]:
            raise PackageError(
                f"{result}: was made by another {runner.package.name} ({stored['package']['version']}) than the one"
                f" installed ({runner.package.version}); give the model of then by --model."
            )
        optional = runner.package.settings.may_lack
        study, _ = read_stored_study(result, stored, case_folder, optional)
        told = _write(files, study, runner, screen, Further(contributions, flips))
        show_maps(screen, told)
        show_further(screen, told)
        show_files(screen, files.others)
        screen.emit(told)


def _write(files: MapFiles, study: Study, runner: Runner, screen: Screen, further: Further) -> dict[str, Any]:
    """Write the maps, the figure and what is told of them, all or none."""
    segmented = runner.segment(study)
    flipped, more = run_further(further, segmented, runner, screen)
    with outputs(files.folder) as folder:
        maps = write_maps(files, folder, study, segmented, screen, flipped)
        told = as_written({"name": files.name, **maps, **more})
        write_json(folder / files.summary_path.name, told)
    return told
