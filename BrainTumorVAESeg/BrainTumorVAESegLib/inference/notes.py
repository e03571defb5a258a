"""What a reader of a segmentation should know, in sentences: what was missing, taken away, left out or filled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..core.modalities import Modality
from ..core.segmentation import Segmentation
from ..core.volume import Study
from ..preparation.cleaning import Cleaned
from ..preparation.shading import Shade

_LEAST_TOLD_ML = 0.05


def notes_on(
    study: Study, segmentation: Segmentation, cleaned: Cleaned, shades: Mapping[Modality, Shade], unrefined: bool
) -> Iterator[str]:
    """Give the notes on a study's answer, one after another.

    shades: strong ones that were taken away. unrefined: whether a second stage was there and not used.
    """
    for modality, shade in shades.items():
        much = f"about {shade.ratio:.1f} times as bright at the {shade.bright} as at the {shade.dark}"
        yield f"Shading was taken from {modality}: it was {much}."
    if study.missing:
        names = ", ".join(str(modality) for modality in study.missing)
        yield f"Segmented without {names}: the answer is less sure than with all four images."
    if segmentation.is_empty:
        yield "No tumor was found: the segmentation is empty."
    elif unrefined:
        yield "Stage 2 was not used: stage 1's answer stands."
    if cleaned.removed_parts:
        one = cleaned.removed_parts == 1
        yield (
            f"{cleaned.removed_parts} small {'part' if one else 'parts'} of the answer"
            f" ({cleaned.removed_ml:.2g} ml in all) {'was' if one else 'were'} left out."
        )
    if cleaned.filled_ml >= _LEAST_TOLD_ML:
        yield f"{cleaned.filled_ml:.2g} ml that the tumor or its core encloses were filled."
