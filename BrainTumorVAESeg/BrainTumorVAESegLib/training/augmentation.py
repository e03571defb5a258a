"""Random changes of a training sample, by MONAI's transforms: those of the papers, and some that few cases need."""

from __future__ import annotations

import math

from monai.transforms import (
    Compose,
    RandAdjustContrastd,
    RandAffined,
    RandFlipd,
    RandGaussianNoised,
    RandGaussianSmoothd,
    RandScaleIntensityd,
    RandShiftIntensityd,
)

from .settings import Augmentation

_SPATIAL = ("images", "masks", "target", "brain")
_MODES = ("bilinear", "bilinear", "bilinear", "nearest")


def make_augmentation(settings: Augmentation) -> Compose:
    """Return a transform of samples with the keys images, target, brain and (stage 2 alone) masks."""
    turn = math.radians(settings.rotation)
    return Compose(
        [
            *(RandFlipd(_SPATIAL, settings.flip, axis, allow_missing_keys=True) for axis in range(3)),
            RandAffined(
                _SPATIAL, prob=settings.affine, rotate_range=[turn] * 3, scale_range=[settings.zoom] * 3, mode=_MODES,
                padding_mode="zeros", allow_missing_keys=True,
            ),
            RandGaussianSmoothd("images", *[settings.smooth_range] * 3, prob=settings.smooth),
            RandAdjustContrastd("images", settings.gamma, settings.gamma_range, retain_stats=True),
            RandGaussianNoised("images", settings.noise, std=settings.noise_level),
            RandScaleIntensityd("images", settings.scale, prob=1.0, channel_wise=True),
            RandShiftIntensityd("images", settings.shift, prob=1.0, channel_wise=True),
        ]
    )  # fmt: skip
