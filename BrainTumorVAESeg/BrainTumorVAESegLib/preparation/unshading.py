"""Prepared images with the shading taken away that a coil most likely left in them; see `shading`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..core.boxes import bounding_box
from ..core.modalities import Modality
from ..core.settings import Preprocessing
from ..core.threads import thread_pool
from .coarsening import Coarse, coarsened
from .preparing import PreparedStudy, normalise
from .shading import Shade, ShadingModel, divided, likeliest_fields, locate_shade


def unshade(
    prepared: PreparedStudy, model: ShadingModel, settings: Preprocessing
) -> tuple[PreparedStudy, Mapping[Modality, Shade]]:
    """Return a study whose images are divided by their likeliest fields, and each image's shade as it was.

    Images without contrast stay, and so do all where fewer than two have one or the brain is too small to tell.
    """
    fields = _fields(prepared.images, prepared.brain, prepared.coarse, prepared.modalities, model)
    if not fields:
        return prepared, {}
    images = _divided(prepared.images, prepared.brain, fields, settings)
    shades = {prepared.modalities[place]: locate_shade(field) for place, field in fields.items()}
    return replace(prepared, images=images), shades


def unshade_images(
    images: np.ndarray, modalities: Sequence[Modality], model: ShadingModel, settings: Preprocessing
) -> np.ndarray:
    """Return prepared images (n, z, y, x; float32, 0 outside the brain) without their shading; see `unshade`."""
    brain = np.any(images, axis=0)
    fields = _fields(images, brain, Coarse(*coarsened(images, brain)), modalities, model)
    return _divided(images, brain, fields, settings) if fields else images


def _fields(
    images: np.ndarray, brain: np.ndarray, coarse: Coarse, modalities: Sequence[Modality], model: ShadingModel
) -> dict[int, np.ndarray]:
    """Return the likeliest field of each image that has contrast, by its place; none where too little is seen."""
    places = [place for place, image in enumerate(images) if image.any()]
    if not brain.any() or len(places) < _FEWEST_IMAGES or np.count_nonzero(coarse.inside) < _LEAST_VOXELS:
        return {}
    found = likeliest_fields(model, coarse.fields[places], [modalities[place] for place in places])
    return dict(zip(places, found, strict=True))


def _divided(
    images: np.ndarray, brain: np.ndarray, fields: Mapping[int, np.ndarray], settings: Preprocessing
) -> np.ndarray:
    box = bounding_box(brain)
    assert box is not None  # `_fields` found a brain

    def corrected(place: int) -> np.ndarray:
        return normalise(divided(images[place], brain, box, fields[place]), brain, settings.clip)

    result = images.copy()
    with thread_pool(len(fields)) as pool:
        result[list(fields)] = list(pool.map(corrected, fields))
    return result


_FEWEST_IMAGES = 2
_LEAST_VOXELS = 20_000
"""Of 2 mm, 160 ml: less than any brain."""
