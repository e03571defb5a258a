"""The Batch section: studies from folders and from the scene, one after the other by the one worker."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from BrainTumorVAESegLib.core.errors import DeviceError
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.requests import Segment
from BrainTumorVAESegLib.images.itk import image_from_array
from dicomstudies import write_study as write_dicom


@pytest.fixture
def data(write_study: Callable[..., Any], small_study: Any, tmp_path: Path) -> Path:
    """A folder of two cases, and one that cannot be read."""
    for name in ("A", "B", "C"):
        write_study(small_study, tmp_path / "data" / name)
    for path in (tmp_path / "data" / "B").iterdir():
        path.write_bytes(b"no image")
    return tmp_path / "data"


@pytest.fixture
def coarse(client: Any, patient: Any, make_grid: Callable[..., Any]) -> Any:
    """A study of few slices, and the worker's answer on its grid."""
    grid = make_grid((34, 40, 16), (5.0, 5.0, 10.0))
    client.labels, client.geometry = patient.labels(grid), grid
    return patient.study(grid)


@pytest.fixture
def batch(opened: Any) -> Any:
    return opened.panel.batch


def _states(batch: Any) -> list[str]:
    table = batch.ui.batchTable
    return [f"{table.item(row, 0).text()} {table.item(row, 1).text()}" for row in range(table.rowCount)]


def _asked(client: Any) -> list[Segment]:
    return [request for request, *_ in client.requests if isinstance(request, Segment)]


@pytest.fixture
def answer_all(client: Any, batch: Any, process_events: Callable[..., bool]) -> Callable[[], None]:
    """Let the worker answer whatever it is asked until the batch has ended."""

    def run() -> None:
        def ended() -> bool:
            if _asked(client):
                client.answer()
            return not batch.batch.running

        assert process_events(ended)

    return run


def test_a_folders_cases_are_segmented_to_files_and_leave_the_scene(
    batch: Any, client: Any, data: Path, tmp_path: Path, answer_all: Callable[[], None], scene: Any
) -> None:
    before = scene.GetNumberOfNodes()
    batch.add_folder(data)
    assert _states(batch) == ["A Waiting", "B Waiting", "C Waiting"]
    batch.choose_folder(tmp_path / "results")
    batch.ui.batchStartButton.click()
    answer_all()
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == ["A.seg.nrrd", "C.seg.nrrd"]
    first, second, third = _states(batch)
    milliliters = (client.labels > 0).sum() * client.geometry.voxel_volume
    assert first.startswith(f"A Done: Whole tumor {milliliters:.1f} ml") and third.startswith("C Done")
    assert second.startswith("B Failed: ") and "cannot be read as a volume" in second
    assert batch.ui.batchLabel.text == "2 of 3 done, 1 failed."
    assert scene.GetNumberOfNodes() == before


def test_results_can_stay_in_the_scene(batch: Any, data: Path, answer_all: Callable[[], None], scene: Any) -> None:
    batch.add_folder(data / "A")
    batch.ui.batchStartButton.click()
    answer_all()
    assert scene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 1
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 4


def test_a_row_that_failed_says_why_and_can_be_tried_again(
    batch: Any, data: Path, client: Any, answer_all: Callable[[], None], process_events: Callable[..., bool]
) -> None:
    batch.add_folder(data / "A")
    batch.ui.batchStartButton.click()
    assert process_events(lambda: _asked(client))
    client.fail(DeviceError("The memory is too small."))
    assert process_events(lambda: not batch.batch.running)
    assert _states(batch) == ["A Failed: The memory is too small."]
    assert not batch.ui.batchStartButton.enabled and batch.ui.batchRetryButton.enabled
    batch.ui.batchRetryButton.click()
    batch.ui.batchStartButton.click()
    answer_all()
    assert _states(batch)[0].startswith("A Done")


def test_a_long_name_leaves_room_for_why_a_study_failed(batch: Any, data: Path) -> None:
    (data / "B").rename(data / ("brain-examination-of-a-hospital-with-a-very-long-name-" * 2))
    batch.add_folder(data)
    table = batch.ui.batchTable
    table.resize(400, 160)
    table.show()
    assert abs(table.columnWidth(0) - table.columnWidth(1)) <= 1


def test_dicom_studies_are_read_as_the_command_reads_them(
    batch: Any, coarse: Any, tmp_path: Path, answer_all: Callable[[], None], scene: Any
) -> None:
    whole, part = tmp_path / "data" / "whole", tmp_path / "data" / "part"
    write_dicom(coarse.volumes, whole)
    volumes = {m: v for m, v in coarse.volumes.items() if m is not Modality.FLAIR}
    write_dicom(volumes, part, **{m.name: {"StudyInstanceUID": "1.2.3"} for m in volumes})
    before = scene.GetNumberOfNodes()
    batch.add_folder(tmp_path / "data")
    assert _states(batch) == ["part Waiting", "whole Waiting"]
    batch.choose_folder(tmp_path / "results")
    batch.ui.batchStartButton.click()
    answer_all()
    first, second = _states(batch)
    assert first.startswith(f"part Failed: {part}: no series is surely FLAIR") and second.startswith("whole Done")
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["whole.seg.nrrd"]
    assert scene.GetNumberOfNodes() == before
    # The series that lacked comes, and the row is tried again.
    write_dicom({Modality.FLAIR: coarse[Modality.FLAIR]}, part, FLAIR={"StudyInstanceUID": "1.2.3"})
    batch.ui.batchRetryButton.click()
    assert _states(batch)[0] == "part Waiting"
    batch.ui.batchStartButton.click()
    answer_all()
    assert _states(batch)[0].startswith("part Done")


def test_volumes_from_dicom_lie_where_the_series_lies(
    batch: Any, coarse: Any, tmp_path: Path, answer_all: Callable[[], None], scene: Any
) -> None:
    write_dicom(coarse.volumes, tmp_path / "study")
    batch.add_folder(tmp_path / "study")
    batch.ui.batchStartButton.click()
    answer_all()
    from BrainTumorVAESegLib.slicer.nodes.volumes import volume

    read = volume(scene.GetFirstNodeByName("study T1ce"))
    assert np.allclose(read.geometry.index_to_physical, coarse[Modality.T1CE].geometry.index_to_physical)
    step = coarse[Modality.T1CE].array.max() / 4095
    assert np.abs(read.array - coarse[Modality.T1CE].array).max() <= step


def test_a_case_in_one_file_of_four_frames_is_segmented(
    batch: Any, coarse: Any, tmp_path: Path, answer_all: Callable[[], None], scene: Any
) -> None:
    folder = tmp_path / "set" / "imagesTr"
    folder.mkdir(parents=True)
    image = sitk.JoinSeries([image_from_array(coarse[m].array, coarse[m].geometry) for m in coarse])
    sitk.WriteImage(image, str(folder / "A.nii.gz"))
    channels = {str(number): modality.value for number, modality in enumerate(coarse)}
    (tmp_path / "set" / "dataset.json").write_text(
        json.dumps({"modality": channels, "training": [{"image": "imagesTr/A.nii.gz", "label": "labelsTr/A.nii.gz"}]})
    )
    batch.add_folder(tmp_path / "set")
    assert _states(batch) == ["A Waiting"]
    batch.ui.batchStartButton.click()
    answer_all()
    assert _states(batch)[0].startswith("A Done")
    from BrainTumorVAESegLib.slicer.nodes.volumes import volume

    assert np.allclose(volume(scene.GetFirstNodeByName("A T2")).array, coarse[Modality.T2].array)


def test_a_folder_that_lacked_an_image_is_looked_at_again(batch: Any, data: Path, tmp_path: Path) -> None:
    (image,) = (path for path in (data / "A").iterdir() if "flair" in path.name.lower())
    image.rename(tmp_path / "away")
    batch.add_folder(data)
    batch.ui.batchTable.selectRow(0)
    batch.ui.batchRemoveButton.click()
    batch.ui.batchTable.clearSelection()
    assert _states(batch)[0] == "C Waiting" and _states(batch)[1].startswith("A Failed: ")
    batch.ui.batchRetryButton.click()
    assert _states(batch)[1].startswith("A Failed: ")
    (tmp_path / "away").rename(image)
    batch.ui.batchRetryButton.click()
    assert _states(batch) == ["C Waiting", "A Waiting"]


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_file_that_was_cut_off_is_told_and_never_segmented_in_part(
    batch: Any, data: Path, client: Any, answer_all: Callable[[], None], scene: Any, share: float
) -> None:
    (image,) = (path for path in (data / "C").iterdir() if "flair" in path.name.lower())
    whole, before = image.read_bytes(), scene.GetNumberOfNodes()
    image.write_bytes(whole[: int(share * len(whole))])
    batch.add_folder(data / "C")
    batch.ui.batchStartButton.click()
    answer_all()
    (state,) = _states(batch)
    assert state.startswith(f"C Failed: {image}: ") and not _asked(client)
    assert scene.GetNumberOfNodes() == before
    image.write_bytes(whole)
    batch.ui.batchRetryButton.click()
    batch.ui.batchStartButton.click()
    answer_all()
    assert _states(batch)[0].startswith("C Done")


@pytest.fixture
def studies(coarse: Any, tmp_path: Path) -> Path:
    """Three DICOM studies, each series in a folder of its own."""
    for number, name in enumerate(("one", "two", "three"), start=1):
        for modality, volume in coarse.volumes.items():
            uid = {modality.name: {"StudyInstanceUID": f"1.2.{number}"}}
            write_dicom({modality: volume}, tmp_path / "studies" / name / modality.name, **uid)
    return tmp_path / "studies"


def _cut(folder: Path) -> dict[Path, bytes]:
    """Cut the DICOM files below a folder off in their headers; return what they were."""
    before = {path: path.read_bytes() for path in folder.rglob("*.dcm")}
    for path, data in before.items():
        path.write_bytes(data[:400])
    return before


def _mend(before: dict[Path, bytes]) -> None:
    for path, data in before.items():
        path.write_bytes(data)


def test_a_dicom_study_that_was_mended_is_found_under_its_own_name(
    batch: Any, studies: Path, tmp_path: Path, answer_all: Callable[[], None]
) -> None:
    before = _cut(studies / "two")
    batch.add_folder(studies)
    one, three, *broken = _states(batch)
    assert (one, three) == ("one Waiting", "three Waiting")
    assert [state.split(" Failed: ")[0] for state in broken] == ["FLAIR", "T1", "T1CE", "T2"]
    assert all("its DICOM header cannot be read; export the series again." in state for state in broken)
    batch.choose_folder(tmp_path / "results")
    batch.ui.batchStartButton.click()
    answer_all()
    assert batch.ui.batchLabel.text == "2 of 6 done, 4 failed."
    _mend(before)
    batch.ui.batchRetryButton.click()
    done = _states(batch)
    assert done[0].startswith("one Done") and done[1].startswith("three Done") and done[2:] == ["two Waiting"]
    batch.ui.batchStartButton.click()
    answer_all()
    assert batch.ui.batchLabel.text == "3 of 3 done, 0 failed."
    results = sorted(path.name.removesuffix(".seg.nrrd") for path in (tmp_path / "results").iterdir())
    assert results == ["one", "three", "two"]


def test_what_was_found_of_a_study_in_part_gives_way_to_the_whole(batch: Any, studies: Path) -> None:
    before = {**_cut(studies / "two" / "T1"), **_cut(studies / "two" / "T2"), **_cut(studies / "two" / "FLAIR")}
    batch.add_folder(studies)
    assert _states(batch)[:3] == ["T1CE Waiting", "one Waiting", "three Waiting"]
    _mend({path: data for path, data in before.items() if path.parent.name != "T2"})
    batch.ui.batchRetryButton.click()
    assert _states(batch)[:3] == ["two Waiting", "one Waiting", "three Waiting"]
    assert len(_states(batch)) == 4 and _states(batch)[3].startswith("T2 Failed: ")
    _mend(before)
    batch.ui.batchRetryButton.click()
    assert _states(batch) == ["two Waiting", "one Waiting", "three Waiting"]


def test_what_is_done_is_never_listed_twice_and_what_was_taken_out_stays_out(
    batch: Any, data: Path, tmp_path: Path, answer_all: Callable[[], None]
) -> None:
    (image,) = (path for path in (data / "C").iterdir() if "flair" in path.name.lower())
    image.rename(tmp_path / "away")
    batch.add_folder(data)
    batch.ui.batchTable.selectRow(1)
    batch.ui.batchRemoveButton.click()
    batch.ui.batchTable.clearSelection()
    batch.ui.batchStartButton.click()
    answer_all()
    (image,) = (path for path in (data / "A").iterdir() if "flair" in path.name.lower())
    image.unlink()
    batch.ui.batchRetryButton.click()
    first, second = _states(batch)
    assert first.startswith("A Done") and second.startswith("C Failed")
    batch.add_folder(data)
    assert [state.split()[0] for state in _states(batch)] == ["A", "C", "B", "A"], "as a person asks for it"


def test_a_folder_that_is_gone_is_told_in_the_rows_that_it_should_mend(batch: Any, data: Path, tmp_path: Path) -> None:
    next((data / "A").iterdir()).unlink()
    batch.add_folder(data)
    data.rename(tmp_path / "elsewhere")
    batch.ui.batchRetryButton.click()
    assert _states(batch)[:2] == ["B Waiting", "C Waiting"]
    assert _states(batch)[2].startswith("A Failed: ") and "no such folder" in _states(batch)[2]


@pytest.mark.parametrize("button", ["batch", "panel"])
def test_cancelling_keeps_what_is_done_and_lets_the_rest_wait(
    opened: Any, batch: Any, data: Path, client: Any, process_events: Callable[..., bool], button: str, scene: Any
) -> None:
    batch.add_folder(data / "A")
    batch.add_folder(data / "C")
    batch.ui.batchStartButton.click()
    assert process_events(lambda: _asked(client))
    client.answer()
    assert process_events(lambda: _asked(client))
    assert batch.ui.batchStartButton.text == "Cancel"
    (batch.ui.batchStartButton if button == "batch" else opened.ui.applyButton).click()
    assert not batch.batch.running and client.cancelled == 1
    assert _states(batch)[0].startswith("A Done") and _states(batch)[1] == "C Waiting"
    assert scene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 4


def test_the_scenes_studies_are_added_as_the_hierarchy_groups_them(
    batch: Any, volumes: dict[Modality, Any], load_second_case: Callable[[], dict], answer_all: Callable, scene: Any
) -> None:
    import slicer

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    for name, nodes in (("P1", volumes), ("P2", load_second_case())):
        patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), name)
        study = hierarchy.CreateStudyItem(patient, "2024")
        for node in nodes.values():
            hierarchy.CreateItem(study, node)
    scene.RemoveNode(volumes[Modality.T2])
    batch.ui.batchSceneButton.click()
    assert _states(batch) == ["P1 2024 Failed: Not recognized among its volumes: T2.", "P2 2024 Waiting"]
    batch.ui.batchSceneButton.click()
    assert len(_states(batch)) == 2
    batch.ui.batchStartButton.click()
    answer_all()
    assert _states(batch)[1].startswith("P2 2024 Done")


def test_a_study_that_left_the_scene_is_told(
    batch: Any, volumes: dict[Modality, Any], answer_all: Callable[[], None], scene: Any
) -> None:
    batch.add_scene()
    scene.RemoveNode(volumes[Modality.T1])
    batch.ui.batchStartButton.click()
    answer_all()
    assert "was removed from the scene" in _states(batch)[0]


def test_what_cannot_be_added_is_told_in_the_section(batch: Any, tmp_path: Path) -> None:
    batch.ui.batchCollapsibleButton.collapsed = False
    batch.add_scene()
    assert batch.ui.batchLabel.text == "The scene holds no volumes: load some first."
    (tmp_path / "empty").mkdir()
    batch.add_folder(tmp_path / "empty")
    assert "no case is there" in batch.ui.batchLabel.text and batch.ui.batchLabel.visible


def test_rows_are_taken_out(batch: Any, data: Path) -> None:
    batch.add_folder(data)
    batch.ui.batchTable.selectRow(1)
    batch.ui.batchRemoveButton.click()
    assert _states(batch) == ["A Waiting", "C Waiting"]
    batch.ui.batchTable.clearSelection()
    batch.ui.batchRemoveButton.click()
    assert _states(batch) == [] and not batch.ui.batchStartButton.enabled


def test_the_row_that_runs_tells_how_far_it_is(
    batch: Any, data: Path, client: Any, process_events: Callable[..., bool]
) -> None:
    batch.add_folder(data / "A")
    batch.ui.batchStartButton.click()
    assert process_events(lambda: _asked(client))
    client.progress("stage 1", 0.25)
    assert _states(batch) == ["A Running... 27 %"]
    batch.ui.batchStartButton.click()
