"""What ITK reads of an image file, to hold this library's readers against."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import SimpleITK as sitk
from BrainTumorVAESegLib.images.reading import read_volume


def as_itk(path: Path) -> None:
    """Hold that a file reads as ITK reads it, to the last bit but one."""
    volume, image = read_volume(path), sitk.ReadImage(str(path))
    np.testing.assert_array_equal(volume.array, sitk.GetArrayFromImage(image))
    assert volume.array.dtype == sitk.GetArrayViewFromImage(image).dtype and volume.array.dtype.isnative
    for own, theirs in (("spacing", "GetSpacing"), ("origin", "GetOrigin"), ("direction", "GetDirection")):
        np.testing.assert_allclose(getattr(volume.geometry, own), getattr(image, theirs)(), rtol=1e-15, atol=1e-15)
