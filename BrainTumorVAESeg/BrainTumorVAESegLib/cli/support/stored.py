"""Results that were stored before: found, read, and the images that they were made from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...cohort.summary import describe_images
from ...core.disk.guarded import UnreadableError, cause_of, read_regular, reason_of
from ...core.errors import InputError
from ...core.modalities import Modality
from ...core.text import printable, shorten

if TYPE_CHECKING:
    from ...core.preparation import PreparationOptions, Prepared
    from ...core.segmentation import Segmentation
    from ...core.volume import Study
    from ...images.dicom import DicomSeries
    from ...images.dicom_patient import Patient

_ASK = "give the NAME.json that segment wrote, or its folder"


def find_result(path: Path) -> Path:
    """Return a result's `NAME.json`: the path itself, or the one in its folder. Raises InputError."""
    if not path.is_dir():
        return path
    found = [each for each in sorted(path.glob("*.json")) if _is_result(each)]
    if len(found) == 1:
        return found[0]
    if not found:
        from ...images.opening import holds_dicom

        if holds_dicom(path):
            raise InputError(f"{printable(path)}: holds DICOM files; segment --dicom takes them, then {_ASK}.")
        raise InputError(f"{printable(path)}: holds no result of segment; {_ASK}.")
    names = shorten(", ".join(each.name for each in found), 160)
    raise InputError(f"{printable(path)}: holds several results ({names}); name one of them.")


def _is_result(path: Path) -> bool:
    try:
        read_result(path)
    except InputError:
        return False
    return True


def read_result(path: Path) -> dict[str, Any]:
    """Read a summary of `segment`. Raises InputError where it is none."""
    try:
        values = json.loads(read_regular(path).decode("utf-8"))
    except (OSError, UnreadableError) as error:
        raise InputError(f"{printable(path)}: {cause_of(error)}; {_ASK}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{printable(path)}: cannot be read as a result ({reason_of(error)}); {_ASK}.") from error
    package = values.get("package") if isinstance(values, dict) else None
    whole = isinstance(package, dict) and {"name", "version", "sha256"} <= set(package)
    if not whole or not isinstance(values.get("images"), dict) or not isinstance(values.get("name"), str):
        raise InputError(f"{printable(path)}: is no result of segment; {_ASK}.")
    return values


def read_stored_labels(result: Path, stored: Mapping[str, Any]) -> Segmentation:
    """Read the label map that a result wrote, as it is now. Raises InputError where it is not there or is another."""
    from ...core.labels import LabelConvention
    from ...core.segmentation import Segmentation
    from ...images.reading import read_label_map

    files = stored.get("files")
    name = Path(str(files.get("labels") if isinstance(files, dict) else "")).name
    path = result.parent / (name or f"{stored['name']}_seg.nii.gz")
    told = stored.get("labels")
    convention = LabelConvention(told) if told in tuple(LabelConvention) else None
    found = read_label_map(path, convention)
    return Segmentation(found.array, found.geometry)


def read_stored_study(
    result: Path, stored: Mapping[str, Any], folder: Path | None, optional: Sequence[Modality]
) -> tuple[Study, Patient | None]:
    """Read the images that a result was made from, in a folder (beside the result); with the patient of DICOM series.

    Raises InputError where they are not there or are others.
    """
    told = {name: each if isinstance(each, dict) else {"file": each} for name, each in stored["images"].items()}
    unknown = [name for name in told if name not in tuple(Modality)]
    if unknown or not told:
        raise InputError(f"{printable(result)}: names no images of this program; {_ASK}.")
    place = folder or result.parent
    patient: Patient | None = None
    if any("series" in each for each in told.values()):
        study, patient = _read_series(result, stored, told, place)
    else:
        study = _read_files(result, stored, told, place, optional)
    return _as_prepared(study, result, stored), patient


def _read_files(
    result: Path, stored: Mapping[str, Any], told: Mapping[str, Any], folder: Path, optional: Sequence[Modality]
) -> Study:
    """Read images by their files' names."""
    from ...cases.reading import read_study
    from ...images.imagefile import ImageFile

    files = {}
    for name, each in told.items():
        path = folder / Path(str(each.get("file"))).name
        if not path.is_file():
            raise InputError(f"{printable(path)}: the image that {result.name} was made from is not there;"
                             " name its folder.")  # fmt: skip
        files[Modality(name)] = ImageFile(path, each.get("frame"))
    for name, each in describe_images(files).items():
        if "sha256" in told[name] and told[name] != each:
            raise InputError(f"{printable(folder)}: {each['file']} is not the image that {result.name} was made from.")
    return read_study(files, _reference(stored), str(stored["name"]), optional)


def _read_series(
    result: Path, stored: Mapping[str, Any], told: Mapping[str, Any], folder: Path
) -> tuple[Study, Patient]:
    """Read DICOM series by the hashes of their files."""
    from ...core.volume import Study
    from ...images.dicom import find_series, read_series
    from ...images.dicom_patient import read_patient

    by_digest: dict[str, DicomSeries] = {each.digest: each for each in find_series(folder)}
    missing = [name for name, each in told.items() if str(each.get("sha256")) not in by_digest]
    if missing:
        raise InputError(f"{printable(folder)}: the series that {result.name} was made from are not there"
                         f" ({', '.join(missing)}); name their folder.")  # fmt: skip
    chosen = {Modality(name): by_digest[str(each["sha256"])] for name, each in told.items()}
    reference = _reference(stored)
    volumes = {modality: read_series(series) for modality, series in chosen.items()}
    return Study(volumes, reference, str(stored["name"])), read_patient(chosen[reference].first.path)


def stored_options(result: Path, stored: Mapping[str, Any]) -> PreparationOptions:
    """Return how a stored study (see `read_stored_study`) is segmented as it was then. Raises InputError."""
    from ...core.choices import Register, Shading, Strip
    from ...core.preparation import PreparationOptions

    prepared = _read_prepared(result, stored)
    # A result of a version that took no shading away tells nothing of it.
    return PreparationOptions(Register.OFF, Strip.OFF, Shading.OFF if prepared is None else prepared.shading)


def _as_prepared(study: Study, result: Path, stored: Mapping[str, Any]) -> Study:
    """Return a study with the transforms and the brain mask that a result was made with. Raises InputError."""
    from ...images.masks import read_mask
    from ...preparation.masking import with_mask

    prepared = _read_prepared(result, stored)
    if prepared is None:
        return study
    moved = {m: each.transform for m, each in prepared.alignments.items() if each.transform is not None}
    study = replace(study, transforms={m: each for m, each in moved.items() if m in study.volumes})
    if isinstance(stored.get("brain_mask"), str):
        study = with_mask(study, read_mask(result.parent / Path(stored["brain_mask"]).name))
    return study


def _read_prepared(result: Path, stored: Mapping[str, Any]) -> Prepared | None:
    """Return what was done to a result's study, None where it does not tell. Raises InputError."""
    from ...core.preparation import Prepared
    from ...core.wire import WireError, from_wire

    if "preparation" not in stored:
        return None
    try:
        prepared: Prepared = from_wire(Prepared, stored["preparation"], "preparation")
    except WireError as error:
        raise InputError(f"{printable(result)}: is damaged ({error}); segment the images again.") from error
    return prepared


def _reference(stored: Mapping[str, Any]) -> Modality:
    named = stored.get("reference")
    return Modality(named) if named in tuple(Modality) else Modality.T1CE
