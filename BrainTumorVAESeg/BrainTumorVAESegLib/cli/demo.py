"""`braintumorvaeseg demo`: a made case, or a real one, segmented and held against its truth."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..cohort.results import ResultFiles, write_results
from ..cohort.summary import describe_measures, summarize
from .support.dependencies import require
from .support.options import Device, Json, Model, Overwrite, epilog
from .support.results import claimed_results
from .support.running import Runner, read_truth
from .support.screen import Screen, open_screen
from .support.summary import show_files, show_summary

if TYPE_CHECKING:
    from ..core.segmentation import Segmentation
    from ..core.volume import Study

EPILOG = epilog("demo", "demo --out out/demo --device cpu", "demo --case cases/PATIENT-1")


@dataclass(frozen=True)
class _Case:
    """A case to show; truth is on the reference's grid, None where there is none; folder holds its images."""

    study: Study
    truth: Segmentation | None
    folder: Path


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for all that is written.")] = Path(
        "out/demo"
    ),
    case: Annotated[
        Path | None, typer.Option("--case", metavar="FOLDER", help="A real case, in place of the made one.")
    ] = None,
    model: Model = None,
    device: Device = "auto",
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Segment a made brain with a tumor and show what came out.

    Writes the images, the segmentation and a picture, and compares it with the truth. What it made before is replaced;
    results of a real case only with --overwrite.
    """
    require("matplotlib")
    with open_screen(json) as screen:
        from ..cases.naming import case_name
        from ..inference.segmenting import Options

        files = ResultFiles(out, case_name(case) if case else "phantom", montage=True)
        with claimed_results(files, overwrite or case is None):
            screen.step("1/4  find and verify the model package")
            runner = Runner(model, Options(device), screen)
            if case is None:
                screen.step("2/4  make a brain with a tumor: T1, T1ce, T2 and FLAIR")
                shown = _make_phantom(out)
            else:
                screen.step(f"2/4  read {case}")
                shown = _read_case(case)
            _segment_and_show(shown, files, runner, screen)


def _segment_and_show(case: _Case, files: ResultFiles, runner: Runner, screen: Screen) -> None:
    screen.step(f"3/4  segment it by {runner.package.name} {runner.package.version}")
    start = time.perf_counter()
    result = runner.segment(case.study)

    def describe(written: float) -> dict[str, Any]:
        begun = time.perf_counter()
        measured = describe_measures(case.study, result.segmentation)
        now = time.perf_counter()
        timings = {**result.timings, "write": written, "measure": now - begun, "total": now - start}
        summary = summarize(files.name, case.study, result, timings)
        return {**summary, **measured, **_compare(result.segmentation, case.truth), "files": files.names}

    from ..core.labels import LabelConvention

    screen.step("4/4  write the segmentation and a picture")
    title = f"{files.name}, {runner.package.name} {runner.package.version}"
    summary = write_results(files, case.study, result.segmentation, LabelConvention.BRATS2023, title, describe)
    show_summary(screen, summary, result.findings)
    screen.item("images", str(case.folder), style="none")
    show_files(screen, list(files.paths.values()))
    screen.emit(summary)


def _compare(segmentation: Segmentation, truth: Segmentation | None) -> dict[str, Any]:
    """Return the Dice and the true volumes as plain JSON values, None where there is no truth."""
    from ..evaluation.dice import region_dice

    if truth is None:
        return {"dice": None, "true_volumes_ml": None}
    return {"dice": region_dice(segmentation.labels, truth.labels), "true_volumes_ml": truth.volumes_ml()}


def _make_phantom(out: Path) -> _Case:
    """Make the phantom and write its images and truth as a case's folder, as `evaluate` and `segment` read them."""
    from ..phantom.cases import write_phantom
    from ..phantom.phantom import make_phantom

    phantom = make_phantom()
    return _Case(phantom.study, write_phantom(phantom, out / "case"), out / "case")


def _read_case(folder: Path) -> _Case:
    from ..cases.reading import find_segmentation_file, read_case
    from ..core.segmentation import Segmentation

    study = read_case(folder)
    path, geometry = find_segmentation_file(folder), study.reference_volume.geometry
    return _Case(study, None if path is None else Segmentation(read_truth(path, geometry), geometry), folder)
