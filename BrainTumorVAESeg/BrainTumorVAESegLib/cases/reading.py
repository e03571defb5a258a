"""A case's images: found by their names, read as a study, the ground truth beside them."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.labelmap import LabelMap
from ..core.labels import LabelConvention
from ..core.modalities import MODALITIES, Modality, is_brain_mask_name, is_segmentation_name, recognise_files
from ..core.volume import Study, choose_reference, require_modalities
from ..images.imagefile import ImageSource
from ..images.itk import orient
from ..images.opening import holds_dicom, image_files
from ..images.reading import read_label_map, read_volumes
from .channels import channel_files, find_table, named_channels, read_table
from .labelled import LabelledCase
from .naming import case_name


def read_study(
    files: Mapping[Modality, ImageSource],
    reference: Modality | None = None,
    name: str = "",
    optional: Collection[Modality] = (),
) -> Study:
    """Read the volumes of one examination.

    reference: see `core.volume.choose_reference` where None. optional: modalities that may be absent. Raises InputError
    where another one is missing, or a file is wrong.
    """
    require_modalities(files, optional)
    present = [modality for modality in MODALITIES if modality in files]
    volumes = read_volumes([files[modality] for modality in present])
    return Study(dict(zip(present, volumes, strict=True)), reference or choose_reference(present), name)


def read_case(folder: Path, reference: Modality | None = None, optional: Collection[Modality] = ()) -> Study:
    """Read the volumes of a case's folder; see `read_study`."""
    return read_study(find_case_files(folder, optional), reference, case_name(folder), optional)


def find_case_files(folder: Path, optional: Collection[Modality] = ()) -> dict[Modality, Path]:
    """Find the image of each modality in a case's folder, by file name; or by their numbers, as nnU-Net has them.

    optional: modalities that may be absent. Raises InputError where two files claim one modality, another one has no
    file, or none has.
    """
    files = {file.name: file for file in _list_images(folder)}
    found = _numbered(folder, list(files.values()))
    for name, modality in recognise_files(() if found else files).items():
        if modality is None:
            continue
        if modality in found:
            both = f"{found[modality].name} and {name} both look like {modality}"
            raise InputError(f"{folder}: {both}; name the four files one by one.")
        found[modality] = files[name]
    missing = [str(m) for m in MODALITIES if m not in found and not (found and m in optional)]
    if missing and not files and holds_dicom(folder):
        raise InputError(f"{folder}: holds DICOM files; segment --dicom takes them, all else needs NIfTI files.")
    if missing:
        names = ", ".join(files) or "no image at all"
        advice = _advice(Path(folder), list(files.values()))
        raise InputError(f"{folder}: no file looks like {', '.join(missing)} (found: {names}); {advice}.")
    return found


def _advice(folder: Path, files: list[Path]) -> str:
    """Return what to give in place of a folder whose files are no case."""
    if len(files) == 1:
        return f"where it holds all four, give {files[0]} itself; else name the four files one by one"
    if not files and (below := _first_with_images(folder)):
        return f"give the folder of one case, such as {below}, or give all of them to cohort"
    return "name the four files one by one"


def _first_with_images(folder: Path) -> Path | None:
    """Return the first folder in this one that holds images; None where there is none, or it cannot be looked into."""
    with suppress(OSError, InputError):
        return next((below for below in sorted(folder.iterdir()) if below.is_dir() and _list_images(below)), None)
    return None


def find_segmentation_file(folder: Path) -> Path | None:
    """Find the ground truth in a case's folder by its name (`_seg`, `-dseg`, `_segm`, `tumorMask`), or None.

    A mask of the brain or skull is none. Raises InputError where there are several.
    """
    found = [file for file in _list_images(folder) if is_segmentation_name(file.name)]
    found = [file for file in found if not is_brain_mask_name(file.name)]
    if len(found) > 1:
        found = [file for file in found if not any(word in file.name.lower() for word in ("brain", "skull"))]
    if len(found) > 1:
        raise InputError(f"{folder}: {', '.join(f.name for f in found)} all look like a segmentation; keep one.")
    return found[0] if found else None


def _numbered(folder: Path, files: list[Path]) -> dict[Modality, Path]:
    """Return the images of a folder with one case of nnU-Net's, by the table beside them; none where it is none."""
    cases, table = channel_files(files), find_table(Path(folder))
    if not cases or table is None or sum(map(len, cases.values())) < len(files):
        return {}
    if len(cases) > 1:
        first = next(iter(cases))
        raise InputError(f"{folder}: holds {len(cases)} cases; give one of them, such as {Path(folder) / first}.")
    [(name, numbered)] = cases.items()
    channels = named_channels(read_table(table), name, table)
    return {modality: numbered[number] for modality, number in channels.items() if number in numbered}


def read_labelled(case: LabelledCase, convention: LabelConvention | None = None) -> tuple[Study, LabelMap]:
    """Read a labelled case's study, and its truth on the reference volume's grid.

    convention: of the truth's labels; the case's own, or guessed, where None. Raises InputError as `read_study` and
    `read_label_map`, and where the truth lies on another grid than the reference volume.
    """
    study = read_study(case.images, name=case.name)
    truth = in_place(read_label_map(case.segmentation, convention or case.convention), study.reference_volume.geometry)
    if truth is None:
        raise InputError(
            f"{case.segmentation}: lies on another grid than {study.reference}; give one on the same grid."
        )
    return study, truth


def in_place(volume: LabelMap, grid: Geometry) -> LabelMap | None:
    """Return a label map along the axes of a grid, or None where its voxels are not that grid's."""
    if volume.geometry.same_grid(grid):
        return volume
    turned, own = orient(volume.array, volume.geometry, grid.axis_codes)
    return replace(volume, array=np.ascontiguousarray(turned), geometry=grid) if own.same_grid(grid) else None


def _list_images(folder: Path) -> list[Path]:
    folder = Path(folder)
    session = folder / "anat"  # of BIDS
    return image_files(folder) or (image_files(session) if os.path.isdir(session) else [])
