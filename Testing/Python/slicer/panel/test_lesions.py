"""The table of lesions and the diameters in the views: true of the segmentation, of moved lines, and of edits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.amounts import format_volume
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.requests import Measure
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.measures.measuring import measure

NESTED = 1
Process = Callable[..., bool]


def texts(ui: Any) -> list[list[str]]:
    table = ui.lesionsTable
    return [[table.item(row, column).text() for column in range(4)] for row in range(table.rowCount)]


def chosen(panel: Any) -> Any:
    return panel.ui.segmentationSelector.currentNode()


def lines_of(panel: Any) -> dict[str, Any]:
    from BrainTumorVAESegLib.slicer.nodes import diameters

    return {line.GetName(): line for line in diameters.lines_of(chosen(panel))}


def expected(client: Any) -> Any:
    return measure(Segmentation(client.labels, client.geometry))


def paint(panel: Any, client: Any) -> np.ndarray:
    """Add a block of enhancing tumor far from the rest, as a person would; returns the labels."""
    from BrainTumorVAESegLib.slicer.choices import Style
    from BrainTumorVAESegLib.slicer.nodes.output import reference_of
    from BrainTumorVAESegLib.slicer.nodes.segments import fill

    labels = client.labels.copy()
    labels[20:26, 30:40, 12:20] = 3
    for _step in fill(chosen(panel), labels, reference_of(chosen(panel)), Style.DISJOINT):
        pass
    return labels


@pytest.fixture
def measured(segmented: Any, process_events: Process) -> Any:
    assert process_events(lambda: segmented.ui.lesionsTable.rowCount == 2)
    return segmented


def test_each_lesion_has_a_row_and_targets_are_bold(measured: Any, client: Any):
    ui, found = measured.ui, expected(client)
    rows = [
        [
            f"{burden.region} {each.number}", format_volume(each.volume_ml),
            f"{each.diameters.longest_mm:.1f} × {each.diameters.perpendicular_mm:.1f}",
            f"{each.diameters.product_mm2:.0f}",
        ]
        for burden in (found.enhancing, found.whole) for each in burden.lesions
    ]  # fmt: skip
    assert texts(ui) == rows and [row[0] for row in rows] == ["ET 1", "WT 1"]
    assert ui.lesionsTable.item(0, 0).font().bold()
    assert f"ET: sum of products {found.enhancing.sum_of_products_mm2:.0f} mm²" in ui.lesionsLabel.text
    assert "target lesion" in ui.lesionsTable.item(0, 2).toolTip()
    assert not ui.measureButton.visible


def test_what_a_person_places_with_the_mouse_stays_what_is_placed(
    running: Any, client: Any, scene: Any, host: Any, process_events: Process
):
    landmarks = scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "Landmarks")
    client.answer()
    assert process_events(lambda: running.ui.lesionsTable.rowCount == 2)
    selection = host.app.applicationLogic().GetSelectionNode()
    assert selection.GetActivePlaceNodeID() == landmarks.GetID()
    assert selection.GetActivePlaceNodeClassName() == "vtkMRMLMarkupsFiducialNode"


def test_the_diameters_of_targets_are_lines_in_their_slice(measured: Any, client: Any):
    lines = lines_of(measured)
    assert list(lines) == ["ET 1 longest", "ET 1 perpendicular", "WT 1 longest", "WT 1 perpendicular"]
    found = expected(client).enhancing.lesions[0].diameters
    for name, ends in (("ET 1 longest", found.ends), ("ET 1 perpendicular", found.perpendicular_ends)):
        line, points = lines[name], []
        for index in range(2):
            point = [0.0, 0.0, 0.0]
            line.GetNthControlPointPositionWorld(index, point)
            points.append(point)
        assert np.allclose(points, np.array(ends) * (-1, -1, 1))
    assert lines["ET 1 longest"].GetLineLengthWorld() == pytest.approx(found.longest_mm)
    heights = {round(end[2], 6) for end in (*found.ends, *found.perpendicular_ends)}
    assert len(heights) == 1
    assert not any(line.GetDisplayNode().GetVisibility3D() for line in lines.values())


def test_the_lines_keep_to_the_transform_of_their_volume(
    running: Any, client: Any, volumes: dict[Modality, Any], process_events: Process, scene: Any, host: Any
):
    import vtk

    turned = vtk.vtkTransform()
    turned.RotateZ(20)
    turned.Translate(5, -9, 4)
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "moved")
    transform.SetMatrixTransformToParent(turned.GetMatrix())
    reference = volumes[Modality.T1CE]
    reference.SetAndObserveTransformNodeID(transform.GetID())
    client.answer()
    assert process_events(lambda: running.ui.lesionsTable.rowCount == 2)
    for line in lines_of(running).values():
        assert line.GetTransformNodeID() == transform.GetID()


def test_a_line_that_is_moved_changes_its_row_and_the_sum(measured: Any, process_events: Process):
    ui, line = measured.ui, lines_of(measured)["ET 1 longest"]
    before = texts(ui)
    start, end = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    line.GetNthControlPointPositionWorld(0, start)
    line.GetNthControlPointPositionWorld(1, end)
    doubled = [2 * b - a for a, b in zip(start, end, strict=True)]
    line.SetNthControlPointPositionWorld(1, doubled)
    length, across = line.GetLineLengthWorld(), float(before[0][2].split("×")[1])
    assert texts(ui)[0][2] == f"{length:.1f} × {across:.1f}"
    assert float(texts(ui)[0][3]) == pytest.approx(length * across, rel=0.01)
    assert f"sum of products {texts(ui)[0][3]} mm²" in ui.lesionsLabel.text
    assert texts(ui)[1] == before[1]
    assert ui.lesionsTable.item(0, 0).font().italic() and "moved by hand" in ui.lesionsTable.item(0, 0).toolTip()
    line.RemoveNthControlPoint(1)
    assert texts(ui)[0][2] == f"{length:.1f} × {across:.1f}", "until its end is placed again"


def test_a_click_on_a_row_takes_the_views_to_the_lesion(slices: list[Any], measured: Any, client: Any):
    measured.ui.lesionsTable.cellClicked.emit(0, 1)
    ends = np.array(expected(client).enhancing.lesions[0].diameters.ends)
    middle = ends.mean(axis=0) * (-1, -1, 1)
    offsets = {node.GetName(): node.GetSliceOffset() for node in slices}
    assert offsets["Red"] == pytest.approx(middle[2], abs=1e-3)
    assert offsets["Green"] == pytest.approx(middle[1], abs=1e-3)
    line = lines_of(measured)["ET 1 longest"]
    line.Translate(0.0, 0.0, 10.0) if hasattr(line, "Translate") else shift(line, 10.0)
    measured.ui.lesionsTable.cellClicked.emit(0, 0)
    assert slices[0].GetSliceOffset() == pytest.approx(middle[2] + 10, abs=1e-3), "where the line is now"


def shift(line: Any, up: float) -> None:
    for index in range(2):
        point = [0.0, 0.0, 0.0]
        line.GetNthControlPointPositionWorld(index, point)
        line.SetNthControlPointPositionWorld(index, [point[0], point[1], point[2] + up])


def test_an_edit_marks_the_table_and_the_button_measures_anew(measured: Any, client: Any, process_events: Process):
    ui, before = measured.ui, texts(measured.ui)
    lines = list(lines_of(measured).values())
    client.labels = paint(measured, client)
    assert process_events(lambda: ui.measureButton.visible, 5)
    assert "has been edited since it was measured" in ui.lesionsLabel.text
    assert texts(ui) == before, "what was measured stays until it is measured anew"
    ui.measureButton.click()
    assert process_events(lambda: not ui.measureButton.visible)
    found = expected(client)
    assert [row[0] for row in texts(ui)] == ["ET 1", "ET 2", "WT 1", "WT 2"]
    assert texts(ui)[0][1] == format_volume(found.enhancing.lesions[0].volume_ml)
    assert "edited" not in ui.lesionsLabel.text.lower()
    assert format_volume(found.volumes_ml["ET"]) == ui.resultsTable.item(2, 1).text()
    assert "Edited since." in ui.resultLabel.text
    kept = lines_of(measured)
    assert [line for line in lines if line in kept.values()] == lines, "a lesion keeps its lines"
    assert not any(ui.lesionsTable.item(row, 0).font().italic() for row in range(4))


def test_an_edit_that_is_taken_back_leaves_the_table_true(measured: Any, client: Any, process_events: Process):
    original = client.labels
    client.labels = paint(measured, client)
    assert process_events(lambda: measured.ui.measureButton.visible, 5)
    client.labels = original
    from BrainTumorVAESegLib.slicer.choices import Style
    from BrainTumorVAESegLib.slicer.nodes.output import reference_of
    from BrainTumorVAESegLib.slicer.nodes.segments import fill

    for _step in fill(chosen(measured), original, reference_of(chosen(measured)), Style.DISJOINT):
        pass
    assert process_events(lambda: not measured.ui.measureButton.visible, 5)


def test_other_segments_of_the_same_voxels_are_no_edit(measured: Any, process_events: Process):
    measured.ui.styleComboBox.currentIndex = NESTED
    assert process_events(lambda: chosen(measured).GetSegmentation().GetSegment("WT") is not None)
    process_events(seconds=0.5)
    assert not measured.ui.measureButton.visible


def test_a_segment_that_is_removed_is_an_edit(measured: Any, process_events: Process):
    chosen(measured).GetSegmentation().RemoveSegment("ET")
    assert process_events(lambda: measured.ui.measureButton.visible, 5)


def test_a_failure_to_measure_is_said_and_can_be_tried_again(measured: Any, client: Any, process_events: Process):
    from BrainTumorVAESegLib.core.errors import InputError

    ui = measured.ui
    client.labels = paint(measured, client)
    assert process_events(lambda: ui.measureButton.visible, 5)
    client.at_once = False
    ui.measureButton.click()
    assert not ui.measureButton.enabled
    assert process_events(lambda: any(isinstance(each[0], Measure) for each in client.requests))
    client.fail(InputError("The disk is full."))
    assert process_events(lambda: "The disk is full." in ui.messageLabel.text)
    assert ui.measureButton.enabled and ui.measureButton.visible
    assert not [path for path in client.exchange.folder.iterdir() if "labels" in path.name]


def test_the_lines_come_and_go_by_a_check_box(measured: Any, process_events: Process):
    box = measured.ui.showDiametersCheckBox
    assert box.visible and all(line.GetDisplayVisibility() for line in lines_of(measured).values())
    box.checked = False
    process_events(seconds=0.05)
    assert not any(line.GetDisplayVisibility() for line in lines_of(measured).values())
    box.checked = True
    process_events(seconds=0.05)
    assert all(line.GetDisplayVisibility() for line in lines_of(measured).values())


def test_a_result_without_measures_can_be_measured(measured: Any, scene: Any, process_events: Process, client: Any):
    from BrainTumorVAESegLib.slicer.nodes.measured import measured_nodes
    from BrainTumorVAESegLib.slicer.nodes.removing import remove_nodes

    ui = measured.ui
    remove_nodes(measured_nodes(chosen(measured)))
    measured.panel.refresh()
    assert ui.lesionsTable.rowCount == 0 and not ui.lesionsTable.visible
    assert ui.measureButton.visible and ui.measureButton.text == "Measure"
    ui.measureButton.click()
    assert process_events(lambda: ui.lesionsTable.rowCount == 2)


def test_an_empty_result_has_no_lesions_and_no_lines(running: Any, client: Any, process_events: Process):
    client.labels = np.zeros_like(client.labels)
    client.answer()
    assert process_events(lambda: running.ui.applyButton.text == "Segment")
    assert running.ui.lesionsTable.rowCount == 0 and lines_of(running) == {}
    assert not running.ui.measureButton.visible and not running.ui.showDiametersCheckBox.visible


def test_a_saved_scene_brings_table_and_lines_back_and_they_stay_linked(
    measured: Any, host: Any, scene: Any, tmp_path: Any, process_events: Process
):
    before = texts(measured.ui)
    assert host.util.saveScene(str(tmp_path / "scene.mrb"))
    scene.Clear()
    host.util.loadScene(str(tmp_path / "scene.mrb"))
    assert process_events(lambda: measured.ui.lesionsTable.rowCount == 2, 10)
    assert texts(measured.ui) == before
    process_events(seconds=0.5)
    assert not measured.ui.measureButton.visible
    line = lines_of(measured)["ET 1 longest"]
    line.SetNthControlPointPositionWorld(0, [0.0, 0.0, 0.0])
    assert texts(measured.ui)[0] != before[0]


def test_all_of_it_stands_under_the_study_so_that_slicer_exports_the_segmentation(
    host: Any, assigned: Any, client: Any, volumes: dict[Modality, Any], process_events: Process
):
    from BrainTumorVAESegLib.core.requests import Segment
    from BrainTumorVAESegLib.slicer.nodes.hierarchy import find_study
    from BrainTumorVAESegLib.slicer.nodes.measured import measured_nodes
    from BrainTumorVAESegLib.slicer.nodes.output import table_of

    hierarchy = host.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(host.mrmlScene)
    subject = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "P1")
    study = hierarchy.CreateStudyItem(subject, "MR brain")
    for node in volumes.values():
        hierarchy.SetItemParent(hierarchy.GetItemByDataNode(node), study)
        node.SetAttribute("DICOM.instanceUIDs", "1.2.3 1.2.4")
    assigned.ui.applyButton.click()
    assert process_events(lambda: any(isinstance(request[0], Segment) for request in client.requests))
    client.answer()
    assert process_events(lambda: assigned.ui.lesionsTable.rowCount == 2)
    segmentation = chosen(assigned)
    # What Slicer's exporter asks of a segmentation: a place right under a study, and a reference that came from DICOM.
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(segmentation)) == study
    reference = segmentation.GetNodeReference(segmentation.GetReferenceImageGeometryReferenceRole())
    assert reference is volumes[Modality.T1CE] and reference.GetAttribute("DICOM.instanceUIDs")
    assert {find_study(node) for node in (table_of(segmentation), *measured_nodes(segmentation))} == {study}
    (folder,) = {hierarchy.GetItemParent(hierarchy.GetItemByDataNode(line)) for line in lines_of(assigned).values()}
    assert hierarchy.GetItemName(folder) == f"{segmentation.GetName()} diameters"
