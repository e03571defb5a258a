from __future__ import annotations

from typing import Any

import numpy as np
import pytest


@pytest.fixture
def hierarchy(host: Any, scene: Any) -> Any:
    """The scene's subject hierarchy node."""
    return host.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)


@pytest.fixture
def placing(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.nodes import hierarchy

    return hierarchy


@pytest.fixture
def a_volume(host: Any, scene: Any) -> Any:
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "T1ce")
    host.util.updateVolumeFromArray(node, np.zeros((3, 3, 3), np.uint8))
    return node


@pytest.fixture
def a_segmentation(scene: Any) -> Any:
    return scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "tumor")


def add_study(hierarchy: Any, name: str) -> int:
    subject = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), f"patient of {name}")
    return hierarchy.CreateStudyItem(subject, name)


def item_of(hierarchy: Any, node: Any) -> int:
    return hierarchy.GetItemByDataNode(node) or hierarchy.CreateItem(hierarchy.GetSceneItemID(), node)


def parent_of(hierarchy: Any, node: Any) -> int:
    return hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node))


def test_a_result_stands_under_the_study_of_its_volume(
    placing: Any, hierarchy: Any, a_volume: Any, a_segmentation: Any
):
    study = add_study(hierarchy, "MR brain")
    hierarchy.SetItemParent(item_of(hierarchy, a_volume), study)
    placing.place_beside(a_segmentation, a_volume)
    assert parent_of(hierarchy, a_segmentation) == study
    assert placing.find_study(a_segmentation) == study


def test_a_volume_in_a_folder_of_a_study_is_found_in_the_study(
    placing: Any, hierarchy: Any, a_volume: Any, a_segmentation: Any
):
    study = add_study(hierarchy, "MR brain")
    hierarchy.SetItemParent(item_of(hierarchy, a_volume), hierarchy.CreateFolderItem(study, "registered"))
    placing.place_beside(a_segmentation, a_volume)
    assert parent_of(hierarchy, a_segmentation) == study


def test_a_result_follows_when_the_reference_is_of_another_study(
    placing: Any, hierarchy: Any, a_volume: Any, a_segmentation: Any
):
    first, second = add_study(hierarchy, "first"), add_study(hierarchy, "second")
    hierarchy.SetItemParent(item_of(hierarchy, a_volume), second)
    hierarchy.SetItemParent(item_of(hierarchy, a_segmentation), first)
    placing.place_beside(a_segmentation, a_volume)
    assert parent_of(hierarchy, a_segmentation) == second


def test_a_result_that_was_put_into_a_folder_of_the_study_stays_there(
    placing: Any, hierarchy: Any, a_volume: Any, a_segmentation: Any
):
    study = add_study(hierarchy, "MR brain")
    folder = hierarchy.CreateFolderItem(study, "results")
    hierarchy.SetItemParent(item_of(hierarchy, a_volume), study)
    hierarchy.SetItemParent(item_of(hierarchy, a_segmentation), folder)
    placing.place_beside(a_segmentation, a_volume)
    assert parent_of(hierarchy, a_segmentation) == folder


def test_without_a_study_a_result_stands_beside_the_volume(
    placing: Any, hierarchy: Any, a_volume: Any, a_segmentation: Any
):
    folder = hierarchy.CreateFolderItem(hierarchy.GetSceneItemID(), "case")
    hierarchy.SetItemParent(item_of(hierarchy, a_volume), folder)
    placing.place_beside(a_segmentation, a_volume)
    assert parent_of(hierarchy, a_segmentation) == folder
    assert placing.find_study(a_segmentation) == 0


def test_without_a_study_a_result_stays_in_the_folder_where_a_person_put_it(
    placing: Any, hierarchy: Any, a_volume: Any, a_segmentation: Any
):
    folder = hierarchy.CreateFolderItem(hierarchy.GetSceneItemID(), "mine")
    hierarchy.SetItemParent(item_of(hierarchy, a_segmentation), folder)
    placing.place_beside(a_segmentation, a_volume)
    assert parent_of(hierarchy, a_segmentation) == folder
