"""Prepared images with the shading taken away that a coil most likely left in them; see `shading`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..core.boxes import bounding_box
from ..core.modalities import Modality
from ..core.settings import Preprocessing
from ..core.threads import thread_pool
from .preparing import PreparedStudy, normalise
from .shading import Shade, ShadingModel, divided, likeliest_fields, locate_shade


def unshade(
    prepared: PreparedStudy, model: ShadingModel, settings: Preprocessing
) -> tuple[PreparedStudy, Mapping[Modality, Shade]]:
    """Return a study whose images are divided by their likeliest fields, and each image's shade as it was.

    Images without contrast stay, and so do all where fewer than two have one or the brain is too small to tell.
    """
    places = [place for place, image in enumerate(prepared.images) if image.any()]
    box = bounding_box(prepared.brain)
    if box is None or len(places) < _FEWEST_IMAGES:
        return prepared, {}
    if np.count_nonzero(prepared.coarse.inside) < _LEAST_VOXELS:
        return prepared, {}
    modalities = [prepared.modalities[place] for place in places]
    fields = likeliest_fields(model, prepared.coarse.fields[places], modalities)

    def corrected(place: int, field: np.ndarray) -> np.ndarray:
        values = divided(prepared.images[place], prepared.brain, box, field)
        return normalise(values, prepared.brain, settings.clip)

    with thread_pool(len(places)) as pool:
        made = list(pool.map(corrected, places, fields))
    images = prepared.images.copy()
    images[places] = made
    return replace(prepared, images=images), {m: locate_shade(f) for m, f in zip(modalities, fields, strict=True)}


_FEWEST_IMAGES = 2
_LEAST_VOXELS = 20_000
"""Of 2 mm, 160 ml: less than any brain."""
