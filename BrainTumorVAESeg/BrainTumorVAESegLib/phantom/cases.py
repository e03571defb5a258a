"""Made cases on disk: a folder with the four images and the truth, as data sets of labelled cases have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..core.disk.files import outputs
from ..core.errors import InputError
from ..core.segmentation import Segmentation
from ..images.writing import write_label_map, write_volume
from .phantom import Phantom, PhantomSettings, make_phantom

_GRID_MM = (240.0, 240.0, 155.0)
"""Field of view of a BraTS case, (x, y, z)."""


def write_phantom(phantom: Phantom, folder: Path, name: str = "phantom") -> Segmentation:
    """Write a phantom's images and truth into a folder and return the truth. Raises OutputError."""
    truth = Segmentation(phantom.labels, phantom.study.reference_volume.geometry)
    with outputs(folder) as place:
        for modality in phantom.study:
            write_volume(phantom.study[modality], place / f"{name}_{modality.value.lower()}.nii.gz")
        write_label_map(truth, place / f"{name}_truth_seg.nii.gz")
    return truth


def phantom_names(count: int, seed: int = 0) -> list[str]:
    """Return the names of so many made cases, the first of which is made from this seed."""
    return [f"phantom-{number:03d}" for number in range(seed, seed + count)]


def write_phantoms(folder: Path, count: int, seed: int = 0, spacing: float = 1.0) -> Iterator[str]:
    """Write a data set of made cases, one folder each, and yield the name of each when it is there.

    spacing: isotropic, in mm, over the field of view of a BraTS case. Raises InputError on what makes no image,
    OutputError where it cannot be written.
    """
    if count < 1:
        raise InputError(f"{count} made cases are none; ask for 1 or more.")
    if spacing <= 0:
        raise InputError(f"A spacing of {spacing:g} mm makes no image; give one above 0.")
    x, y, z = (round(length / spacing) for length in _GRID_MM)
    for number, name in enumerate(phantom_names(count, seed), start=seed):
        phantom = make_phantom(PhantomSettings(number, (x, y, z), spacing))
        write_phantom(phantom, Path(folder) / name, name)
        yield name
