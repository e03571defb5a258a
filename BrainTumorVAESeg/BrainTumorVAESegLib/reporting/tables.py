"""Tables as plain rows of text, for a terminal, a report or a panel to draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.amounts import format_volume
from ..core.labels import ENHANCING, LABELS, REGIONS

_MEASURES: dict[str, tuple[str, str]] = {
    "dice": ("Dice", "{:.3f}"),
    "hd95": ("HD95, mm", "{:.2f}"),
    "sensitivity": ("Sensitivity", "{:.3f}"),
    "specificity": ("Specificity", "{:.4f}"),
    "surface_dice": ("Surface Dice at 1 mm", "{:.3f}"),
    "lesion_dice": ("Lesion-wise Dice", "{:.3f}"),
    "lesion_hd95": ("Lesion-wise HD95, mm", "{:.2f}"),
    "lesions_found": ("Lesions found", "{:.2f}"),
    "lesions_missed": ("Lesions missed", "{:.2f}"),
    "lesions_false": ("False lesions", "{:.2f}"),
    "volume_error_ml": ("Volume error, ml", "{:+.1f}"),
    "volume_error_relative": ("Volume error, relative", "{:+.1%}"),
}
_SHOWN = ("dice", "hd95")
CASE_COLUMNS = ("Case", "Dice WT", "TC", "ET", "HD95 WT", "TC", "ET")
"""Columns of `case_rows`."""
LESION_COLUMNS = ("Lesion", "Side", "Slice", "Diameters, mm", "Product, mm²")
"""Columns of `target_rows`; slices are counted from 0."""


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


def target_rows(measures: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return a row of `LESION_COLUMNS` for each enhancing target lesion, then their sum; none where there is none.

    Of a tumor without one the whole tumor's target lesions stand in their place. measures: `measures.results.Measures`
    as plain values.
    """
    burdens = (measures["enhancing"], measures["whole"])
    burden = next((each for each in burdens if any(lesion["target"] for lesion in each["lesions"])), burdens[0])
    rows = []
    for lesion in burden["lesions"]:
        if lesion["target"]:
            found, side = lesion["diameters"], lesion["side"]
            size = f"{found['longest_mm']:.1f} x {found['perpendicular_mm']:.1f}"
            name = f"{burden['region']} {lesion['number']}"
            rows.append((name, side["side"] if side else "", str(found["slice"]), size, _area(found["product_mm2"])))
    return [*rows, ("sum", "", "", "", _area(burden["sum_of_products_mm2"]))] if rows else []


def _area(square_millimeters: float) -> str:
    return f"{square_millimeters:.0f}"


def format_dice(score: float) -> str:
    """Return a Dice score with three decimals."""
    return f"{score:.3f}"


def case_rows(
    records: Sequence[Mapping[str, Any]], summary: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> list[tuple[str, ...]]:
    """Return a row of `CASE_COLUMNS` for each case, then the mean, its interval in two rows, and the median.

    records: one for each case and region, with `case`, `region` and the measures by name. summary: region -> measure ->
    statistic with `mean`, `low`, `high` and `median`.
    """
    cases: dict[str, dict[str, Mapping[str, Any]]] = {}
    for record in records:
        cases.setdefault(record["case"], {})[record["region"]] = record
    columns = [(measure, region.key) for measure in _SHOWN for region in REGIONS]
    rows = [
        (name, *(format_measure(measure, regions[key][measure]) for measure, key in columns))
        for name, regions in cases.items()
    ]
    for name, part in (("mean", "mean"), ("  95 % from", "low"), ("  to", "high"), ("median", "median")):
        rows.append((name, *(format_measure(measure, summary[key][measure][part]) for measure, key in columns)))
    return rows


def measure_rows(summary: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[tuple[str, ...]]:
    """Return (measure's name, mean of WT, TC and ET) for each measure; summary as for `case_rows`."""
    return [
        (name, *(format_measure(measure, summary[region.key][measure]["mean"]) for region in REGIONS))
        for measure, (name, _) in _MEASURES.items()
    ]


def difference_rows(differences: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[tuple[str, ...]]:
    """Return (measure and region, mean difference, its interval's ends, cases larger, smaller) for Dice and HD95.

    differences: region -> measure -> difference with `mean`, `low`, `high`, `larger` and `smaller`.
    """
    rows = []
    for measure in _SHOWN:
        sign = _MEASURES[measure][1].replace("{:", "{:+")
        for region in REGIONS:
            each = differences[region.key][measure]
            numbers = ("-" if each[part] is None else sign.format(each[part]) for part in ("mean", "low", "high"))
            name = f"{_MEASURES[measure][0]} {region.key}"
            rows.append((name, *numbers, str(each["larger"]), str(each["smaller"])))
    return rows


def format_measure(measure: str, value: float | None) -> str:
    """Return a measure's value as it stands in tables, `-` where it has none."""
    if value is None:
        return "-"
    return _MEASURES[measure][1].format(value)
