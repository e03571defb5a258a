"""NRRD files (.nrrd, .nhdr): the voxels of one, read here, whole or not at all."""

from __future__ import annotations

import math
import re
from pathlib import Path

from .decoded import Decoded, naming, no_numbers, note_on_surplus, note_on_unit, require_3d
from .nrrd_header import read_nrrd_header
from .storage import read_voxels


def read_nrrd(path: Path) -> Decoded:
    """Return the one image of a NRRD file.

    Raises InputError, naming the file, where it is damaged, truncated, no NRRD, holds no 3D image or several, or is of
    colors, vectors or complex numbers.
    """
    header = read_nrrd_header(path)
    size, axes = header.size, header.axes
    if math.prod(n for axis, n in enumerate(size) if axis not in axes) != 1:
        raise no_numbers(path)
    require_3d(tuple(size[axis] for axis in axes), path)
    with naming(path):
        geometry = header.geometry
    voxels, surplus = read_voxels(header.storage, path)
    array = voxels.reshape(geometry.shape)
    units = re.findall(r'"([^"]*)"', header.fields.get("space units", header.fields.get("units", "")))
    notes = (*note_on_unit(units), *note_on_surplus(surplus, array[0].nbytes))
    return Decoded([array], geometry, notes)
