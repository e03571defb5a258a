from __future__ import annotations

from typing import Any

import pytest
import vtk

VOLUMES = {"NCR": 1.5, "ED": 20.25, "ET": 3.0, "WT": 24.75, "TC": 4.5}


@pytest.fixture
def tables(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.nodes import tables

    return tables


@pytest.fixture
def a_table_node(scene: Any) -> Any:
    return scene.AddNewNodeByClass("vtkMRMLTableNode", "Tumor volumes")


def test_a_table_has_a_row_for_each_label_and_region(tables: Any, a_table_node: Any):
    tables.fill_table(a_table_node, VOLUMES)
    assert [a_table_node.GetCellText(row, 0) for row in range(a_table_node.GetNumberOfRows())] == list(tables.ROWS)
    assert a_table_node.GetCellText(4, 1) == "Whole tumor"
    assert tables.rows_of(a_table_node) == VOLUMES


def test_intervals_have_columns_of_their_own_where_there_are_any(tables: Any, a_table_node: Any):
    tables.fill_table(a_table_node, VOLUMES, {"WT": (20.0, 30.5)})
    assert a_table_node.GetNumberOfColumns() == 5
    assert tables.intervals_of(a_table_node) == {"WT": (20.0, 30.5)} and tables.rows_of(a_table_node) == VOLUMES
    tables.fill_table(a_table_node, VOLUMES)
    assert a_table_node.GetNumberOfColumns() == 3 and tables.intervals_of(a_table_node) == {}


def test_the_volumes_are_numbers_with_a_unit_and_kept_from_being_typed_over(tables: Any, a_table_node: Any):
    tables.fill_table(a_table_node, VOLUMES)
    assert a_table_node.GetColumnType(tables.VOLUME) == vtk.VTK_DOUBLE
    assert a_table_node.GetColumnUnitLabel(tables.VOLUME) == "ml"
    assert a_table_node.GetColumnTitle(tables.VOLUME) == "Volume (ml)"
    assert a_table_node.GetUseColumnTitleAsColumnHeader()
    assert a_table_node.GetLocked()


def test_a_second_result_replaces_the_first_with_one_notice(tables: Any, a_table_node: Any):
    a_table_node.AddEmptyRow()
    tables.fill_table(a_table_node, VOLUMES)
    told: list[str] = []
    a_table_node.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda caller, event: told.append(event))
    tables.fill_table(a_table_node, VOLUMES | {"ET": 0.0})
    assert tables.rows_of(a_table_node) == VOLUMES | {"ET": 0.0}
    assert a_table_node.GetNumberOfColumns() == 3
    assert len(told) == 1


def test_a_table_comes_back_from_a_file(tables: Any, a_table_node: Any, scene: Any, tmp_path: Any):
    tables.fill_table(a_table_node, VOLUMES)
    storage = scene.AddNewNodeByClass("vtkMRMLTableStorageNode")
    storage.SetFileName(str(tmp_path / "volumes.tsv"))
    assert storage.WriteData(a_table_node)
    read = scene.AddNewNodeByClass("vtkMRMLTableNode")
    assert storage.ReadData(read)
    assert tables.rows_of(read) == VOLUMES


def test_a_table_of_something_else_holds_no_volumes(tables: Any, a_table_node: Any):
    assert tables.rows_of(a_table_node) == {}
    a_table_node.AddColumn().SetName("Patient")
    assert tables.rows_of(a_table_node) == {}
