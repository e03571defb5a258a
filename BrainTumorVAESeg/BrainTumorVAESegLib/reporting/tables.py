"""Tables as plain rows of text, for a terminal, a report or a panel to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..core.labels import ENHANCING, LABELS, REGIONS


def volume_rows(volumes: Mapping[str, float]) -> list[tuple[str, str, str]]:
    """Return (key, name, milliliters) of `Segmentation.volumes_ml`: the regions, then the labels that are no region."""
    named = [(region.key, region.name) for region in REGIONS]
    named += [(label.key, label.name) for label in LABELS if label.key != ENHANCING.key]
    return [(key, name, format_volume(volumes[key])) for key, name in named]


def comparison_rows(
    volumes: Mapping[str, float], true_volumes: Mapping[str, float], scores: Mapping[str, float]
) -> list[tuple[str, str, str, str, str]]:
    """Return (key, name, milliliters, true milliliters, Dice), the last empty for what is no region."""
    return [
        (key, name, volume, format_volume(true_volumes[key]), format_dice(scores[key]) if key in scores else "")
        for key, name, volume in volume_rows(volumes)
    ]


def format_volume(milliliters: float) -> str:
    """Return a volume with one decimal, or with three where it is so small that one would show nothing."""
    return f"{milliliters:.1f}" if milliliters >= 0.1 or milliliters == 0 else f"{milliliters:.3f}"


def format_dice(score: float) -> str:
    """Return a Dice score with three decimals."""
    return f"{score:.3f}"


def cohort_rows(
    scores: Sequence[tuple[str, Mapping[str, float]]], statistics: Mapping[str, Mapping[str, float]]
) -> list[tuple[str, ...]]:
    """Return (case, Dice of WT, TC and ET) for each case, then for each statistic, such as the mean."""
    keys = [region.key for region in REGIONS]
    rows = [*scores, *statistics.items()]
    return [(name, *(format_dice(values[key]) for key in keys)) for name, values in rows]
