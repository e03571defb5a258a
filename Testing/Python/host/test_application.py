"""What hangs on slicer.app: logics, paths, settings, files, the subject hierarchy, sample data, pictures."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path

import numpy as np
import pytest
import vtk


@pytest.fixture
def volume(host, scene):
    return host.util.addVolumeFromArray(np.arange(24, dtype=np.int16).reshape(2, 3, 4), name="T1")


def test_slicer_s_util_is_not_spread_over_slicer(host):
    assert not hasattr(host, "errorDisplay")
    assert hasattr(host.util, "errorDisplay")


def test_logics_know_the_scene_and_each_other(host):
    assert host.modules.volumes.logic().GetMRMLScene() is host.mrmlScene
    assert host.app.moduleLogic("Terminologies") is host.modules.terminologies.logic()
    assert host.app.mrmlScene() is host.mrmlScene


def test_python_slicer_is_found_and_runs(host):
    seen = []
    host.util.logProcessOutput(host.util.launchConsoleProcess(["PythonSlicer", "-c", "print(6 * 7)"]), seen.append)
    assert seen == ["42"]
    assert shutil.which("PythonSlicer")


def test_temporary_files_and_settings_are_the_host_s_own(host):
    import qt

    assert Path(host.app.temporaryPath).is_dir()
    assert Path(qt.QSettings().fileName()).is_relative_to(Path(host.app.temporaryPath).parent)


def test_messages_are_logged_and_questions_answered_with_no(host, caplog):
    assert host.util.confirmOkCancelDisplay("Install?") is False
    host.util.errorDisplay("It failed.")
    assert "It failed." in caplog.text


def test_a_node_that_is_seen_has_an_item_in_the_hierarchy(host, scene, volume):
    hierarchy = host.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    item = hierarchy.GetItemByDataNode(volume)
    assert hierarchy.GetItemName(item) == "T1"
    assert not hierarchy.GetItemByDataNode(volume.GetDisplayNode())
    scene.RemoveNode(volume)
    assert hierarchy.GetItemByDataNode(volume) == 0


def test_segments_get_their_items_also_where_nobody_but_the_scene_holds_their_node(host, scene):
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", "alone")
    del node
    gc.collect()  # an observer that held its own node would be emptied here, and fail when it is called
    node = scene.GetFirstNodeByName("alone")
    node.GetSegmentation().AddEmptySegment("first", "first")
    hierarchy = host.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    items = vtk.vtkIdList()
    hierarchy.GetItemChildren(hierarchy.GetItemByDataNode(node), items)
    assert [hierarchy.GetItemName(items.GetId(n)) for n in range(items.GetNumberOfIds())] == ["first"]


def test_a_volume_goes_to_a_file_and_back(host, volume, tmp_path):
    assert host.util.saveNode(volume, str(tmp_path / "Bild ä.nrrd"))
    loaded = host.util.loadVolume(str(tmp_path / "Bild ä.nrrd"), {"name": "again"})
    assert loaded.GetName() == "again"
    assert np.array_equal(host.util.arrayFromVolume(loaded), host.util.arrayFromVolume(volume))


def test_a_file_that_is_no_volume_raises(host, scene, tmp_path):
    (tmp_path / "no.nrrd").write_text("no")
    with pytest.raises(RuntimeError, match=r"no\.nrrd"):
        host.util.loadVolume(str(tmp_path / "no.nrrd"))


def test_segments_become_surfaces(host, scene, volume):
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segment = node.GetSegmentation().AddEmptySegment("ET")
    mask = np.zeros((2, 3, 4), np.uint8)
    mask[:, 1:, 1:3] = 1
    host.util.updateSegmentBinaryLabelmapFromArray(mask, node, segment, volume)
    assert node.CreateClosedSurfaceRepresentation()
    assert node.GetClosedSurfaceInternalRepresentation(segment).GetNumberOfPoints() > 0


def test_sample_data_is_registered_and_loaded(host, scene, volume, tmp_path):
    from SampleData import SampleDataLogic

    host.util.saveNode(volume, str(tmp_path / "sample.nrrd"))
    digest = host.util.computeChecksum("SHA256", str(tmp_path / "sample.nrrd"))
    SampleDataLogic.registerCustomSampleDataCategory("Tests", title="For tests")
    for _ in range(2):
        SampleDataLogic.registerCustomSampleDataSource(
            category="Tests",
            sampleName="HostSample",
            uris=[(tmp_path / "sample.nrrd").as_uri()],
            fileNames=["host-sample.nrrd"],
            nodeNames=["a sample"],
            checksums=[f"SHA256:{digest}"],
        )
    assert len(host.modules.sampleDataSources.pop("Tests")) == 1
    SampleDataLogic.registerCustomSampleDataSource(
        category="Tests",
        sampleName="HostSample",
        uris=(tmp_path / "sample.nrrd").as_uri(),
        fileNames="host-sample.nrrd",
        nodeNames="a sample",
    )
    assert [node.GetName() for node in SampleDataLogic().downloadSamples("HostSample")] == ["a sample"]
    host.modules.sampleDataSources.pop("Tests")


def test_a_text_without_a_translation_stays(host):
    from slicer.i18n import tr, translate

    assert tr("Segment") == translate("anywhere", "Segment") == "Segment"


def test_requirements_are_read_and_checked(host, tmp_path):
    import slicer.packaging

    (tmp_path / "requirements.txt").write_text("# what it needs\nnumpy>=1.26,<3\n")
    requirements = slicer.packaging.load_requirements(tmp_path / "requirements.txt")
    assert [str(r) for r in requirements] == ["numpy<3,>=1.26"]
    assert slicer.packaging.pip_check(requirements)
    assert not slicer.packaging.pip_check("nothing-of-this-name>=1")


def test_a_picture_shows_text(host, tmp_path):
    import qt
    from slicerhost.fonts import grab

    def dark_points(text):
        picture = qt.QImage(str(grab(qt.QLabel(text), tmp_path / "label.png", 120)))
        points = [(x, y) for x in range(picture.width()) for y in range(picture.height())]
        return sum(qt.QColor(picture.pixel(x, y)).value() < 100 for x, y in points)

    assert dark_points("Segment") > 30
    assert dark_points(" ") == 0
