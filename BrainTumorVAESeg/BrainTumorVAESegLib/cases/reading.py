"""A case's images: found by their names, read as a study, the ground truth beside them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.labels import LabelConvention
from ..core.modalities import MODALITIES, Modality, is_image_name, is_segmentation_name, recognise_files
from ..core.volume import Study, Volume, choose_reference, require_modalities
from ..images.imagefile import ImageSource
from ..images.itk import orient
from ..images.reading import read_label_map, read_volumes
from .labelled import LabelledCase


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
    return read_study(find_case_files(folder, optional), reference, Path(folder).resolve().name, optional)


def find_case_files(folder: Path, optional: Collection[Modality] = ()) -> dict[Modality, Path]:
    """Find the image of each modality in a case's folder, by file name.

    optional: modalities that may be absent. Raises InputError where two files claim one modality, another one has no
    file, or none has.
    """
    files = {file.name: file for file in _list_images(folder)}
    found: dict[Modality, Path] = {}
    for name, modality in recognise_files(files).items():
        if modality is None:
            continue
        if modality in found:
            both = f"{found[modality].name} and {name} both look like {modality}"
            raise InputError(f"{folder}: {both}; name the four files one by one.")
        found[modality] = files[name]
    missing = [str(m) for m in MODALITIES if m not in found and not (found and m in optional)]
    if missing:
        names = ", ".join(files) or "no image at all"
        raise InputError(
            f"{folder}: no file looks like {', '.join(missing)} (found: {names}); name the four files one by one."
        )
    return found


def find_segmentation_file(folder: Path) -> Path | None:
    """Find the ground truth in a case's folder by its name (`_seg`, `-seg`, `_segm`), or None.

    Where there are several, those of the brain or skull are left out; raises InputError where several remain.
    """
    found = [file for file in _list_images(folder) if is_segmentation_name(file.name)]
    if len(found) > 1:
        found = [file for file in found if not any(word in file.name.lower() for word in ("brain", "skull"))]
    if len(found) > 1:
        raise InputError(f"{folder}: {', '.join(f.name for f in found)} all look like a segmentation; keep one.")
    return found[0] if found else None


def read_labelled(case: LabelledCase, convention: LabelConvention | None = None) -> tuple[Study, Volume]:
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


def in_place(volume: Volume, grid: Geometry) -> Volume | None:
    """Return a volume along the axes of a grid, or None where its voxels are not that grid's."""
    if volume.geometry.same_grid(grid):
        return volume
    turned, own = orient(volume.array, volume.geometry, grid.axis_codes)
    return Volume(np.ascontiguousarray(turned), grid, volume.source) if own.same_grid(grid) else None


def _list_images(folder: Path) -> list[Path]:
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the folder that holds a case's four images.")
    files = (file for file in folder.iterdir() if not file.name.startswith("."))
    return sorted(file for file in files if file.is_file() and is_image_name(file))
