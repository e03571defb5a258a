"""One figure of an evaluation: Dice, HD95 and volumes of every case by region, the poor cases numbered and named."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.labels import REGIONS
from .figures import new_figure, write_figure
from .montage import NOTICE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Records = Sequence[Mapping[str, Any]]
Summary = Mapping[str, Mapping[str, Mapping[str, Any]]]

_COLORS = {"WT": "#0072b2", "TC": "#d55e00", "ET": "#009e73"}
_MARKERS = {"WT": "o", "TC": "s", "ET": "^"}
"""Colors of the Okabe-Ito palette, told apart by color-blind readers; the markers tell them apart without color."""
_DPI = 130
_WIDTH = 13.5
_MOST_NAMED = 12
_POOR_DICE = 0.5
_FAINT = "0.4"


def write_evaluation(records: Records, summary: Summary, path: Path, title: str = "") -> None:
    """Write a PNG: Dice and HD95 as points, boxes and means with intervals by region, and volumes against the truth's.

    records: one for each case and region, with `case`, `region`, `dice`, `hd95`, `volume_ml` and `true_volume_ml`.
    summary: region -> measure -> statistic with `mean`, `low` and `high`. Raises DependencyError without matplotlib and
    OutputError where the file cannot be written; then nothing is left behind.
    """
    write_figure(draw_evaluation(records, summary, title), path)


def draw_evaluation(records: Records, summary: Summary, title: str = "") -> Figure:
    """Draw the figure; see `write_evaluation`."""
    named = {case: number for number, case in enumerate(cases_to_name(records), start=1)}
    names = "   ".join(f"{number} {case}".replace(" ", "\u00a0") for case, number in named.items())
    lines = textwrap.wrap(names, 165)
    height = 5.6 + 0.18 * len(lines)
    figure = new_figure((_WIDTH, height), _DPI, "white")
    panels = figure.subplots(
        1, 3, gridspec_kw={"left": 0.055, "right": 0.985, "wspace": 0.22, "top": 1 - 0.8 / height,
                           "bottom": (1.25 + 0.18 * len(lines)) / height},
    )  # fmt: skip
    for axes, measure in zip(panels[:2], ("dice", "hd95"), strict=True):
        _draw_measure(axes, records, summary, measure, named)
    _scale_dice(panels[0])
    _scale_distance(panels[1], records)
    _draw_volumes(panels[2], records, named)
    figure.text(0.015, 1 - 0.3 / height, title, fontsize=13, va="center")
    legend = "point: case   box: quartiles and median   diamond: mean with 95 % bootstrap interval"
    figure.text(0.015, (0.52 + 0.18 * len(lines)) / height, legend, fontsize=8.5, color=_FAINT, va="center")
    figure.text(0.015, (0.32 + 0.09 * len(lines)) / height, "\n".join(lines), fontsize=8.5, va="center")
    figure.text(0.015, 0.14 / height, NOTICE, fontsize=8, color=_FAINT, va="center")
    return figure


def cases_to_name(records: Records) -> list[str]:
    """Return the cases that the figure names, at most twelve, the one with the worst Dice of any region first.

    All of a small cohort; of a larger one those with a Dice below 0.5, or so far from the others in Dice or HD95 that a
    box plot would count them as outliers.
    """
    worst: dict[str, float] = {}
    poor: set[str] = set()
    for region in REGIONS:
        own = _of_region(records, region.key)
        for record, bad in zip(own, _poor(own, "dice") | _poor(own, "hd95"), strict=True):
            worst[record["case"]] = min(worst.get(record["case"], 1.0), record["dice"])
            if bad:
                poor.add(record["case"])
    named = worst if len(worst) <= _MOST_NAMED else poor
    return sorted(named, key=lambda case: (worst[case], case))[:_MOST_NAMED]


def _of_region(records: Records, key: str) -> list[Mapping[str, Any]]:
    return [record for record in records if record["region"] == key]


def _poor(own: Records, measure: str) -> np.ndarray:
    """Say which of one region's cases are poor by a measure; for volumes, those off by more than a factor of two."""
    if measure == "volume_ml":
        mine, theirs = (np.array([record[key] for record in own]) + 0.1 for key in (measure, "true_volume_ml"))
        return np.abs(np.log2(mine / theirs)) > 1
    values = np.array([record[measure] for record in own])
    return _outside(values) if measure == "hd95" else (values < _POOR_DICE) | _outside(-values)


def _outside(values: np.ndarray) -> np.ndarray:
    """Say which values lie far above the others, as a box plot counts outliers."""
    low, high = np.quantile(values, (0.25, 0.75))
    return values > high + 1.5 * (high - low)


def _number(axes: Axes, own: Records, measure: str, named: Mapping[str, int], places: Iterable[Any]) -> None:
    """Write the named cases' numbers beside their points: all of a small cohort, else where they are poor."""
    all_of_them = len(own) <= _MOST_NAMED
    for record, poor, place in zip(own, _poor(own, measure), places, strict=True):
        if record["case"] in named and (poor or all_of_them):
            number = str(named[record["case"]])
            axes.annotate(number, place, (4, 3), textcoords="offset points", fontsize=7.5, zorder=5)


def _draw_measure(axes: Axes, records: Records, summary: Summary, measure: str, named: Mapping[str, int]) -> None:
    """Draw one measure: for each region the cases' points, their box, and the mean with its interval."""
    for place, region in enumerate(REGIONS):
        own = _of_region(records, region.key)
        values = np.array([record[measure] for record in own])
        color = _COLORS[region.key]
        axes.boxplot(
            values, positions=[place], widths=0.5, showfliers=False, patch_artist=True, zorder=1,
            boxprops={"facecolor": color, "alpha": 0.15, "edgecolor": color}, medianprops={"color": color, "lw": 1.8},
            whiskerprops={"color": color}, capprops={"color": color},
        )  # fmt: skip
        across = place + _spread(values)
        opacity = _opacity(own)
        axes.plot(across, values, _MARKERS[region.key], color=color, markersize=4.5, alpha=opacity, mew=0, zorder=3)
        _number(axes, own, measure, named, zip(across, values, strict=True))
        _draw_mean(axes, place + 0.36, summary[region.key][measure])
    axes.set_xticks(range(len(REGIONS)), [f"{region.key}\n{region.name}" for region in REGIONS], fontsize=9.5)
    axes.set_xlim(-0.5, len(REGIONS) - 0.45)
    _clean(axes)


def _opacity(own: Records) -> float:
    return 0.85 if len(own) <= 100 else 0.4


def _spread(values: np.ndarray) -> np.ndarray:
    """Return places beside each other for points of similar value, within a box's width."""
    places = np.zeros(len(values))
    steps = np.array([0.0, 0.1, -0.1, 0.2, -0.2])
    places[np.argsort(values, kind="stable")] = steps[np.arange(len(values)) % len(steps)]
    return places


def _draw_mean(axes: Axes, x: float, statistic: Mapping[str, Any]) -> None:
    if statistic["low"] is not None:
        axes.plot([x, x], [statistic["low"], statistic["high"]], color="black", lw=1.4, zorder=4)
    axes.plot(x, statistic["mean"], "D", color="black", markersize=4.5, zorder=4)


def _scale_dice(axes: Axes) -> None:
    axes.set_ylim(-0.04, 1.04)
    axes.set_yticks(np.arange(0, 1.01, 0.1))
    axes.set_title("Dice", fontsize=11, loc="left")


def _scale_distance(axes: Axes, records: Records) -> None:
    """Scale HD95: even up to 1 mm, logarithmic above, so that 2 mm and 373 mm can be told."""
    axes.set_yscale("symlog", linthresh=1.0, linscale=0.5)
    most = max(record["hd95"] for record in records)
    ticks = [tick for tick in (0, 1, 2, 5, 10, 20, 50, 100, 200, 373) if tick <= max(most * 1.3, 5)]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_ylim(-0.15, max(most * 1.3, 6))
    axes.set_title("HD95, mm (373: one of both is empty)" if most > 373 else "HD95, mm", fontsize=11, loc="left")


def _draw_volumes(axes: Axes, records: Records, named: Mapping[str, int]) -> None:
    """Draw each case's volume against the truth's, with the line of equality and 20 % on both sides of it."""
    least = 0.1
    most = max(1.0, *(max(record["volume_ml"], record["true_volume_ml"]) for record in records)) * 1.6
    line = np.geomspace(least, most, 50)
    axes.fill_between(line, line / 1.2, line * 1.2, color="0.92", lw=0, zorder=0)
    axes.plot([0, most], [0, most], color="0.6", lw=1, zorder=1)
    for region in REGIONS:
        own = _of_region(records, region.key)
        mine, theirs = ([record[key] for record in own] for key in ("volume_ml", "true_volume_ml"))
        color, marker = _COLORS[region.key], _MARKERS[region.key]
        axes.plot(
            theirs, mine, marker, color=color, markersize=5, alpha=_opacity(own), mew=0, label=region.key, zorder=3
        )
        _number(axes, own, "volume_ml", named, zip(theirs, mine, strict=True))
    ticks = [tick for tick in (0, 0.1, 1, 10, 100, 1000) if tick <= most]
    for axis, scale, limit in (
        (axes.xaxis, axes.set_xscale, axes.set_xlim),
        (axes.yaxis, axes.set_yscale, axes.set_ylim),
    ):
        scale("symlog", linthresh=least, linscale=0.3)
        axis.set_ticks(ticks, labels=[f"{tick:g}" for tick in ticks])
        axis.set_ticks([], minor=True)
        limit(-0.03, most)
    axes.set_title("Volume, ml (gray: within 20 %)", fontsize=11, loc="left")
    axes.set_xlabel("ground truth", fontsize=9.5)
    axes.set_ylabel("segmentation", fontsize=9.5)
    axes.legend(frameon=False, fontsize=9.5, loc="upper left", handletextpad=0.2)
    _clean(axes)


def _clean(axes: Axes) -> None:
    axes.grid(axis="y", color="0.9", lw=0.6, zorder=0)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=9.5)
    axes.spines[["top", "right"]].set_visible(False)
