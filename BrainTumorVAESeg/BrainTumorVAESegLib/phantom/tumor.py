"""The phantom's gliomas: where they grow, how they push, and what of them is necrosis, enhancing rim and edema."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from ..core.labels import ED, ET, NCR
from .anatomy import Anatomy
from .fields import Frame, Point, meet, ramp, step_up

_SITES: tuple[Point, ...] = (
    (33.0, 40.0, 20.0), (34.0, -36.0, 26.0), (30.0, 10.0, 36.0), (42.0, 4.0, -18.0), (38.0, -44.0, 4.0),
)  # fmt: skip
"""Middles of lobes in brain millimeters (X, A, S) of the left side; a tumor grows near one of them."""
_PUSH = 0.42
_PUSH_FADES_MM = 22.0
_FRAYED_MM = 3.0
"""Width over which the edema fades into white matter."""


@dataclass(frozen=True)
class Tumor:
    """One glioma: middle and radius of its core in brain millimeters, and the metric that makes it oblong."""

    center: Point
    radius: float
    metric: np.ndarray

    def distance(self, x: np.ndarray, a: np.ndarray, s: np.ndarray) -> np.ndarray:
        """Return the distance from the middle, measured so that the core is a sphere."""
        v = [c - np.float32(m) for c, m in zip((x, a, s), self.center, strict=True)]
        rows = [sum(c * np.float32(w) for c, w in zip(v, row, strict=True)) for row in self.metric]
        return np.sqrt(sum(r * r for r in rows))


def plan_tumors(rng: np.random.Generator, count: int, radius_mm: tuple[float, float]) -> list[Tumor]:
    """Choose sites and sizes; the first tumor is the largest, the others are at most 0.65 of it."""
    sites = [(side * x, a, s) for x, a, s in _SITES for side in (-1.0, 1.0)]
    chosen = rng.permutation(len(sites))
    tumors = []
    for i in range(count):
        site = np.add(sites[chosen[i % len(sites)]], rng.uniform(-3, 3, 3))
        radius = rng.uniform(*radius_mm) * (1.0 if i == 0 else rng.uniform(0.4, 0.65))
        turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
        metric = np.diag(1 / rng.uniform(0.85, 1.2, 3)) @ turn
        tumors.append(Tumor((float(site[0]), float(site[1]), float(site[2])), float(radius), metric))
    return tumors


def push(
    tumors: list[Tumor], x: np.ndarray, a: np.ndarray, s: np.ndarray, depth: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where the tissue at each place was before the tumors grew; the brain's surface (depth 0) stays."""
    moved = [np.broadcast_to(c, depth.shape).astype(np.float32) for c in (x, a, s)]
    give = step_up(depth, 0.0, 16.0)
    for tumor in tumors:
        r = tumor.distance(*moved)
        far = np.maximum(r - tumor.radius, 0)
        shift = np.float32(_PUSH) * np.minimum(r, tumor.radius) * np.exp(-far / np.float32(_PUSH_FADES_MM)) * give
        share = shift / np.maximum(r, 1)
        moved = [c - (c - np.float32(m)) * share for c, m in zip(moved, tumor.center, strict=True)]
    return moved[0], moved[1], moved[2]


def grow_tumors(
    frame: Frame, rng: np.random.Generator, tumors: list[Tumor], anatomy: Anatomy, enhancing: bool
) -> np.ndarray:
    """Paint the tumors onto the anatomy and return their labels (z, y, x; uint8, the library's values)."""
    labels = np.zeros(frame.shape, np.uint8)
    x, a, s = frame.coarse_coordinates()
    for tumor in tumors:
        near = tumor.distance(x, a, s) - np.float32(tumor.radius)
        lumps = frame.noise(rng, 1.3 * tumor.radius, coarse=True) * np.float32(0.15 * tumor.radius)
        outside = frame.refine(near + lumps) + np.float32(0.9) * frame.noise(rng, 7.0)
        core = meet(-outside, np.minimum(anatomy.depth, -anatomy.ventricles) - np.float32(0.8), 3.0)
        core = _connected(core, core > core.max() / 2, 0.0)
        edema = np.maximum(_edema(frame, rng, tumor, anatomy, outside), core)
        edema = _connected(edema, core > 0, -_FRAYED_MM / 2)
        necrosis = _within(core, core - _rim(frame, rng)) if enhancing else core
        anatomy.layers.append(("ED", ramp(edema, _FRAYED_MM)))
        if enhancing:
            anatomy.layers.append(("ET", ramp(core, 1.4)))
        anatomy.layers.append(("NCR", ramp(necrosis, 1.8)))
        labels[(edema > 0) & (labels == 0)] = ED.value
        labels[core > 0] = ET.value if enhancing else NCR.value
        labels[necrosis > 0] = NCR.value
    labels[~anatomy.mask] = 0
    return labels


def _rim(frame: Frame, rng: np.random.Generator) -> np.ndarray:
    """Thickness in mm of the enhancing rim, uneven, nowhere thinner than about a voxel."""
    coarse = 3.6 + 2.2 * frame.noise(rng, 17.0, coarse=True)
    return np.maximum(frame.refine(coarse) + np.float32(0.6) * frame.noise(rng, 6.0), max(1.7, 0.9 * frame.step))


def _within(core: np.ndarray, necrosis: np.ndarray) -> np.ndarray:
    """Take the necrosis away from the core's outermost voxels, so that the rim closes around it on any grid."""
    inside = sitk.GetImageFromArray((core > 0).astype(np.uint8))
    deep = sitk.GetArrayFromImage(sitk.BinaryErode(inside, (1, 1, 1), sitk.sitkCross, 0, 1)) > 0
    return np.where(deep, necrosis, np.minimum(necrosis, np.float32(-0.5)))


def _edema(frame: Frame, rng: np.random.Generator, tumor: Tumor, anatomy: Anatomy, outside: np.ndarray) -> np.ndarray:
    """Depth inside the edema: it follows the white matter between the sulci and mostly spares the cortex."""
    reach = 0.62 * tumor.radius + 0.34 * tumor.radius * frame.noise(rng, 34.0, coarse=True)
    depth = frame.refine(np.maximum(reach, 2.5)) + np.float32(1.5) * frame.noise(rng, 9.0) - outside
    depth -= np.float32(2.6) * np.maximum(np.float32(3.4) - anatomy.pial, 0)
    return np.minimum(depth, np.minimum(-anatomy.ventricles, anatomy.depth) - np.float32(0.5))


def _connected(depth: np.ndarray, seed: np.ndarray, above: float) -> np.ndarray:
    """Keep, of the parts where the depth lies above a bound, the one that holds most of the seed; islands go."""
    parts = sitk.GetArrayFromImage(sitk.ConnectedComponent(sitk.GetImageFromArray((depth > above).astype(np.uint8))))
    touched = np.bincount(parts[seed])
    touched[:1] = 0
    return np.where(parts == touched.argmax(), depth, np.float32(-_FRAYED_MM)) if touched.any() else depth
