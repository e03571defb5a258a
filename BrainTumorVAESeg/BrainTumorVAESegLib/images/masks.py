"""Brain masks and transforms in files: masks as images or as segments of Slicer's, transforms as ITK's .tfm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..core.disk.files import replacing
from ..core.errors import OutputError
from ..core.transform import Transform
from ..core.volume import Volume
from .nrrd_header import read_nrrd_header
from .opening import require_image_file
from .reading import read_volume
from .slicer_segmentation import is_slicer_segmentation, read_one_segment


def read_mask(path: Path) -> Volume:
    """Read a brain mask (z, y, x; bool): what is not 0 in an image, or in Slicer's segmentation the segment of a brain.

    Raises InputError where the file is neither, or nothing tells which of several segments is the brain.
    """
    path = Path(path)
    require_image_file(path)
    if path.name.lower().endswith((".nrrd", ".nhdr")) and is_slicer_segmentation(header := read_nrrd_header(path)):
        return read_one_segment(header, "brain")
    volume = read_volume(path)
    return replace(volume, array=np.isfinite(volume.array) & (volume.array != 0))


def write_transform(transform: Transform, path: Path) -> None:
    """Write a linear transform as ITK's text file, which takes the reference's points to the other image's.

    3D Slicer opens it as a linear transform that brings the other image onto the reference. Raises OutputError.
    """
    path = Path(path)
    linear = sitk.AffineTransform(3)
    matrix = transform.array
    linear.SetMatrix([float(value) for value in matrix[:3, :3].ravel()])
    linear.SetTranslation([float(value) for value in matrix[:3, 3]])
    with replacing(path) as part:
        part.touch()
        try:
            sitk.WriteTransform(linear, str(part))
            back = sitk.ReadTransform(str(part))
            whole = np.allclose(back.TransformPoint((1.0, 2.0, 3.0)), transform.points(np.array([[1.0, 2.0, 3.0]]))[0])
        except RuntimeError:
            whole = False
        if not whole:
            raise OutputError(f"{path}: cannot be written; the disk may be full: free some space.")
