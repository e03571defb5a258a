"""Where a NIfTI image lies in the patient: the header's two transforms, which of them counts, whether they differ.

ITK, which 3D Slicer reads with, decides which counts; it is asked with a header of our own that holds the transforms
and nothing else, so that nothing of a foreign file reaches it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from ..core.errors import InputError
from ..core.findings import Finding, Severity
from ..core.geometry import Geometry, NiftiForms
from .itk import geometry_of
from .nifti_header import plain_header

_UNITS = {1: (1000.0, "meters"), 2: (1.0, "millimeters"), 3: (0.001, "microns")}
"""NIfTI's code of a unit of length -> how many millimeters it has, and its name."""
_MOST_APART = 0.5
"""Millimeters by which the transforms may place a corner differently before it is worth a word."""
_MOST = 1e9
"""Of any length in a header; in microns a kilometer has as many."""
_NAMES = ("qform", "sform")


def geometry_of_forms(size: tuple[int, int, int], forms: NiftiForms) -> Geometry:
    """Return the grid that ITK makes of a header's transforms. Raises InputError where it makes none of them."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "header.nii")
        file.write_bytes(plain_header(size, _harmless(forms)))
        reader = sitk.ImageFileReader()
        reader.SetFileName(str(file))
        try:
            reader.ReadImageInformation()
        except RuntimeError as error:
            raise InputError(
                "The header's transforms are those of no grid (not orthogonal); export the image again."
            ) from error
        found = geometry_of(reader)
    return Geometry(found.size, found.spacing, found.origin, found.direction, forms)


def _harmless(forms: NiftiForms) -> NiftiForms:
    """Return transforms without what makes ITK go on for ever: numbers that are not finite, or beyond all measure.

    Where their code is 0 they count for nothing and are left out; else raises InputError.
    """
    parts = ((1, forms.pixdim[1:]), (forms.codes[0], forms.quaternion), (forms.codes[1], forms.rows))
    if any(code > 0 and not all(abs(value) < _MOST for value in values) for code, values in parts):
        raise InputError("The header's transforms hold numbers that are those of no grid; export the image again.")
    return replace(
        forms,
        pixdim=(forms.pixdim[0] if abs(forms.pixdim[0]) < _MOST else 1.0, *forms.pixdim[1:]),
        quaternion=forms.quaternion if forms.codes[0] > 0 else (0.0,) * 6,
        rows=forms.rows if forms.codes[1] > 0 else (0.0,) * 12,
    )


def notes_on_forms(geometry: Geometry) -> Iterator[Finding]:
    """Say what is noteworthy about the transforms that a grid was made of."""
    forms = geometry.forms
    if forms is None:
        return
    if forms.units in (1, 3):
        yield Finding("units", Severity.NOTE, f"gives lengths in {_UNITS[forms.units][1]}; they are read as such.")
    if max(forms.codes) <= 0:
        message = "does not say where it lies in the patient (qform and sform have code 0); its axes are taken to rise"
        message += " to the left, the back and the head, as in 3D Slicer."
        yield Finding("no_form", Severity.WARNING, message, "Check that left is left; export it with its position.")
    elif min(forms.codes) > 0:
        yield from _note_on_difference(geometry, forms)


def _note_on_difference(geometry: Geometry, forms: NiftiForms) -> Iterator[Finding]:
    corners = [_corners(matrix, geometry) for matrix in (_qform(forms), _sform(forms))]
    apart = float(np.linalg.norm(corners[0] - corners[1], axis=1).max())
    if apart <= _MOST_APART:
        return
    own = geometry.corners()
    taken = int(np.abs(corners[1] - own).max() < np.abs(corners[0] - own).max())
    texts = [f"{name} (code {code})" for name, code in zip(_NAMES, forms.codes, strict=True)]
    message = f"holds two transforms that place it up to {apart:.3g} mm apart: its {texts[taken]} is taken, as in 3D"
    message += f" Slicer, not its {texts[1 - taken]}."
    advice = "Check that it lies on the other images; where the other transform is the right one, export it again."
    yield Finding("forms_differ", Severity.WARNING, message, advice)


def _corners(matrix: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Return where a matrix (to LPS) places the corner voxels, (8, 3)."""
    index = np.linalg.inv(geometry.index_to_physical)
    corners = geometry.corners() @ index[:3, :3].T + index[:3, 3]
    placed: np.ndarray = corners @ matrix[:3, :3].T + matrix[:3, 3]
    return placed


def _qform(forms: NiftiForms) -> np.ndarray:
    """Return the matrix (4x4, to LPS millimeters) of the quaternion; formula of nifti1.h."""
    b, c, d = forms.quaternion[:3]
    a = np.sqrt(max(0.0, 1.0 - (b * b + c * c + d * d)))
    rotation = np.array(
        [
            [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
        ]
    )
    steps = np.array(forms.pixdim[1:4]) * (1.0, 1.0, -1.0 if forms.pixdim[0] < 0 else 1.0)
    return _in_lps(np.column_stack([rotation * steps, forms.quaternion[3:]]), forms)


def _sform(forms: NiftiForms) -> np.ndarray:
    return _in_lps(np.reshape(forms.rows, (3, 4)), forms)


def _in_lps(rows: np.ndarray, forms: NiftiForms) -> np.ndarray:
    unit = _UNITS.get(forms.units, (1.0, ""))[0]
    return np.vstack([rows * unit * np.array([[-1.0], [-1.0], [1.0]]), [0.0, 0.0, 0.0, 1.0]])
