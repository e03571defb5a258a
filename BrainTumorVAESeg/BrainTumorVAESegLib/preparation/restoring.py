"""From the prepared grid back to the reference volume's own grid and orientation, or any other volume's."""

from __future__ import annotations

import numpy as np

from ..core.boxes import Box, bounding_box
from ..core.geometry import Geometry
from ..core.labels import labels_from_channels
from ..core.segmentation import Segmentation
from ..images.itk import orient, resample
from .preparing import PreparedStudy


def restore(
    probabilities: np.ndarray,
    channels: tuple[str, ...],
    thresholds: tuple[float, ...],
    prepared: PreparedStudy,
    reference: Geometry,
    keep_probabilities: bool = False,
) -> Segmentation:
    """Return the segmentation on the reference grid, or any other in its space, of probabilities (3, z, y, x).

    Where the prepared grid is that grid, voxels are only moved; else the probabilities are interpolated and then
    compared with the thresholds, so that the border is as fine as the reference's grid.
    """
    bounds = np.asarray(thresholds, np.float32)[:, None, None, None]
    above: np.ndarray = probabilities >= bounds
    if _is_moved(prepared, reference):
        labels = restore_labels(labels_from_channels(above, channels), prepared, reference)
    else:
        tumor = np.any(above, axis=0)
        labels = _interpolate_labels(probabilities, tumor, channels, bounds, prepared.geometry, reference)
    if not keep_probabilities:
        return Segmentation(labels, reference, None, channels)
    kept = np.empty((len(probabilities), *reference.shape), np.float32)
    for channel, target in zip(probabilities, kept, strict=True):
        target[...] = restore_map(channel, prepared, reference)
    return Segmentation(labels, reference, kept, channels)


def restore_labels(labels: np.ndarray, prepared: PreparedStudy, reference: Geometry) -> np.ndarray:
    """Return labels (z, y, x) of a prepared grid that is the reference's own (`aligned`) on the reference grid."""
    return _move(labels, prepared, reference)


def restore_map(values: np.ndarray, prepared: PreparedStudy, reference: Geometry) -> np.ndarray:
    """Return values (z, y, x) of the prepared grid on the reference grid, float32: moved, or interpolated linearly."""
    if _is_moved(prepared, reference):
        return _move(values, prepared, reference).astype(np.float32, copy=False)
    return resample(values, prepared.geometry, reference)


def _is_moved(prepared: PreparedStudy, reference: Geometry) -> bool:
    """Say whether a grid has the prepared canvas's own voxels, so that none is interpolated."""
    return prepared.aligned and orient(np.broadcast_to(np.uint8(0), reference.shape), reference)[1].same_grid(
        prepared.canvas
    )


def _interpolate_labels(
    probabilities: np.ndarray,
    tumor: np.ndarray,
    channels: tuple[str, ...],
    bounds: np.ndarray,
    grid: Geometry,
    reference: Geometry,
) -> np.ndarray:
    """Interpolate where a label can come out: within a voxel of one (in tumor) that is above its threshold."""
    labels = np.zeros(reference.shape, np.uint8)
    around = bounding_box(tumor, margin=1, within=True)
    if around is None:
        return labels
    part = grid.sub_grid(around)
    box = reference.covered_by(part)
    target = reference.sub_grid(box)
    if not min(target.size):
        return labels
    restored = np.stack([resample(channel[around], part, target) for channel in probabilities])
    labels[box] = labels_from_channels(restored >= bounds, channels)
    return labels


def _move(array: np.ndarray, prepared: PreparedStudy, reference: Geometry) -> np.ndarray:
    """Paste (z, y, x) of the prepared grid into the canvas and turn it to the reference's orientation."""
    canvas = np.zeros(prepared.canvas.shape, array.dtype)
    there, here = Box.at(prepared.start, array.shape).inside(canvas.shape)
    canvas[there] = array[here]
    return np.ascontiguousarray(orient(canvas, prepared.canvas, reference.axis_codes)[0])
