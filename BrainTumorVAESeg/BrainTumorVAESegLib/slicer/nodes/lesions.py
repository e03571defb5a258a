"""The table node of a result's lesions: a row for each, with what was measured of it and where it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import vtk
from slicer.i18n import tr as _

from ...core.measures import Burden, Lesion, Measures

OTHERS_ATTRIBUTE = "BrainTumorVAESeg.others"
"""The table node's attribute with how many smaller lesions have no row."""


@dataclass(frozen=True)
class LesionRow:
    """What a row of the table holds; the names are those of its columns, and are the same in every language.

    Lesion: its name, `ET 1`. ByHand: whether a person has moved a diameter since it was measured. R, A, S: the middle
    of the longest diameter (mm), to which the views go.
    """

    Lesion: str
    Region: str
    Volume: float
    Longest: float
    Perpendicular: float
    Product: float
    Diameter3D: float
    Slice: int
    Target: bool
    Side: str
    ByHand: bool
    R: float
    A: float
    S: float

    @property
    def place(self) -> tuple[float, float, float]:
        """Where it is in Slicer's world (RAS, mm)."""
        return self.R, self.A, self.S


def rows_of_measures(measures: Measures) -> list[LesionRow]:
    """Return the rows of what was measured: enhancing lesions first, then those of the whole tumor."""
    return [_row(burden, lesion) for burden in (measures.enhancing, measures.whole) for lesion in burden.lesions]


def lesion_name(burden: Burden, lesion: Lesion) -> str:
    """Return what a lesion is called: its region and number."""
    return f"{burden.region} {lesion.number}"


def sums_of_products(rows: Iterable[LesionRow]) -> dict[str, tuple[int, float]]:
    """Return by region how many target lesions there are and the sum of their products (mm2)."""
    sums: dict[str, tuple[int, float]] = {}
    for row in rows:
        if row.Target:
            count, total = sums.get(row.Region, (0, 0.0))
            sums[row.Region] = (count + 1, total + row.Product)
    return sums


def fill_lesions(node: Any, rows: Sequence[LesionRow]) -> None:
    """Write rows into a vtkMRMLTableNode, in place of all that it held."""
    table = vtk.vtkTable()
    for column in fields(LesionRow):
        table.AddColumn(_column(column.name, str(column.type), [getattr(row, column.name) for row in rows]))
    before = node.StartModify()
    try:
        node.SetAndObserveSchema(None)
        node.SetAndObserveTable(table)
        _describe(node)
    finally:
        node.EndModify(before)


def lesion_rows(node: Any) -> list[LesionRow]:
    """Return the rows that a table node holds, none where it is no table of ours."""
    table = node.GetTable() if node is not None else None
    columns: list[Any] = [table.GetColumnByName(column.name) if table else None for column in fields(LesionRow)]
    if table is None or None in columns:
        return []
    kinds = [_READ[str(column.type)] for column in fields(LesionRow)]
    return [
        LesionRow(*(kind(column.GetVariantValue(row)) for kind, column in zip(kinds, columns, strict=True)))
        for row in range(table.GetNumberOfRows())
    ]


_READ: dict[str, Callable[[Any], Any]] = {
    "str": lambda cell: str(cell.ToString()),
    "int": lambda cell: int(cell.ToInt()),
    "bool": lambda cell: bool(cell.ToInt()),
    "float": lambda cell: float(cell.ToDouble()),
}
"""A cell's value by the kind of its column."""


def describe_measures(measures: Measures) -> str:
    """Return what was measured of the tumor as a whole, in a line for people."""
    parts = []
    if measures.necrotic_share is not None and measures.enhancing_share is not None:
        text = _("Of the tumor core {enhancing} % enhances and {other} % does not.")
        parts.append(text.format(enhancing=_percent(measures.enhancing_share), other=_percent(measures.necrotic_share)))
    side = measures.side
    if side is not None:
        where = _("The tumor lies on the left.") if side.side == "left" else _("The tumor lies on the right.")
        across = _("It reaches {mm} mm across the midline.").format(mm=f"{side.across_mm:.0f}")
        parts += [where, across] if side.across_mm >= 1 else [where]
    if measures.tilt_degrees > _TILTED:
        text = _("The slices measured in are tilted by {degrees} degrees against axial.")
        parts.append(text.format(degrees=round(measures.tilt_degrees)))
    return " ".join(parts)


_TILTED = 5.0
"""Degrees from which the tilt of slices is told."""


def _percent(share: float) -> int:
    return round(100 * share)


def _row(burden: Burden, lesion: Lesion) -> LesionRow:
    found = lesion.diameters
    x, y, z = ((a + b) / 2 for a, b in zip(*found.ends, strict=True))
    return LesionRow(
        lesion_name(burden, lesion), burden.region, lesion.volume_ml, found.longest_mm, found.perpendicular_mm,
        found.product_mm2, lesion.diameter_3d_mm, found.slice, lesion.target, lesion.side.side if lesion.side else "",
        False, -x, -y, z,
    )  # fmt: skip


def _column(name: str, kind: str, values: Sequence[Any]) -> Any:
    makers = {"str": vtk.vtkStringArray, "float": vtk.vtkDoubleArray}
    array = makers.get(kind, vtk.vtkIntArray)()
    array.SetName(name)
    for value in values:
        array.InsertNextValue(int(value) if isinstance(value, bool) else value)
    return array


def _describe(node: Any) -> None:
    """Set titles and units of the columns, and keep the values from being typed over."""
    titles = {
        "Lesion": _("Lesion"),
        "Region": _("Region"),
        "Volume": _("Volume (ml)"),
        "Longest": _("Longest diameter (mm)"),
        "Perpendicular": _("Perpendicular (mm)"),
        "Product": _("Product (mm2)"),
        "Diameter3D": _("Diameter in 3D (mm)"),
        "Slice": _("Slice"),
        "Target": _("Target"),
        "Side": _("Side"),
        "ByHand": _("Moved by hand"),
    }
    for name, title in titles.items():
        node.SetColumnTitle(name, title)
    for name, unit in (("Volume", "ml"), ("Longest", "mm"), ("Perpendicular", "mm"), ("Product", "mm2")):
        node.SetColumnUnitLabel(name, unit)
    node.SetUseColumnTitleAsColumnHeader(True)
    node.SetLocked(True)
