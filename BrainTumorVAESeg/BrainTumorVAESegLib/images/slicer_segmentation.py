"""Slicer's segmentations (.seg.nrrd): read by the names of the segments, on the whole grid they were drawn on.

Slicer numbers segments in the order in which they were drawn, stores overlapping ones in layers, and cuts the file to
what is not empty; so neither a voxel's number nor the file's own grid says what a label map is to say.
Source of the keys: vtkMRMLSegmentationStorageNode of 3D Slicer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.boxes import Box, cut
from ..core.errors import InputError
from ..core.geometry import Geometry
from ..core.labelmap import LabelMap
from ..core.labels import ED, ET, NCR, TC, WT, Label
from ..core.text import shorten
from ..core.volume import Volume
from .decoded import naming
from .nrrd_header import NrrdHeader, read_nrrd_header
from .opening import require_image_file
from .segment_names import CAVITY, Part, part_of_name, part_of_terminology
from .storage import read_voxels, require_promise

_MOST_SEGMENTS = 1000
_REFERENCE = re.compile(r"Reference image geometry\|([^|]*)\|")
_TERMINOLOGY = re.compile(r"TerminologyEntry:([^|]*)")
_DRAWN: tuple[tuple[Part, Label], ...] = ((WT, ED), (TC, NCR), (ED, ED), (NCR, NCR), (ET, ET))
"""What is written into the label map one over the other, from the outside in, and as which label."""
_ADVICE = "name the segments NCR (necrosis), ED (edema) and ET (enhancing tumor), or WT and TC for the regions"


@dataclass(frozen=True)
class _Segment:
    """One segment: its name, its codes, and where in the file it is. extent: box (z, y, x) of its layer, or None."""

    name: str
    terminology: str
    value: int
    layer: int
    extent: Box | None


def is_slicer_segmentation(header: NrrdHeader) -> bool:
    """Say whether a NRRD file holds segments with names."""
    return "Segment0_ID" in header.keys or "Segment0_Name" in header.keys


def read_segmentation_nrrd(path: Path) -> LabelMap:
    """Read a .seg.nrrd as a label map (uint8, the library's values) on the grid of the image it was drawn on.

    Segments are known by their names (such as NCR, necrosis, edema, oedema, enhancing tumor, WT, tumor core) or their
    codes; where they overlap the inner part counts: WT and TC under ED, NCR and ET. A resection cavity is left out, and
    its volume told. Raises InputError, naming the file and the segments, where another one that is not empty can be
    none of them, where only the whole tumor is there, or where the file is damaged.
    """
    path = Path(path)
    require_image_file(path)
    return read_segments(read_nrrd_header(path))


def read_segments(header: NrrdHeader) -> LabelMap:
    """Read the file of a header that was read already; see `read_segmentation_nrrd`."""
    path = header.path
    with naming(path):
        geometry = header.geometry
        grid, place = _whole_grid(header, geometry)
    segments = list(_segments(header))
    layers = _layers(header)
    masks = _masks(segments, layers, path)
    labels = np.zeros(geometry.shape, np.uint8)
    for part, label in _DRAWN:
        for mask in masks.get(part.name, []):
            labels[mask] = label.value
    cavity = np.any(masks[CAVITY], axis=0) if CAVITY in masks else np.zeros(0, bool)
    ml = int(np.count_nonzero(cavity)) * geometry.voxel_volume
    return LabelMap(cut(labels, place), grid, str(path), cavity_ml=ml)


def read_one_segment(header: NrrdHeader, word: str) -> Volume:
    """Read one segment (bool) on the whole grid: the only one, or the one whose name has a word in it.

    Raises InputError, naming the segments, where nothing tells which.
    """
    path, segments = header.path, list(_segments(header))
    with naming(path):
        grid, place = _whole_grid(header, header.geometry)
    called = [segment for segment in segments if word in segment.name.lower()]
    chosen = called if len(called) == 1 else segments
    if len(chosen) != 1:
        names = ", ".join(shorten(segment.name) for segment in segments[:10]) or "none"
        raise InputError(f"{path}: holds the segments {names}; call the one that is meant {word.capitalize()}.")
    layers = _layers(header)
    if not 0 <= chosen[0].layer < len(layers):
        raise InputError(f"{path}: its segment {shorten(chosen[0].name)!r} lies in a layer that is not there.")
    return Volume(cut(_mask(chosen[0], segments, layers[chosen[0].layer]), place), grid, str(path))


def _masks(segments: list[_Segment], layers: list[np.ndarray], path: Path) -> dict[str, list[np.ndarray]]:
    """Return the voxels of each part by its name; several segments may be of one part."""
    masks: dict[str, list[np.ndarray]] = {}
    unknown = []
    for segment in segments:
        if not 0 <= segment.layer < len(layers):
            raise InputError(f"{path}: its segment {shorten(segment.name)!r} lies in a layer that is not there.")
        mask = _mask(segment, segments, layers[segment.layer])
        part = _part(segment, path)
        if part == CAVITY:
            masks.setdefault(CAVITY, []).append(mask)
        elif part is None or isinstance(part, str):
            unknown += [segment.name] if mask.any() else []
        else:
            masks.setdefault(part.name, []).append(mask)
    if unknown:
        names = ", ".join(shorten(name) for name in unknown[:10])
        raise InputError(f"{path}: its segments {names} tell no part of a tumor; {_ADVICE}.")
    tumor = set(masks) - {CAVITY}
    if not tumor:
        raise InputError(f"{path}: holds no segment of a tumor; {_ADVICE}.")
    if tumor == {WT.name}:
        raise InputError(f"{path}: holds the whole tumor alone, not its parts; {_ADVICE}.")
    return masks


def _part(segment: _Segment, path: Path) -> Part | str | None:
    """Return what a segment is. Raises InputError where its name and its codes tell different parts."""
    by_name, by_code = part_of_name(segment.name), part_of_terminology(segment.terminology)
    if by_name is not None and by_code is not None and _text(by_name) != _text(by_code):
        name = shorten(segment.name)
        raise InputError(
            f"{path}: its segment {name!r} has the codes of {_text(by_code).lower()}; correct its name or its codes."
        )
    return by_name if by_name is not None else by_code


def _text(part: Part | str) -> str:
    return part if isinstance(part, str) else part.name


def _mask(segment: _Segment, segments: list[_Segment], layer: np.ndarray) -> np.ndarray:
    """Return a segment's voxels; of a layer there is what the extent of its first segment holds, as in Slicer."""
    mask: np.ndarray = layer == segment.value
    extent = next(other.extent for other in segments if other.layer == segment.layer)
    if extent is not None:
        within = np.zeros(layer.shape, bool)
        within[extent] = True
        mask &= within
    return mask


def _segments(header: NrrdHeader) -> Iterator[_Segment]:
    keys = header.keys
    for number in range(_MOST_SEGMENTS):
        name = keys.get(f"Segment{number}_Name", keys.get(f"Segment{number}_ID"))
        if name is None:
            return
        codes = _TERMINOLOGY.search(keys.get(f"Segment{number}_Tags", ""))
        yield _Segment(
            name,
            codes[1] if codes else "",
            _integers(header, f"Segment{number}_LabelValue", "1", 1)[0],
            _integers(header, f"Segment{number}_Layer", str(number), 1)[0],
            _extent(header, f"Segment{number}_Extent"),
        )


def _extent(header: NrrdHeader, key: str) -> Box | None:
    if key not in header.keys:
        return None
    ends = _integers(header, key, "", 6)
    return Box(slice(max(ends[2 * axis], 0), max(ends[2 * axis + 1] + 1, 0)) for axis in (2, 1, 0))


def _integers(header: NrrdHeader, key: str, default: str, count: int) -> list[int]:
    text = header.keys.get(key, default)
    try:
        numbers = [int(word) for word in text.split(maxsplit=count)]
    except ValueError:
        numbers = []
    if len(numbers) != count or max(map(abs, numbers)) > 1 << 31:
        raise InputError(f"{header.path}: says {key} {shorten(text)!r}; save the segmentation again.")
    return numbers


def _layers(header: NrrdHeader) -> list[np.ndarray]:
    """Return the layers, each (z, y, x)."""
    size, axes = header.size, header.axes
    if len(axes) != 3 or len(size) > 4:
        raise InputError(f"{header.path}: is no segmentation of three dimensions; save it again.")
    voxels, _ = read_voxels(header.storage, header.path)
    array = voxels.reshape(size[::-1])
    if len(size) == 3:
        return [array]
    layered = next(axis for axis in range(4) if axis not in axes)
    return list(np.moveaxis(array, 3 - layered, 0))


def _whole_grid(header: NrrdHeader, own: Geometry) -> tuple[Geometry, Box]:
    """Return the grid that the segments were drawn on (or the file's own), and it as a box of the file's voxels."""
    everything = Box.at((0, 0, 0), own.shape)
    found = _REFERENCE.search(header.keys.get("Segmentation_ConversionParameters", ""))
    reference = _reference_grid(found[1]) if found else None
    if reference is None:
        return own, everything
    index = np.linalg.inv(own.index_to_physical) @ reference.index_to_physical
    steps, first = index[:3, :3], index[:3, 3]
    if not np.allclose(steps, np.eye(3), atol=1e-3) or not np.allclose(first, np.rint(first), atol=0.05):
        return own, everything
    x, y, z = (int(value) for value in np.rint(first))
    place = Box.at((z, y, x), reference.shape)
    require_promise(reference.size, np.dtype(np.uint8), header.path)
    return (own if place == everything else reference), place


def _reference_grid(text: str) -> Geometry | None:
    """Return the grid that Slicer keeps for editing: a matrix to RAS, and the first and last index along each axis."""
    try:
        numbers = [float(word) for word in text.strip(";").split(";", 32)]
        if len(numbers) != 22 or not all(map(math.isfinite, numbers)):
            return None
        matrix = np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.reshape(numbers[:16], (4, 4))
        low, high = np.array(numbers[16::2]), np.array(numbers[17::2])
        nx, ny, nz = (int(n) for n in high - low + 1)
        x, y, z = (float(value) for value in matrix[:3, :3] @ low + matrix[:3, 3])
        spacing = np.linalg.norm(matrix[:3, :3], axis=0)
        dx, dy, dz = (float(value) for value in spacing)
        with np.errstate(divide="ignore", invalid="ignore"):
            direction = (matrix[:3, :3] / spacing).ravel()
        grid = Geometry((nx, ny, nz), (dx, dy, dz), (x, y, z), tuple(float(value) for value in direction))
        return grid if min(nx, ny, nz) > 0 else None
    except (ValueError, OverflowError, InputError):
        return None
