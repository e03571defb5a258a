"""The table node of a result: the volume of each label and region in milliliters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import vtk
from slicer.i18n import tr as _

from ...core.labels import LABELS, REGIONS
from .terminology import find_part

ROWS: tuple[str, ...] = (*(label.key for label in LABELS), *(region.key for region in reversed(REGIONS[:2])))
"""The keys of the rows in their order: NCR, ED, ET, TC, WT; ET is label and region in one."""
KEY, STRUCTURE, VOLUME = "Key", "Structure", "Volume"
"""Names of the columns, the same in every language; people see their titles."""


def fill_table(node: Any, volumes: Mapping[str, float]) -> None:
    """Write the volumes (ml, by key) into a vtkMRMLTableNode, in place of all that it held.

    A key of `ROWS` that is not given has no row.
    """
    keys = [key for key in ROWS if key in volumes]
    table = vtk.vtkTable()
    table.AddColumn(_column(vtk.vtkStringArray(), KEY, keys))
    table.AddColumn(_column(vtk.vtkStringArray(), STRUCTURE, [find_part(key).name for key in keys]))
    table.AddColumn(_column(vtk.vtkDoubleArray(), VOLUME, [float(volumes[key]) for key in keys]))
    before = node.StartModify()
    try:
        node.SetAndObserveSchema(None)
        node.SetAndObserveTable(table)
        _describe(node)
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
