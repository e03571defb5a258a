"""The table node of a result: the volume of each label and region in milliliters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import vtk
from slicer.i18n import tr as _

from ...core.labels import LABELS, REGIONS
from .terminology import find_part

ROWS: tuple[str, ...] = (*(label.key for label in LABELS), *(region.key for region in reversed(REGIONS[:2])))
"""The keys of the rows in their order: NCR, ED, ET, TC, WT; ET is label and region in one."""
KEY, STRUCTURE, VOLUME = "Key", "Structure", "Volume"
LOW, HIGH = "Low", "High"
"""Names of the columns, the same in every language; people see their titles."""


def fill_table(
    node: Any, volumes: Mapping[str, float], intervals: Mapping[str, tuple[float, float]] | None = None
) -> None:
    """Write the volumes (ml, by key) into a vtkMRMLTableNode, in place of all that it held.

    A key of `ROWS` that is not given has no row. intervals: the ml between which a volume probably lies; where there
    are any they have two columns, of numbers that are not finite where a row has none.
    """
    keys = [key for key in ROWS if key in volumes]
    table = vtk.vtkTable()
    table.AddColumn(_column(vtk.vtkStringArray(), KEY, keys))
    table.AddColumn(_column(vtk.vtkStringArray(), STRUCTURE, [find_part(key).name for key in keys]))
    table.AddColumn(_column(vtk.vtkDoubleArray(), VOLUME, [float(volumes[key]) for key in keys]))
    if intervals:
        ends = [intervals.get(key, (math.nan, math.nan)) for key in keys]
        table.AddColumn(_column(vtk.vtkDoubleArray(), LOW, [float(low) for low, _high in ends]))
        table.AddColumn(_column(vtk.vtkDoubleArray(), HIGH, [float(high) for _low, high in ends]))
    before = node.StartModify()
    try:
        node.SetAndObserveSchema(None)
        node.SetAndObserveTable(table)
        _describe(node)
        if intervals:
            _describe_intervals(node)
    finally:
        node.EndModify(before)


def rows_of(node: Any) -> dict[str, float]:
    """Return the volumes (ml, by key) that a table node holds, in its order; {} where it is no table of ours."""
    table = node.GetTable()
    keys, volumes = (table.GetColumnByName(name) if table else None for name in (KEY, VOLUME))
    if keys is None or volumes is None:
        return {}
    return {
        str(keys.GetVariantValue(row).ToString()): float(volumes.GetVariantValue(row).ToDouble())
        for row in range(table.GetNumberOfRows())
    }


def intervals_of(node: Any) -> dict[str, tuple[float, float]]:
    """Return the intervals (ml, by key) that a table node holds; {} where it has none."""
    table = node.GetTable()
    keys, lows, highs = (table.GetColumnByName(name) if table else None for name in (KEY, LOW, HIGH))
    if keys is None or lows is None or highs is None:
        return {}
    found = {
        str(keys.GetVariantValue(row).ToString()): (
            float(lows.GetVariantValue(row).ToDouble()),
            float(highs.GetVariantValue(row).ToDouble()),
        )
        for row in range(table.GetNumberOfRows())
    }
    return {key: ends for key, ends in found.items() if all(map(math.isfinite, ends))}


def _column(array: Any, name: str, values: list[Any]) -> Any:
    array.SetName(name)
    for value in values:
        array.InsertNextValue(value)
    return array


def _describe(node: Any) -> None:
    """Set types, unit, titles and descriptions of the columns, and keep the values from being typed over."""
    for name, kind in ((KEY, vtk.VTK_STRING), (STRUCTURE, vtk.VTK_STRING), (VOLUME, vtk.VTK_DOUBLE)):
        node.SetColumnType(name, kind)
    node.SetColumnTitle(KEY, _("Segment"))
    node.SetColumnTitle(STRUCTURE, _("Structure"))
    node.SetColumnTitle(VOLUME, _("Volume (ml)"))
    node.SetColumnUnitLabel(VOLUME, "ml")
    node.SetColumnDescription(KEY, _("Label or region of BraTS; the regions WT, TC and ET lie in each other"))
    node.SetColumnDescription(VOLUME, _("Number of voxels times the volume of one, in milliliters"))
    node.SetUseColumnTitleAsColumnHeader(True)
    node.SetLocked(True)


def _describe_intervals(node: Any) -> None:
    for name, title, text in (
        (LOW, _("From (ml)"), _("The volume probably lies between this and the next column's")),
        (HIGH, _("To (ml)"), _("The volume probably lies between the column before and this")),
    ):
        node.SetColumnType(name, vtk.VTK_DOUBLE)
        node.SetColumnTitle(name, title)
        node.SetColumnUnitLabel(name, "ml")
        node.SetColumnDescription(name, text)
