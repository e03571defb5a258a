"""What a result says of itself, as plain JSON values for machines."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..core.disk.guarded import UnreadableError, cause_of, open_regular
from ..core.errors import InputError
from ..core.modalities import Modality
from ..core.text import printable

if TYPE_CHECKING:
    from ..cases.dicom_choice import SeriesChoice
    from ..core.segmentation import Segmentation
    from ..core.volume import Study
    from ..images.imagefile import ImageSource
    from ..inference.segmenting import Result
    from ..measures.results import Measures
    from ..models.package import ModelPackage
    from ..trust.checking import Trust

DISCLAIMER = "Research use only, not a medical device; made for pre-operative glioma."


def summarize(name: str, study: Study, result: Result, timings: Mapping[str, float]) -> dict[str, Any]:
    """Return a result as plain JSON values: seconds, boxes (z, y, x) of the prepared grid."""
    from ..core.stamp import stamp_of

    geometry = result.segmentation.geometry
    return {
        "name": name,
        "empty": result.segmentation.is_empty,
        "mask": stamp_of(result.segmentation.labels),
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


def measure_result(study: Study, segmentation: Segmentation) -> Measures:
    """Measure a segmentation; sides are told by the study's brain on its reference."""
    from ..measures.measuring import measure
    from ..preparation.masking import brain_of

    return measure(segmentation, brain_of(study))


def describe_measures(study: Study, segmentation: Segmentation) -> dict[str, Any]:
    """Return a segmentation's measures as plain JSON values (see `measures.results.Measures`), volumes apart."""
    from ..core.wire import to_wire

    measures = to_wire(measure_result(study, segmentation))
    return {"volumes_ml": measures.pop("volumes_ml"), "measures": measures}


def describe_images(files: Mapping[Modality, ImageSource]) -> dict[str, dict[str, Any]]:
    """Return what tells a case's images from others, by modality: name and SHA-256 of the file, the frame of several.

    A path would name folders, which patients are called after. Of an image in two files, the one that was named counts.
    Raises InputError where one can no longer be read.
    """
    from ..images.imagefile import ImageFile

    told: dict[str, dict[str, Any]] = {}
    for modality, source in files.items():
        file = ImageFile.of(source)
        told[modality.value] = {"file": printable(file.path.name), "sha256": _sha256(file.path)}
        if file.frame is not None:
            told[modality.value]["frame"] = file.frame
    return told


def describe_series(choice: SeriesChoice) -> dict[str, dict[str, Any]]:
    """Return what tells a case's series from others, by modality: number, description, files and their SHA-256."""
    return {
        modality.value: {
            "series": each.first.number,
            "description": each.first.tags.description,
            "files": len(each.files),
            "sha256": each.digest,
            "reason": choice.reasons[modality],
        }
        for modality, each in choice.series.items()
    }


def _sha256(path: Path) -> str:
    try:
        with open_regular(path) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, UnreadableError) as error:
        raise InputError(f"{printable(path)}: {cause_of(error)}; check the file.") from error


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


def describe_trust(trust: Trust) -> dict[str, Any]:
    """Return as plain JSON values how far a result is to be trusted."""
    return {
        "input": None if trust.verdict is None else trust.verdict.as_dict(),
        "intervals_ml": {region: list(ends) for region, ends in trust.intervals_ml.items()},
    }
