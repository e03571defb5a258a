"""The input check's reasons in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from ..core.modalities import MODALITIES, Modality
from ..core.verdict import Reason
from ..preparation.shading import SHADING, Shade
from .calibration import Calibration

_IMAGES: Mapping[str, tuple[str, str]] = {
    "noise": ("looks noisier", "looks less noisy"),
    "motion": ("looks more as if the head had moved", "looks less as if the head had moved"),
    "thick": ("looks more as if of thick slices", "looks less as if of thick slices"),
    "missing": ("shows less of the brain (field of view)", "shows more of the brain"),
    "residual": ("is given back less well by the VAE", "is given back better by the VAE"),
}
_STUDY: Mapping[str, tuple[str, str]] = {
    "brain_ml": ("The brain is larger", "The brain is smaller"),
    "filled": ("The brain fills more of its box", "The brain fills less of its box"),
    "long": ("The brain is longer from front to back", "The brain is shorter from front to back"),
    "tall": ("The brain is taller from feet to head", "The brain is shorter from feet to head"),
    "uneven": ("The brain's right and left side differ more", "The brain's right and left side differ less"),
    "latent": ("The VAE's latent lies farther from the training cases'", "The VAE's latent lies nearer"),
    "tumor": ("What was found as tumor is larger", "What was found as tumor is smaller"),
    "contrast": ("What was found stands out more from the brain", "What was found stands out less from the brain"),
}
SHAPE = ("brain_ml", "filled", "long", "tall", "uneven")
NO_BRAIN = Reason("no-brain", "There is no brain in these images.")
NO_TUMOR = Reason(
    "no-tumor", "No tumor was found, and this package learned from brains with one: a healthy brain may look like this."
)
NOT_A_BRAIN = "What the images show does not have the shape of a brain: it may be another part of the body."


def describe(
    measure: str,
    value: float,
    calibration: Calibration,
    shades: Mapping[Modality, Shade],
    unshaded: Collection[Modality] = (),
) -> Reason:
    """Say in a sentence what a measure of a study means among the cases that were looked at.

    shades: of the images, for the measures of shading. unshaded: those that it was taken from.
    """
    percentile = calibration.percentile(measure, value)
    above = value >= float(np.median(calibration.values(measure)))
    beyond = percentile if above else 100 - percentile
    than = f"than in {_share_of_cases(beyond)} that this package was calibrated on"
    kind, _, name = measure.partition("-")
    modality = Modality(name) if name in tuple(MODALITIES) else None
    if kind == SHADING:
        return _describe_shading(modality, shades, percentile, than, unshaded)
    if kind == "cut":
        return Reason("cut", f"The field of view cuts the brain, towards the {name}, more {than}.", percentile)
    if kind == "cavity":
        return Reason(
            "cavity",
            f"There is a cavity of {value:.0f} ml filled with fluid on one side, as after an operation, more {than};"
            " this package learned from brains before one.",
            percentile,
        )
    if kind in _STUDY:
        return Reason(measure, f"{_STUDY[kind][0 if above else 1]} {than}.", percentile)
    return Reason(kind, f"{name} {_IMAGES[kind][0 if above else 1]} {than}.", percentile, modality)


def _share_of_cases(percent: float) -> str:
    """Say of which part of the cases; "any of them" only where none is left."""
    return "any of the cases" if percent >= 100 else f"{min(percent, 99):.0f} % of the cases"


def _describe_shading(
    modality: Modality | None,
    shades: Mapping[Modality, Shade],
    percentile: float,
    than: str,
    unshaded: Collection[Modality],
) -> Reason:
    """Tell of the image that is meant, or of that which is shaded most where it is the study."""
    modality = modality or max(shades, key=lambda each: shades[each].ratio)
    shade = shades[modality]
    after = "; the networks saw the image without it" if modality in unshaded else ""
    return Reason(
        SHADING,
        f"Strong shading in {modality}: about {shade.ratio:.1f} times as bright at the {shade.bright} as at the"
        f" {shade.dark}, more {than}{after}.",
        percentile,
        modality,
    )


def is_of_another_part(odd: Mapping[str, float], unlike: float) -> bool:
    """Say whether a study's shape is not that of a brain: two of its measures score as unlike, of all odd ones."""
    return sum(odd.get(key, 0.0) >= unlike for key in SHAPE) >= 2
