"""Changes of a labelled study, in the ways in which patients' images vary: intensities, slices, place and storage.

A change never touches what lies outside the brain: where all volumes are 0 they stay 0. The brain is the union of the
voxels that are not 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ..core.errors import InputError
from ..core.volume import Study, Volume
from .moving import rotate, shift, turn_axes
from .recoloring import FACTORS, Remap, add_noise, raise_to, recolor, rescale, round_to_bytes, shade
from .thickening import thicken

Apply = Callable[[Study, Volume], tuple[Study, Volume]]
"""Takes a study and its truth on the reference volume's grid, and returns others; what is given stays as it is."""


@dataclass(frozen=True)
class Change:
    """A way to change a study and its truth: a key, a sentence for people, and the function, which is pure."""

    key: str
    sentence: str
    apply: Apply


def gamma(exponent: float) -> Change:
    """Return the change of contrast by a power of the brain's intensities, scaled to 0 to 1 and back."""
    sentence = f"Each volume's intensities in the brain, from lowest to highest, to the power of {exponent:g}."
    return Change(f"gamma-{exponent:g}", sentence, partial(recolor, remap=partial(raise_to, exponent=exponent)))


def thick_slices(millimeters: float) -> Change:
    """Return the change to axial slices so thick; a volume whose slices are as thick already stays as it is."""
    sentence = f"All volumes as if acquired in axial slices of {millimeters:g} mm; Dice is that of the thick slices."
    return Change(f"slices-{millimeters:g}mm", sentence, partial(thicken, millimeters=millimeters))


def shifted(x: int, y: int, z: int) -> Change:
    """Return the shift of the head by voxels along the axes of the reference volume, as far as the brain stays in."""
    sentence = f"The head moved within the images by up to {x}, {y} and {z} voxels along x, y and z."
    return Change("shifted", sentence, partial(shift, steps=(x, y, z)))


def rotated(head_foot: float, left_right: float) -> Change:
    """Return the turn of the head about the brain's center by degrees around two axes of the patient."""
    sentence = (
        f"The head turned by {head_foot:g} degrees around the head-foot axis and {left_right:g} around left-right."
    )
    apply = partial(rotate, head_foot=head_foot, left_right=left_right)
    return Change(f"rotated-{head_foot:g}", sentence, apply)


def choose_changes(keys: Sequence[str] = ()) -> tuple[Change, ...]:
    """Return the changes of these keys, or all where there is none; `unchanged` always comes first.

    Raises InputError on an unknown key.
    """
    known = [change.key for change in CHANGES]
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise InputError(f"{unknown[0]!r} is no change; write one of {', '.join(known)}.")
    return tuple(change for change in CHANGES if not keys or change is UNCHANGED or change.key in keys)


def _keep(study: Study, truth: Volume) -> tuple[Study, Volume]:
    return study, truth


def _recolored(key: str, sentence: str, remap: Remap) -> Change:
    return Change(key, sentence, partial(recolor, remap=remap))


UNCHANGED = Change("unchanged", "The images as they are.", _keep)
CHANGES: tuple[Change, ...] = (
    UNCHANGED,
    _recolored(
        "rescaled",
        "Each volume multiplied by a number of its own:"
        f" {', '.join(f'{modality} {factor:g}' for modality, factor in FACTORS.items())}.",
        rescale,
    ),
    gamma(0.7),
    gamma(1.5),
    _recolored("bias", "Each volume multiplied by a smooth field of its own, 0.7 to 1.3 over the brain.", shade),
    _recolored("8-bit", "Each volume rounded to whole numbers of 0 to 255, 255 its maximum.", round_to_bytes),
    _recolored("noise", "Gaussian noise added, a tenth of each volume's standard deviation in the brain.", add_noise),
    thick_slices(3),
    thick_slices(5),
    shifted(8, -6, 5),
    rotated(15, 10),
    Change("sagittal-storage", "The arrays stored along other axes, every voxel in its place.", turn_axes),
)
"""All changes, `unchanged` first."""
