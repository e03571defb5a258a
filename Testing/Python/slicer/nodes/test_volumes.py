from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.images.itk import geometry_of

TILT = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]


@pytest.fixture
def volumes(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.nodes import volumes

    return volumes


@pytest.fixture
def an_array() -> np.ndarray:
    return np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7)


@pytest.fixture
def a_volume(scene: Any, an_array: np.ndarray) -> Any:
    """An oblique, anisotropic MR image named `ax t1`."""
    matrix = np.eye(4)
    matrix[:3, :3] = TILT * (0.9, 1.1, 3.0)
    matrix[:3, 3] = (12.0, -34.0, 56.0)
    return add_volume(scene, an_array, "ax t1", matrix)


def add_volume(
    scene: Any, array: np.ndarray, name: str = "volume", matrix: np.ndarray | None = None, kind: str = "Scalar"
) -> Any:
    import slicer

    node = scene.AddNewNodeByClass(f"vtkMRML{kind}VolumeNode", name)
    slicer.util.updateVolumeFromArray(node, array)
    node.SetIJKToRASMatrix(vtk_matrix(np.eye(4) if matrix is None else matrix))
    return node


def vtk_matrix(array: np.ndarray) -> Any:
    import vtk

    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy(array.ravel().tolist())
    return matrix


def under(node: Any, matrix: np.ndarray) -> Any:
    """Put a node under a linear transform."""
    transform = node.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(vtk_matrix(matrix))
    node.SetAndObserveTransformNodeID(transform.GetID())
    return transform


def moved(by: tuple[float, float, float], turn: np.ndarray | None = None) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3] = np.eye(3) if turn is None else turn
    matrix[:3, 3] = by
    return matrix


def test_a_volume_has_no_problem_and_tells_its_facts(volumes: Any, scene: Any, an_array: np.ndarray):
    node = add_volume(scene, an_array, matrix=np.diag([-1.0, -1.0, 2.5, 1.0]))
    assert volumes.problem(node) is None
    facts = volumes.facts(node)
    assert (facts.size, facts.spacing, facts.axis_codes) == ((7, 6, 5), (1.0, 1.0, 2.5), "LPS")
    assert (facts.scalar_type, facts.series_description) == ("short", "")
    assert str(facts) == "7x6x5 at 1x1x2.5 mm, LPS"


def test_the_voxels_are_the_nodes_own(volumes: Any, a_volume: Any, an_array: np.ndarray):
    read = volumes.array(a_volume)
    np.testing.assert_array_equal(read, an_array)
    a_volume.GetImageData().SetScalarComponentFromDouble(2, 1, 0, 0, 1234)
    assert read[0, 1, 2] == 1234


def test_the_geometry_is_the_one_that_a_file_would_have(volumes: Any, a_volume: Any, tmp_path: Any, scene: Any):
    storage = scene.AddNewNodeByClass("vtkMRMLVolumeArchetypeStorageNode")
    storage.SetFileName(str(tmp_path / "volume.nrrd"))
    assert storage.WriteData(a_volume)
    written = geometry_of(sitk.ReadImage(storage.GetFileName()))
    read = volumes.geometry(a_volume)
    assert read.same_grid(written, 1e-4)
    np.testing.assert_allclose(read.spacing, (0.9, 1.1, 3.0))
    np.testing.assert_allclose(read.direction, written.direction, atol=1e-6)


def test_linear_parent_transforms_move_the_geometry(volumes: Any, a_volume: Any):
    before = volumes.geometry(a_volume)
    outer, inner = moved((5.0, 6.0, 7.0)), moved((-3.0, 2.0, 1.0), TILT.T)
    transform = under(a_volume, inner)
    under(transform, outer)
    after = volumes.geometry(a_volume)
    to_lps = np.diag([-1.0, -1.0, 1.0, 1.0])
    expected = to_lps @ outer @ inner @ to_lps @ before.index_to_physical
    np.testing.assert_allclose(after.index_to_physical, expected, atol=1e-9)
    np.testing.assert_allclose(after.spacing, before.spacing)
    assert volumes.problem(a_volume) is None


def test_a_scaling_transform_scales_the_spacing(volumes: Any, a_volume: Any):
    under(a_volume, np.diag([2.0, 2.0, 2.0, 1.0]))
    np.testing.assert_allclose(volumes.geometry(a_volume).spacing, (1.8, 2.2, 6.0))


def test_a_volume_of_the_library_is_named_after_the_node(volumes: Any, a_volume: Any, an_array: np.ndarray):
    volume = volumes.volume(a_volume)
    assert volume.source == "ax t1"
    np.testing.assert_array_equal(volume.array, an_array)
    assert volume.geometry == volumes.geometry(a_volume)


def nothing(scene: Any) -> Any:
    return None


def a_label_map(scene: Any) -> Any:
    return add_volume(scene, np.ones((5, 6, 7), np.uint8), "seg", kind="LabelMap")


def a_color_image(scene: Any) -> Any:
    return add_volume(scene, np.ones((5, 6, 7, 3), np.uint8), "rgb", kind="Vector")


def an_empty_node(scene: Any) -> Any:
    return scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "new")


def an_empty_image(scene: Any) -> Any:
    import vtk

    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    node.SetAndObserveImageData(vtk.vtkImageData())
    return node


def a_slice(scene: Any) -> Any:
    return add_volume(scene, np.ones((1, 6, 7), np.uint8), "scout")


def a_model(scene: Any) -> Any:
    return scene.AddNewNodeByClass("vtkMRMLModelNode", "skull")


def a_removed_volume(scene: Any) -> Any:
    node = add_volume(scene, np.ones((5, 6, 7), np.uint8), "gone")
    scene.RemoveNode(node)
    return node


def a_bent_volume(scene: Any) -> Any:
    import vtk

    node = add_volume(scene, np.ones((5, 6, 7), np.uint8), "bent")
    transform, warp = scene.AddNewNodeByClass("vtkMRMLTransformNode"), vtk.vtkThinPlateSplineTransform()
    places = vtk.vtkPoints()
    for place in ((0, 0, 0), (5, 0, 0), (0, 5, 0), (0, 0, 5)):
        places.InsertNextPoint(place)
    bent = vtk.vtkPoints()
    bent.DeepCopy(places)
    bent.SetPoint(1, 9, 1, 2)
    warp.SetSourceLandmarks(places)
    warp.SetTargetLandmarks(bent)
    warp.SetBasisToR()
    transform.SetAndObserveTransformToParent(warp)
    node.SetAndObserveTransformNodeID(transform.GetID())
    return node


def a_sheared_volume(scene: Any) -> Any:
    node = add_volume(scene, np.ones((5, 6, 7), np.uint8), "tilted gantry")
    under(node, np.array([[1, 0, 0.3, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    return node


def a_flat_volume(scene: Any) -> Any:
    node = add_volume(scene, np.ones((5, 6, 7), np.uint8), "flat")
    under(node, np.diag([1.0, 1.0, 0.0, 1.0]))
    return node


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (nothing, "No volume is chosen"),
        (a_label_map, "seg is a label map"),
        (a_color_image, "rgb holds several values in each voxel"),
        (an_empty_node, "new holds no image"),
        (an_empty_image, "empty holds no image"),
        (a_slice, "scout is a single slice"),
        (a_model, "skull is no volume"),
        (a_removed_volume, "gone was removed from the scene"),
        (a_bent_volume, "bent lies under a nonlinear transform"),
        (a_sheared_volume, "tilted gantry has axes that are not at right angles"),
        (a_flat_volume, "flat has no usable grid"),
    ],
)
def test_what_cannot_be_an_input_is_told_in_one_sentence(
    volumes: Any, scene: Any, make: Callable[[Any], Any], said: str
):
    node = make(scene)
    problem = volumes.problem(node)
    assert problem.startswith(said)
    assert problem.endswith(".")
    assert "\n" not in problem
    for read in (volumes.volume, volumes.facts):
        with pytest.raises(InputError, match=said):
            read(node)


def change_a_voxel(node: Any) -> None:
    import slicer

    slicer.util.arrayFromVolume(node)[0, 0, 0] += 1
    slicer.util.arrayFromVolumeModified(node)


def move_the_origin(node: Any) -> None:
    node.SetOrigin(1, 2, 3)


def put_under_a_transform(node: Any) -> None:
    under(node, moved((0, 0, 1)))


def replace_the_image(node: Any) -> None:
    import slicer

    slicer.util.updateVolumeFromArray(node, np.zeros((5, 6, 7), np.int16))


@pytest.mark.parametrize("change", [change_a_voxel, move_the_origin, put_under_a_transform, replace_the_image])
def test_a_stamp_changes_with_the_voxels_and_the_place(volumes: Any, a_volume: Any, change: Callable[[Any], None]):
    before = volumes.stamp(a_volume)
    change(a_volume)
    assert volumes.stamp(a_volume) != before


def test_a_stamp_changes_as_the_parent_transform_does(volumes: Any, a_volume: Any):
    transform = under(a_volume, moved((0, 0, 1)))
    before = volumes.stamp(a_volume)
    transform.SetMatrixTransformToParent(vtk_matrix(moved((0, 0, 2))))
    assert volumes.stamp(a_volume) != before


def test_a_stamp_stays_while_nothing_changes(volumes: Any, a_volume: Any):
    before = volumes.stamp(a_volume)
    a_volume.SetName("another name")
    assert volumes.stamp(a_volume) == before


def test_an_empty_node_has_a_stamp(volumes: Any, scene: Any):
    node = an_empty_node(scene)
    before = volumes.stamp(node)
    replace_the_image(node)
    assert volumes.stamp(node) != before


def test_the_series_description_stands_in_the_subject_hierarchy(volumes: Any, host: Any, a_volume: Any, scene: Any):
    hierarchy = host.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    item = hierarchy.GetItemByDataNode(a_volume) or hierarchy.CreateItem(hierarchy.GetSceneItemID(), a_volume)
    hierarchy.SetItemAttribute(item, "DICOM.SeriesDescription", " AX T1 POST ")
    assert volumes.series_description(a_volume) == "AX T1 POST"
    assert volumes.facts(a_volume).series_description == "AX T1 POST"


class Database:
    """What Slicer's DICOM database is to its users."""

    def __init__(self, is_open: bool = True) -> None:
        self.isOpen = is_open

    def instanceValue(self, instance: str, tag: str) -> str:  # noqa: N802 - Qt's name
        return {("1.2.3", "0008,103E"): "AX FLAIR"}.get((instance, tag), "")


@pytest.mark.parametrize(("is_open", "found"), [(True, "AX FLAIR"), (False, "")])
def test_the_series_description_is_looked_up_in_the_dicom_database(
    volumes: Any, host: Any, a_volume: Any, monkeypatch: pytest.MonkeyPatch, is_open: bool, found: str
):
    monkeypatch.setattr(host, "dicomDatabase", Database(is_open), raising=False)
    a_volume.SetAttribute("DICOM.instanceUIDs", "1.2.3 1.2.4")
    assert volumes.series_description(a_volume) == found


def test_without_a_dicom_database_there_is_no_description(
    volumes: Any, host: Any, a_volume: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delattr(host, "dicomDatabase", raising=False)
    a_volume.SetAttribute("DICOM.instanceUIDs", "1.2.3")
    assert volumes.series_description(a_volume) == ""
