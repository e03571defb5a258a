"""`braintumorvaeseg models`: the model packages on this machine."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..core.disk.claims import claim
from ..core.errors import PackageError
from .calibrate import EPILOG as CALIBRATE_EPILOG
from .calibrate import calibrate
from .support.options import FLAG, Json, epilog
from .support.packages import is_whole, package_facts
from .support.results import check_folder
from .support.screen import open_screen

if TYPE_CHECKING:
    from ..models.library import BrokenPackage
    from ..models.package import ModelPackage

app = typer.Typer(
    help="List, show, verify, install, remove, import and export models.",
    rich_markup_mode="rich",
    epilog=epilog("models list", "models show NAME", "models install ~/Downloads/model.zip", "models verify"),
)
app.command("calibrate", epilog=CALIBRATE_EPILOG)(calibrate)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name from models list.")]
Replace = Annotated[bool, typer.Option("--replace", help="Replace a package or bundle that is there already.", **FLAG)]


class Format(StrEnum):
    """What a package can be written as."""

    BUNDLE = "bundle"
    ONNX = "onnx"


@app.command("list", epilog=epilog("models list", "models list --json"))
def list_all(json: Json = False) -> None:
    """List the packages, every file's hash checked."""
    from ..models.library import list_packages

    with open_screen(json) as screen:
        packages = list_packages()
        screen.emit([package_facts(package) for package in packages])
        if not packages:
            screen.line("No model package is here; models install PATH brings one.")
            return
        screen.table(("Name", "Version", "Preset", "Origin", "MB"), [_row(package) for package in packages], numbers=1)
        for package in packages:
            if not is_whole(package):
                screen.item("damaged", package.error, "bold red")  # type: ignore[union-attr]


@app.command(epilog=epilog("models show NAME", "models show path/to/package --json"))
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name from models list, or a folder.")], json: Json = False
) -> None:
    """Show what a package is and its model card."""
    from ..models.library import find_package

    with open_screen(json) as screen:
        package = find_package(name, verify=False)
        facts = package_facts(package)
        for key in ("name", "version", "preset", "origin", "folder", "sha256"):
            screen.item(key, str(facts[key]))
        screen.item("domain", package.domain.text)
        screen.line()
        screen.markdown(package.card)
        screen.emit({**facts, "domain": package.domain.text, "training": dict(package.training), "card": package.card})


@app.command(epilog=epilog("models verify", "models verify NAME"))
def verify(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Name or folder; all where none is given.")] = None,
    json: Json = False,
) -> None:
    """Check every file and tensor of one package, or of all."""
    from ..models.library import find_package, list_packages

    with open_screen(json) as screen:
        names = [name] if name else [str(package.folder) for package in list_packages()]
        answers: dict[str, str] = {}
        for each in names:
            label = name or Path(each).name
            try:
                find_package(each)
                answers[label] = ""
                screen.item("ok", label, "bold green")
            except PackageError as error:
                answers[label] = str(error)
                screen.item("fail", str(error), "bold red")
        screen.emit([{"name": key, "ok": not error, "error": error} for key, error in answers.items()])
        bad = [key for key, error in answers.items() if error]
        if bad:
            raise PackageError(f"{len(bad)} of {len(answers)} packages cannot be used: {', '.join(bad)}.")
        if not answers:
            screen.line("No model package is here; models install PATH brings one.")


@app.command(epilog=epilog("models install ~/Downloads/model.zip", "models install runs/mine/package --replace"))
def install(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A package's folder or zip file.")],
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Verify a package and install it for this user."""
    from ..models.library import install_package

    with open_screen(json) as screen:
        package = install_package(path, replace)
        screen.line(f"installed {package.name} {package.version} in {package.folder}")
        screen.emit(package_facts(package))


@app.command(epilog=epilog("models remove NAME"))
def remove(name: Name, json: Json = False) -> None:
    """Remove an installed package; one that ships stays."""
    from ..models.library import remove_package

    with open_screen(json) as screen:
        remove_package(name)
        screen.line(f"removed {name}")
        screen.emit({"removed": name})


@app.command(
    "import",
    epilog=epilog(
        "models import stage1.pth --stage2 stage2.pth --name public",
        "models import brats_mri_segmentation.zip --name zoo",
        "models import segresnet.pt --modalities FLAIR,T1,T1ce,T2 --channels TC,WT,ET --name mine --out mine",
    ),
)
def import_(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", help="A checkpoint of the public two-stage code or of a SegResNet, or a MONAI Bundle."
        ),
    ],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Name of the package.", show_default=False)],
    stage2: Annotated[
        Path | None, typer.Option("--stage2", metavar="PATH", help="The second stage's checkpoint.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Write it there; else it is installed.", show_default=False),
    ] = None,
    modalities: Annotated[
        str | None,
        typer.Option("--modalities", metavar="LIST", help="What a SegResNet reads, in order.", show_default=False),
    ] = None,
    channels: Annotated[
        str | None,
        typer.Option("--channels", metavar="LIST", help="What a SegResNet answers, in order.", show_default=False),
    ] = None,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Make a package from other programs' weights; what they are is told by the file."""
    from ..exchange.importing import import_model, install_imported

    choices = {"modalities": _listed(modalities), "channels": _listed(channels), "replace": replace}
    with open_screen(json) as screen:
        if out is None:
            imported = install_imported(name, path, stage2, **choices)  # type: ignore[arg-type]
        else:
            with claim(out.absolute().parent, out.name):
                imported = import_model(out, name, path, stage2, **choices)  # type: ignore[arg-type]
        screen.line(f"imported {imported.kind} as {name} in {imported.package.folder}")
        for note in imported.notes:
            screen.item("note", note)
        screen.emit({**package_facts(imported.package), "kind": imported.kind.value, "notes": list(imported.notes)})


@app.command(
    epilog=epilog(
        "models export NAME --format bundle --out bundles/NAME", "models export NAME --format onnx --out onnx"
    )
)
def export(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name from models list, or a folder.")],
    format: Annotated[Format, typer.Option("--format", metavar="FORMAT", help="bundle or onnx.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where to write.", show_default=False)],
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Write a package as a MONAI Bundle or as ONNX, compared with this library before it appears."""
    from ..models.library import find_package

    check_folder(out)
    with claim(out.absolute().parent, out.name), open_screen(json) as screen:
        package = find_package(name)
        if format is Format.BUNDLE:
            from ..exchange.bundle_export import export_bundle

            bundle = export_bundle(package, out, replace)
            differences = {} if bundle.difference is None else {"models/model.ts": bundle.difference}
        else:
            from ..exchange.onnx_export import export_onnx

            differences = {file.path.name: file.difference for file in export_onnx(package, out, replace)}
        screen.line(f"exported {package.name} {package.version} to {out}")
        for file, difference in differences.items():
            screen.item(file, f"probabilities within {difference:.1e} of this library's", width=16)
        screen.emit({"folder": str(out), "format": format.value, "largest_difference": differences})


@app.command(epilog=epilog("models optimize standard", "models optimize standard --int8 --calibrate data/some"))
def optimize(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name from models list, or a folder.")],
    int8: Annotated[
        bool, typer.Option("--int8", help="Networks of 8 bits, for --engine openvino-int8.", **FLAG)
    ] = False,
    calibrate: Annotated[
        Path | None,
        typer.Option(
            "--calibrate", metavar="FOLDER", help="A case, or some, for the 8 bits (made ones).", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Convert a package's networks for --engine openvino, and hold them against torch's on a made case.

    What is made lies beside the installed packages; the package stays as it is. It computes in fp32, as
    exactly as torch does, unless 8 bits are asked for; those change labels, and every result says so.
    """
    if calibrate is not None and not int8:
        raise typer.BadParameter("--calibrate goes with --int8; fp32 needs no cases.")
    from .support.calibration import list_studies

    studies = list_studies(calibrate) if calibrate is not None else []
    with open_screen(json) as screen:
        from ..inference.optimized.optimizing import optimize as convert
        from ..inference.optimized.storage import folder_of
        from ..models.library import find_package

        package = find_package(name)
        with screen.progress() as report:
            made = convert(package, int8, studies, report)
        screen.line(f"converted {package.name} {package.version} for --engine {made.kind}")
        for region, dice in made.dice.items():
            screen.item(region, f"Dice {dice:.4f} to torch's labels on a made case", width=16)
        screen.item("probability", f"at most {made.difference:.1e} from torch's", width=16)
        screen.emit(
            {
                "name": package.name,
                "engine": made.kind,
                "folder": str(folder_of(package, made.kind)),
                "openvino": made.openvino,
                "dice": dict(made.dice),
                "largest_difference": made.difference,
                "calibrated_on": made.calibrated_on,
            }
        )


def _listed(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(part.strip() for part in text.split(","))


def _row(package: ModelPackage | BrokenPackage) -> tuple[str, ...]:
    facts = package_facts(package)
    if not facts["ok"]:
        return facts["name"], "", "damaged", facts["origin"], ""
    return facts["name"], facts["version"], facts["preset"], facts["origin"], f"{facts['bytes'] / 1e6:.1f}"
