"""The phantom's brain: folded cortex, white matter, deep nuclei, ventricles, cerebellum, brainstem, and its vessels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .fields import Frame, ellipsoid, join, meet, ramp, step_up, tube

CORTEX_MM = 2.6
_SULCUS_WAVE_MM = 18.0
_VENTRICLE = (
    ((13.0, 45.0, 5.0), 2.0),
    ((8.5, 30.0, 11.0), 5.2),
    ((7.5, 14.0, 16.0), 5.2),
    ((9.5, -4.0, 20.0), 5.2),
    ((16.0, -24.0, 16.0), 6.0),
    ((24.0, -38.0, 6.0), 6.5),
    ((32.0, -24.0, -9.0), 4.0),
    ((33.0, 2.0, -18.0), 2.2),
)
_POSTERIOR_HORN = (((24.0, -38.0, 6.0), 6.0), ((23.0, -55.0, 4.0), 3.0), ((20.0, -66.0, 3.0), 1.2))
_CAUDATE = (((12.5, 32.0, 7.0), 5.5), ((13.5, 18.0, 15.0), 4.5), ((16.5, -4.0, 21.0), 2.5))
_CHOROID = (((8.5, -6.0, 17.5), 0.8), ((16.0, -26.0, 13.0), 1.6), ((24.0, -38.0, 4.0), 2.4), ((31.0, -26.0, -8.0), 1.2))
_SAGITTAL_SINUS_MM = 3.2


@dataclass
class Anatomy:
    """What each voxel holds, as fields on the voxels.

    mask: inside the brain's outline. layers: (tissue, share of the voxel that it covers), painted in this order.
    pial: depth under the nearest cortical surface in mm, negative in the fluid between gyri. ventricles: depth inside
    them. depth: depth inside the cerebrum, the fissure between its halves cut out.
    """

    mask: np.ndarray
    pial: np.ndarray
    ventricles: np.ndarray
    depth: np.ndarray
    layers: list[tuple[str, np.ndarray]] = field(default_factory=list)


@dataclass(frozen=True)
class Shapes:
    """The large shapes on the coarse grid, as depths in mm, with the coordinates that made them."""

    x: np.ndarray
    a: np.ndarray
    s: np.ndarray
    cerebrum: np.ndarray
    cerebellum: np.ndarray
    stem: np.ndarray

    @property
    def outline(self) -> np.ndarray:
        """Depth inside the skull-stripped brain: the union of all parts with the cisterns between them."""
        side = np.abs(self.x)
        cistern = ellipsoid(side, self.a, self.s, (0.0, -2.0, -14.0), (25.0, 26.0, 12.0))
        cistern = join(cistern, ellipsoid(side, self.a, self.s, (0.0, -26.0, -16.0), (20.0, 18.0, 14.0)), 5.0)
        parts = join(join(self.cerebrum, self.cerebellum, 16.0), self.stem, 14.0)
        return join(parts, cistern, 4.0) + np.float32(0.4)


def shape_brain(x: np.ndarray, a: np.ndarray, s: np.ndarray) -> Shapes:
    """Build the cerebrum without its fissure, the cerebellum and the brainstem."""
    side = np.abs(x)
    dome = join(
        ellipsoid(side, a, s, (3.0, -12.0, 6.0), (64.0, 75.0, 62.0)),
        ellipsoid(side, a, s, (11.0, 30.0, 6.0), (46.0, 58.0, 48.0)),
        10.0,
    )
    dome = join(dome, ellipsoid(side, a, s, (16.0, -52.0, 2.0), (34.0, 38.0, 34.0)), 12.0)
    base = -7.0 - 10.0 * step_up(a, 8.0, 34.0) - 0.16 * side * step_up(-a, 5.0, 30.0)
    base = base - 15.0 * step_up(side, 12.0, 26.0) * step_up(a, -46.0, -24.0) * step_up(-a, -40.0, -22.0)
    dome = meet(dome, s - base.astype(np.float32), 6.0)
    temporal = ellipsoid(side, a, s, (39.0, 6.0, -24.0), (23.0, 42.0, 19.0))
    back = ellipsoid(side, a, s, (42.0, -30.0, -14.0), (23.0, 36.0, 17.0))
    medial = ellipsoid(side, a, s, (26.0, -8.0, -16.0), (12.0, 32.0, 11.0))
    cerebrum = join(dome, join(join(temporal, back, 10.0), medial, 6.0), 5.0)
    cerebellum = join(
        ellipsoid(side, a, s, (23.0, -48.0, -38.0), (31.0, 29.0, 21.0)),
        ellipsoid(side, a, s, (0.0, -43.0, -30.0), (16.0, 25.0, 25.0)),
        6.0,
    )
    cerebellum = meet(cerebellum, -4.0 - 0.36 * side - s, 5.0)
    stem = join(
        ellipsoid(side, a, s, (0.0, -3.0, -29.0), (17.0, 14.0, 16.0)),
        ellipsoid(side, a, s, (0.0, -8.0, -12.0), (17.0, 14.0, 14.0)),
        5.0,
    )
    stem = join(stem, tube(side, a, s, (((0.0, -8.0, -38.0), 10.5), ((0.0, -18.0, -80.0), 8.0))), 6.0)
    return Shapes(x, a, s, cerebrum, cerebellum, stem)


def build_anatomy(frame: Frame, rng: np.random.Generator, outer: Shapes, inner: Shapes) -> Anatomy:
    """Fill the brain with tissues.

    outer: the shapes where no tumor pushes, which give the outline. inner: the same through the pushed coordinates,
    which give everything inside.
    """
    x, a, s = inner.x, inner.a, inner.s
    side = np.abs(x)
    core = ellipsoid(side, a, s, (0.0, 12.0, 1.0), (36.0, 41.0, 27.0))
    deep = ellipsoid(side, a, s, (0.0, 9.0, -4.0), (30.0, 36.0, 21.0))
    hemispheres = np.minimum(inner.cerebrum, outer.cerebrum)
    depth = frame.refine(hemispheres)
    fissure = np.abs(frame.refine(x)) - np.float32(0.9)
    depth = join(np.minimum(depth, fissure), frame.refine(np.minimum(core, hemispheres)), 4.0)
    outline = frame.refine(outer.outline) + np.float32(0.5) * frame.noise(rng, 22.0)
    pial = _fold(frame, rng, inner, depth, frame.refine(step_up(deep, -9.0, 4.0)))
    ventricles = _ventricles(frame, inner)
    anatomy = Anatomy(outline > 0, pial, ventricles, depth)
    paint = anatomy.layers.append
    paint(("GM", ramp(pial, 1.1)))
    paint(("WM", ramp(pial - np.float32(CORTEX_MM), 1.6)))
    _paint_hindbrain(frame, rng, anatomy, inner)
    _paint_nuclei(frame, anatomy, inner)
    paint(("CSF", ramp(ventricles, 1.2)))
    _paint_vessels(frame, rng, anatomy, inner, outline)
    return anatomy


def _fold(frame: Frame, rng: np.random.Generator, shapes: Shapes, depth: np.ndarray, core: np.ndarray) -> np.ndarray:
    """Cut sulci into the hemispheres and return the depth under the cortical surface (negative: fluid).

    The sulci's walls are the zeros of a random field of one wavelength, whose zeros meander as gyri do. The field is
    sampled along rays from the middle of each hemisphere, so that the walls stand upright on the surface.
    """
    x, a, s = shapes.x, shapes.a, shapes.s
    wall = frame.refine(_meander(rng, shapes, frame.step * frame.factor, _SULCUS_WAVE_MM))
    wall += np.float32(1.2) * frame.noise(rng, 13.0)
    minor = frame.refine(_meander(rng, shapes, frame.step * frame.factor, 0.62 * _SULCUS_WAVE_MM))
    shallow = 0.65 + 0.35 * step_up(s, -12.0, 14.0)
    reach = frame.refine((14.5 + 4.5 * frame.noise(rng, 40.0, coarse=True)) * shallow) - 40 * core
    small = frame.refine(3.5 + 3.0 * frame.noise(rng, 30.0, coarse=True)) - 40 * core
    width = np.float32(0.3) + np.float32(0.3) * frame.noise(rng, 20.0) + np.float32(0.5) * step_up(-depth, -8.0, 0.0)
    pial = np.minimum(depth, _gap(wall, depth, reach) - width)
    pial = np.minimum(pial, _gap(minor, depth, small) - np.float32(0.3))
    side = np.abs(x)
    sylvian = frame.refine(s + 12.0 - 0.4 * (30.0 - a) + 2.5 * frame.noise(rng, 30.0, coarse=True))
    beyond = np.maximum(np.abs(a - 8.0) - 30.0, 0) + np.maximum(35.0 + 0.05 * np.abs(a) - side, 0)
    return np.minimum(pial, np.hypot(sylvian, frame.refine(beyond)) - np.float32(1.0))


def _gap(wall: np.ndarray, depth: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Distance to a sulcus's wall, which ends `reach` millimeters below the outline."""
    below = np.maximum(depth - reach, 0)
    return np.sqrt(wall * wall + below * below)


def _meander(
    rng: np.random.Generator, shapes: Shapes, spacing: float, wavelength: float, waves: int = 12
) -> np.ndarray:
    """Return the signed distance to the zeros of a random field of one wavelength, constant along rays.

    Coarse grid, whose nodes lie `spacing` millimeters apart.
    """
    x, a, s = shapes.x, shapes.a, shapes.s
    left = np.where(x > 0, np.float32(1), np.float32(-1))
    v = np.broadcast_arrays(x - 24 * left, a + 4, s - 6)
    rho = np.sqrt(sum((c / np.float32(r)) ** 2 for c, r in zip(v, (40.0, 82.0, 56.0), strict=True)))
    stretch = np.maximum(rho, 0.25) ** np.float32(-0.8)
    rays = [c * stretch for c in v]
    total = np.zeros(rho.shape, np.float32)
    for direction in rng.standard_normal((waves, 3)):
        k = direction / np.linalg.norm(direction) * (2 * np.pi / wavelength)
        phase = rng.uniform(0, 2 * np.pi, 2)
        angle = sum(c * np.float32(n) for c, n in zip(rays, k, strict=True))
        total += np.sin(angle + np.where(left > 0, np.float32(phase[0]), np.float32(phase[1])))
    slope = np.sqrt(sum(g * g for g in np.gradient(total, np.float32(spacing))))
    # Where the field is flat its zeros are far; a floor of half the field's own mean slope keeps them from flaring.
    floor = np.float32(np.sqrt(waves / 2) * 2 * np.pi / wavelength / 2)
    return np.clip(total / np.maximum(slope, floor), -9, 9)


def _ventricles(frame: Frame, shapes: Shapes) -> np.ndarray:
    """Depth inside the lateral, third and fourth ventricles."""
    side, a, s = np.abs(shapes.x), shapes.a, shapes.s
    lateral = join(tube(side, a, s, _VENTRICLE), tube(side, a, s, _POSTERIOR_HORN), 2.0)
    lateral = np.minimum(lateral, side - 1.2)
    third = meet(2.2 - side, ellipsoid(side, a, s, (0.0, 6.0, 0.0), (6.0, 13.0, 9.0)), 2.0)
    fourth = ellipsoid(side, a, s, (0.0, -20.0, -32.0), (6.5, 4.5, 11.0))
    return frame.refine(join(join(lateral, third), fourth))


def _paint_hindbrain(frame: Frame, rng: np.random.Generator, anatomy: Anatomy, shapes: Shapes) -> None:
    """Paint the cerebellum with its folia, and the brainstem."""
    side, a, s = np.abs(shapes.x), shapes.a, shapes.s
    depth = frame.refine(shapes.cerebellum)
    layers = np.sqrt((side * 0.55) ** 2 + (a + 26.0) ** 2 + (1.25 * (s + 30.0)) ** 2)
    phase = frame.refine(layers + 1.8 * frame.noise(rng, 16.0, coarse=True)) * np.float32(2 * np.pi / 4.6)
    leaf = np.sin(phase)
    inside = ramp(depth, 1.4)
    outer = np.clip(1 - np.abs(depth) * np.float32(1 / 13), 0, 1)
    anatomy.layers.append(("GM", inside))
    white = np.float32(0.6) * ramp(depth - 11, 5.0) + np.float32(0.45) * np.maximum(-leaf, 0)
    anatomy.layers.append(("WM", inside * np.clip(white, 0, 1)))
    anatomy.layers.append(("CSF", inside * outer * np.float32(0.75) * np.clip(leaf * 3 - 2, 0, 1)))
    anatomy.layers.append(("STEM", ramp(frame.refine(shapes.stem), 1.4)))


def _paint_nuclei(frame: Frame, anatomy: Anatomy, shapes: Shapes) -> None:
    """Paint the thalamus, caudate, putamen and pallidum."""
    side, a, s = np.abs(shapes.x), shapes.a, shapes.s
    thalamus = meet(ellipsoid(side, a, s, (11.5, -3.0, 4.0), (9.5, 15.0, 9.0)), side - 1.0)
    slope = side - 0.28 * (18.0 - a)
    putamen = ellipsoid(slope, a, s, (25.0, 15.0, 2.0), (4.6, 15.5, 9.5))
    pallidum = ellipsoid(slope, a, s, (18.5, 11.0, 0.0), (3.6, 9.0, 6.0))
    gray = join(join(thalamus, putamen), tube(side, a, s, _CAUDATE))
    anatomy.layers.append(("NUCLEI", ramp(frame.refine(gray), 1.8)))
    anatomy.layers.append(("PALLIDUM", ramp(frame.refine(pallidum), 1.8)))


def _paint_vessels(
    frame: Frame, rng: np.random.Generator, anatomy: Anatomy, shapes: Shapes, outline: np.ndarray
) -> None:
    """Paint the sagittal sinus, vessels that run in the sulci, and the choroid plexus."""
    x, a, s = shapes.x, shapes.a, shapes.s
    midline = frame.refine(np.abs(x) + np.maximum(-4.0 - s, 0) + np.maximum(a - 70.0, 0))
    sinus = np.minimum(np.float32(_SAGITTAL_SINUS_MM) - midline, np.float32(4.0) - outline)
    run = frame.noise(rng, 15.0)
    vessel = np.minimum(np.float32(0.16) - np.abs(run), 0) * 7 - np.maximum(np.abs(anatomy.pial) - np.float32(0.6), 0)
    vessel = np.where(frame.noise(rng, 34.0) > 0.8, vessel + np.float32(0.4), -9)
    choroid = frame.refine(tube(np.abs(x), a, s, _CHOROID))
    anatomy.layers.append(("VESSEL", np.maximum(ramp(sinus, 1.5), np.float32(0.75) * ramp(vessel, 1.2))))
    anatomy.layers.append(("CHOROID", ramp(choroid, 1.2)))
