"""`braintumorvaeseg segment`: one case, from four images to a segmentation in files."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..cohort.prepared import PreparationFiles, write_prepared
from ..cohort.results import ResultFiles
from ..core.choices import Register, Shading, Strip
from ..core.modalities import Modality
from ..reporting.report.language import Language
from .support.dependencies import require
from .support.dicom_out import DicomFiles
from .support.given import (
    DicomCase,
    GivenCase,
    choose_dicom,
    describe_given,
    patient_of,
    read_given,
    series_of,
    show_given,
)
from .support.inputs import choose_files, parse_frames
from .support.maps import MapFiles, parse_maps, show_maps, write_maps
from .support.options import (
    FLAG,
    Device,
    EngineName,
    EngineOption,
    Identify,
    Json,
    Memory,
    Model,
    Numbering,
    Pdf,
    Precision,
    PrecisionOption,
    ReportLanguage,
    epilog,
)
from .support.page import Page, check_case, check_page, tell_old_report
from .support.preparation import (
    BrainOption,
    GridsOption,
    RegisterOption,
    ShadingOption,
    StripOption,
    parse_grids,
    prepare_options,
    show_prepared,
    with_brain,
    write_grids,
)
from .support.results import claimed_results
from .support.running import Runner
from .support.screen import Screen, open_screen
from .support.summary import show_files, show_summary
from .support.trust import show_trust, stop_on_verdict

if TYPE_CHECKING:
    from ..core.volume import Study
    from ..inference.segmenting import Result
    from ..trust.checking import Trust

EPILOG = epilog(
    "segment cases/PATIENT-1 --out results",
    "segment cases/PATIENT-1 --out results --memory 4G --json",
    "segment cases/PATIENT-1 --out results --maps uncertainty,residual",
    "segment cases/PATIENT-1 --out results --report --pdf",
    "segment --t1 a.nii.gz --t1ce b.nii.gz --t2 c.nii.gz --flair d.nii.gz --out results",
    "segment --dicom path/to/study --t1 3 --out results",
    "segment scans/PATIENT-1 --brain mask.nii.gz --register off --grids T2 --out results",
    "segment --dicom path/to/study --out results --dicom-out to-pacs",
)
_IMAGES: dict[str, Any] = {"rich_help_panel": "Images", "show_default": False}
_FILE: dict[str, Any] = {"metavar": "FILE", **_IMAGES}
_RESULTS: dict[str, Any] = {"rich_help_panel": "Results", "show_default": False}
_EXTRA: dict[str, Any] = {**FLAG, **_RESULTS}


def segment(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the results.")],
    case_folder: Annotated[
        Path | None,
        typer.Argument(metavar="CASE", help="Folder with the four images, told by their names, or a file of four."),
    ] = None,
    t1: Annotated[list[Path] | None, typer.Option("--t1", help="T1 without contrast.", **_FILE)] = None,
    t1ce: Annotated[list[Path] | None, typer.Option("--t1ce", help="T1 with contrast.", **_FILE)] = None,
    t2: Annotated[list[Path] | None, typer.Option("--t2", help="T2.", **_FILE)] = None,
    flair: Annotated[list[Path] | None, typer.Option("--flair", help="FLAIR.", **_FILE)] = None,
    dicom: Annotated[
        Path | None,
        typer.Option(
            "--dicom", metavar="FOLDER", help="One study's DICOM files; --t1 and so on name series.", **_IMAGES
        ),
    ] = None,
    frames: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Order of one file's frames: FLAIR,T1,T1ce,T2 (dataset.json).", **_IMAGES),
    ] = None,
    reference: Annotated[
        Modality | None,
        typer.Option(metavar="NAME", help="Image whose grid the result has (T1ce).", case_sensitive=False, **_IMAGES),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="How the results' names begin (as the case).", **_RESULTS)
    ] = None,
    labels: Annotated[
        Numbering,
        typer.Option(
            metavar="STYLE",
            help="Label values: brats2023, brats2024, brats2021, msd.",
            case_sensitive=False,
            **_RESULTS,
        ),
    ] = Numbering.BRATS2023,
    probabilities: Annotated[bool, typer.Option("--probabilities", help="Also write probabilities.", **_EXTRA)] = False,
    montage: Annotated[bool, typer.Option("--montage", help="Also write a picture of slices.", **_EXTRA)] = False,
    maps: Annotated[
        str | None, typer.Option("--maps", metavar="KIND,...", help="Also write maps; kinds: see inspect.", **_RESULTS)
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also write all maps, and a figure of them.", **_EXTRA)
    ] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Also write a report: one page.", **{**_EXTRA, "rich_help_panel": "Report"})
    ] = False,
    pdf: Pdf = False,
    language: ReportLanguage = Language.EN,
    identify: Identify = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 4 where the input check finds anything unusual.", **_EXTRA)
    ] = False,
    grids: GridsOption = None,
    register: RegisterOption = Register.AUTO,
    strip: StripOption = Strip.AUTO,
    brain: BrainOption = None,
    shading: ShadingOption = Shading.AUTO,
    dicom_out: Annotated[
        Path | None,
        typer.Option("--dicom-out", metavar="FOLDER", help="Also write DICOM SEG and SR, to a folder.", **_RESULTS),
    ] = None,
    dicom_reference: Annotated[
        Path | None,
        typer.Option(
            "--dicom-reference",
            metavar="FOLDER",
            help="DICOM series that images of other formats came from.",
            **_RESULTS,
        ),
    ] = None,
    dicom_labelmap: Annotated[
        bool, typer.Option("--dicom-labelmap", help="Write the labels' SEG as LABELMAP.", **_EXTRA)
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace results that exist.", **_EXTRA)] = False,
    model: Model = None,
    device: Device = "auto",
    memory: Memory = None,
    precision: PrecisionOption = Precision.AUTO,
    engine: EngineOption = EngineName.TORCH,
    force: Annotated[
        bool, typer.Option("--force", help="Go on in spite of errors that the check found.", **FLAG)
    ] = False,
    json: Json = False,
) -> None:
    """Segment one case: four images in, a segmentation out.

    Volumes that do not lie in place are registered to the reference, and a skull is removed (HD-BET: extra brain).
    A model whose card says so goes on where some of the four are missing, with a less sure answer.
    Writes NAME_seg.nii.gz (label map on the reference's grid), NAME.seg.nrrd (for 3D Slicer) and NAME.json (summary);
    with --report also NAME_report.html, which tells no names unless --identify is given.
    """
    given = {Modality.T1: t1 or [], Modality.T1CE: t1ce or [], Modality.T2: t2 or [], Modality.FLAIR: flair or []}
    case: GivenCase
    if dicom is not None:
        case = choose_dicom(dicom, case_folder, given, name, frames, lambda: _may_lack(model))
    else:
        case = choose_files(case_folder, given, name, lambda: _may_lack(model), parse_frames(frames) if frames else ())
    files = ResultFiles(out, case.name, probabilities, montage, report, report and pdf)
    page = Page(language, identify)
    check_page(files, page, pdf)
    map_files = MapFiles(out, case.name, parse_maps("all" if explain else maps), figure=explain)
    map_files.check(overwrite)
    made = PreparationFiles(out, case.name, reference, parse_grids(grids))
    dicom_files = DicomFiles(dicom_out, case.name, dicom_reference, dicom_labelmap, overwrite)
    dicom_files.check(of_series=isinstance(case, DicomCase))
    if montage or explain:
        require("matplotlib")
    with claimed_results(files, overwrite), dicom_files.claimed(), open_screen(json) as screen:
        made.check(overwrite)
        from ..inference.segmenting import Options

        options = Options(
            device,
            precision.value,
            memory,
            force,
            probabilities,
            True,
            prepare_options(register, strip, shading),
            engine.value,
        )
        runner = Runner(model, options, screen)
        wanted = _Wanted(files, map_files, dicom_files, labels, page, made)
        summary = _segment_case(case, reference, brain, runner, wanted, screen)
    if strict:
        stop_on_verdict(summary)


@dataclass(frozen=True)
class _Wanted:
    """What is to be written, and how."""

    files: ResultFiles
    maps: MapFiles
    dicom: DicomFiles
    labels: Numbering
    page: Page
    prepared: PreparationFiles


def _segment_case(
    case: GivenCase,
    reference: Modality | None,
    brain: Path | None,
    runner: Runner,
    wanted: _Wanted,
    screen: Screen,
) -> dict[str, Any]:
    """Read, segment, write and show one case."""
    show_given(screen, case)
    from ..cohort.processing import CaseInput, process
    from ..core.labels import LabelConvention

    files, page = wanted.files, wanted.page
    start = time.perf_counter()
    study = with_brain(read_given(case, reference, runner.package.settings.may_lack), brain)
    source = wanted.dicom.open_source(study, series_of(case))
    check_case(files, study)
    given = CaseInput(case.name, study, describe_given(case), time.perf_counter() - start)
    convention = LabelConvention(wanted.labels.value)
    patient = patient_of(case, study.reference) if page.identify else None
    judged: list[Trust] = []

    def judge(result: Result) -> Trust:
        from ..trust.checking import check_trust

        judged.append(check_trust(result))
        return judged[-1]

    with wanted.dicom.staged() as place:

        def write_more(folder: Path, study: Study, result: Result) -> dict[str, Any]:
            maps = write_maps(wanted.maps, folder, study, result, screen) if wanted.maps else {}
            made = write_prepared(wanted.prepared, folder, result)
            made |= write_grids(wanted.prepared, wanted.maps, folder, result, wanted.labels.value)
            return {**maps, **made, **wanted.dicom.write(place, source, study, result, judged[-1].intervals_ml, screen)}

        processed = process(given, runner.segment, files, convention, write_more, page.options, patient, judge)
    summary, result = processed.summary, processed.result
    show_trust(screen, summary)
    show_summary(screen, summary, result.findings)
    show_prepared(screen, result.prepared, summary)
    if wanted.maps:
        show_maps(screen, summary)
    show_files(screen, [*files.paths.values(), *wanted.maps.others, *wanted.dicom.show(screen, summary)])
    tell_old_report(files, screen)
    wanted.prepared.remove_old(summary)
    screen.emit(summary)
    return summary


def _may_lack(model: str | None) -> tuple[Modality, ...]:
    """Return the modalities that a model can do without."""
    from ..models.library import find_package

    return find_package(model, verify=False).settings.may_lack
