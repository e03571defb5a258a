"""MetaImage files (.mha, .mhd): the voxels of one, read here, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from .decoded import Decoded, naming, no_numbers, note_on_surplus, note_on_unit, require_3d
from .metaimage_header import read_metaimage_header
from .storage import read_voxels


def read_metaimage(path: Path) -> Decoded:
    """Return the one image of a MetaImage file.

    Raises InputError, naming the file, where it is damaged, truncated, no MetaImage, holds no 3D image or several, or
    is of colors or vectors.
    """
    header = read_metaimage_header(path)
    if header.channels != 1:
        raise no_numbers(path)
    require_3d(header.size, path)
    with naming(path):
        geometry = header.geometry
    voxels, surplus = read_voxels(header.storage, path)
    array = voxels.reshape(geometry.shape)
    notes = (*note_on_unit([header.fields.get("DistanceUnits", "")]), *note_on_surplus(surplus, array[0].nbytes))
    return Decoded([array], geometry, notes)
