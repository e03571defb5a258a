"""Pixels as a PNG within a page, written by SimpleITK: a report needs no drawing library."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

import numpy as np
import SimpleITK as sitk


def png_uri(pixels: np.ndarray) -> str:
    """Return pixels, uint8, (rows, columns) gray or (rows, columns, 3 or 4) in color, as a `data:` address."""
    image = sitk.GetImageFromArray(np.ascontiguousarray(pixels), isVector=pixels.ndim == 3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        sitk.WriteImage(image, str(path), useCompression=True, compressionLevel=6)
        return bytes_uri(path.read_bytes())


def bytes_uri(png: bytes) -> str:
    """Return the bytes of a PNG as a `data:` address."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
