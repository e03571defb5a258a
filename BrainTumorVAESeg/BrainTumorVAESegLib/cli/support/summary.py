"""What a result says of itself: as plain JSON values for machines, and on the screen for people."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import __version__
from ...core.disk.guarded import UnreadableError, cause_of, open_regular
from ...core.errors import InputError
from ...core.findings import Finding, Severity, group_findings
from ...core.modalities import Modality
from ...core.text import printable
from .screen import Screen

if TYPE_CHECKING:
    from ...core.segmentation import Segmentation
    from ...core.volume import Study
    from ...images.imagefile import ImageSource
    from ...inference.segmenting import Result
    from ...models.package import ModelPackage

DISCLAIMER = "Research use only, not a medical device; made for pre-operative glioma."
NO_TUMOR = "No tumor was found: the segmentation is empty."
_STYLES = {Severity.NOTE: "bold", Severity.WARNING: "bold yellow", Severity.ERROR: "bold red"}


def summarize(name: str, study: Study, result: Result, timings: Mapping[str, float]) -> dict[str, Any]:
    """Return a result as plain JSON values: seconds, boxes (z, y, x) of the prepared grid."""
    geometry = result.segmentation.geometry
    return {
        "name": name,
        "empty": result.segmentation.is_empty,
        "tumor_found": result.tumor_found,
        "findings": [finding.as_dict() for finding in result.findings],
        "notes": list(result.notes),
        "device": result.device,
        "package": describe_package(result.package),
        "regions": [{"start": list(box.start), "size": list(box.size)} for box in result.regions],
        "timings_s": {step: round(seconds, 3) for step, seconds in timings.items()},
        "images": {modality.value: {"file": Path(study[modality].source).name} for modality in study},
        "reference": study.reference.value,
        "grid": {"size": list(geometry.size), "spacing_mm": list(geometry.spacing), "axes": geometry.axis_codes},
        "versions": versions(),
        "use": DISCLAIMER,
    }


def describe_measures(study: Study, segmentation: Segmentation) -> dict[str, Any]:
    """Return a segmentation's measures as plain JSON values (see `measures.results.Measures`), volumes apart."""
    from ...core.wire import to_wire
    from ...measures.measuring import measure
    from ...preparation.masking import brain_of

    measures = to_wire(measure(segmentation, brain_of(study)))
    return {"volumes_ml": measures.pop("volumes_ml"), "measures": measures}


def describe_images(files: Mapping[Modality, ImageSource]) -> dict[str, dict[str, Any]]:
    """Return what tells a case's images from others, by modality: name and SHA-256 of the file, the frame of several.

    A path would name folders, which patients are called after. Of an image in two files, the one that was named counts.
    Raises InputError where one can no longer be read.
    """
    from ...images.imagefile import ImageFile

    told: dict[str, dict[str, Any]] = {}
    for modality, source in files.items():
        file = ImageFile.of(source)
        told[modality.value] = {"file": printable(file.path.name), "sha256": _sha256(file.path)}
        if file.frame is not None:
            told[modality.value]["frame"] = file.frame
    return told


def _sha256(path: Path) -> str:
    try:
        with open_regular(path) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, UnreadableError) as error:
        raise InputError(f"{printable(path)}: {cause_of(error)}; check the file.") from error


def folder_name(path: Path) -> str:
    """Return the name of a folder or file without those above it."""
    return printable(Path(os.path.abspath(path)).name)


def describe_package(package: ModelPackage) -> dict[str, str]:
    """Return what tells one model package from another."""
    return {"name": package.name, "version": package.version, "sha256": package.sha256}


def versions() -> dict[str, str]:
    """Return the versions of this library, of Python and of the libraries that a result depends on."""
    found = {"braintumorvaeseg": __version__, "python": platform.python_version()}
    for name in ("torch", "numpy", "SimpleITK"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found


def show_summary(screen: Screen, summary: Mapping[str, Any], findings: Sequence[Finding]) -> None:
    """Print a result: volumes, against the truth where the summary has it, findings, notes and timings."""
    package, timings = summary["package"], summary["timings_s"]
    screen.line()
    screen.line(f"{summary['name']}, by {package['name']} {package['version']} on {summary['device']}")
    if summary["empty"]:
        screen.line()
        screen.line(NO_TUMOR, style="bold")
    if summary.get("dice") or not summary["empty"]:
        _show_volumes(screen, summary)
        _show_lesions(screen, summary)
    else:
        screen.line()
    for group in group_findings(findings):
        screen.item(group.severity.value, str(group), _STYLES[group.severity])
    for note in summary["notes"]:
        # An empty segmentation was said in bold already.
        if not (summary["empty"] and "segmentation is empty" in note):
            screen.item("note", note)
    screen.item("seconds", ", ".join(f"{step} {seconds:.1f}" for step, seconds in timings.items()))


def _show_volumes(screen: Screen, summary: Mapping[str, Any]) -> None:
    from ...reporting.tables import comparison_rows, volume_rows

    if summary.get("dice"):
        rows = comparison_rows(summary["volumes_ml"], summary["true_volumes_ml"], summary["dice"])
        screen.table(("", "Region", "ml", "true ml", "Dice"), rows, numbers=3)
    else:
        screen.table(("", "Region", "ml"), volume_rows(summary["volumes_ml"]), numbers=1)


def _show_lesions(screen: Screen, summary: Mapping[str, Any]) -> None:
    from ...reporting.tables import LESION_COLUMNS, target_rows

    rows = target_rows(summary["measures"])
    if rows:
        screen.table(LESION_COLUMNS, rows, numbers=3)


def show_files(screen: Screen, paths: Sequence[Path]) -> None:
    """Print where the results lie, and what they may be used for."""
    for number, path in enumerate(paths):
        screen.line(f"{'' if number else 'written':<11}{path}")
    screen.line()
    screen.line(DISCLAIMER)
