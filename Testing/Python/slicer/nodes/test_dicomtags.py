"""Volume nodes that came from DICOM are told by the rules for files, by what Slicer's database knows of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.volume import Study, Volume
from dicomdatabase import *  # noqa: F403
from dicomstudies import TAGS

T1, T1CE, T2, FLAIR = MODALITIES
Volumes = dict[Modality, Volume]


@pytest.fixture
def dicomtags(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.nodes import dicomtags

    return dicomtags


@pytest.fixture
def slab(small_study: Study) -> Volumes:
    """Ten slices of the patient's four volumes."""
    grid = replace(small_study.reference_volume.geometry, size=(68, 80, 10))
    return {m: Volume(small_study[m].array[30:40], grid) for m in MODALITIES}


@pytest.fixture
def propose(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.nodes.assignment import propose_nodes

    return lambda: propose_nodes(host.mrmlScene)


def test_the_database_tells_what_the_header_of_the_file_tells(dicomtags: Any, dicom_scene: Any, slab: Volumes):
    from BrainTumorVAESegLib.images.dicom_headers import dicom_files, read_header

    tags = {**TAGS[FLAIR], "SequenceVariant": ["SK", "SP"], "ProtocolName": "HEAD", "ContrastBolusAgent": "Gadovist"}
    node = dicom_scene.add(slab[FLAIR], **tags)
    header = read_header(next(dicom_files(dicom_scene.folder)))
    found = dicomtags.series_header(node)
    assert found.tags == header.tags
    assert found.tags.sequence == ("SE", "IR") and found.tags.inversion_time == 2500
    assert found.time == header.time == "20260102102500"


def test_an_enhanced_file_tells_its_times_by_its_header(dicomtags: Any, dicom_scene: Any, slab: Volumes):
    node = dicom_scene.add(slab[T2], enhanced=True, **TAGS[T2])
    tags = dicomtags.series_header(node).tags
    assert (tags.echo_time, tags.repetition_time) == (102, 4500)


def test_a_file_that_is_gone_leaves_what_the_database_holds(dicomtags: Any, dicom_scene: Any, slab: Volumes):
    node = dicom_scene.add(slab[T2], enhanced=True, **TAGS[T2])
    for path in Path(dicom_scene.folder).rglob("*.dcm"):
        path.unlink()
    tags = dicomtags.series_header(node).tags
    assert (tags.description, tags.echo_time) == ("AX T2 FSE", None)


@pytest.mark.parametrize("fault", ["closed", "unknown instance", "not from DICOM"])
def test_where_the_database_knows_nothing_names_tell(
    dicomtags: Any, propose: Any, dicom_scene: Any, slab: Volumes, fault: str
):
    node = dicom_scene.add(slab[FLAIR], **TAGS[FLAIR])
    if fault == "closed":
        dicom_scene.database.closeDatabase()
    else:
        node.SetAttribute("DICOM.instanceUIDs", "1.2.3" if fault == "unknown instance" else None)
    assert dicomtags.series_header(node) is None
    assert propose().nodes == {FLAIR: node}
    assert propose().reasons[FLAIR] == "by the series description 'AX T2 FLAIR'"


def test_numbers_that_are_none_are_left_out(dicomtags: Any, dicom_scene: Any, slab: Volumes, monkeypatch: Any):
    node = dicom_scene.add(slab[T2], **TAGS[T2])
    values = {"0018,0081": "long", "0018,0080": "inf", "0018,0082": ""}
    real = dicom_scene.database.instanceValue
    monkeypatch.setattr(dicom_scene.database, "instanceValue", lambda uid, tag: values.get(tag) or real(uid, tag))
    monkeypatch.setattr(dicom_scene.database, "fileForInstance", lambda uid: "")
    tags = dicomtags.series_header(node).tags
    assert (tags.echo_time, tags.repetition_time, tags.inversion_time) == (None, None, None)


def test_a_study_from_dicom_is_assigned_whole(propose: Any, dicom_scene: Any, slab: Volumes):
    nodes = dicom_scene.add_all(slab)
    proposal = propose()
    assert proposal.nodes == nodes
    assert proposal.reasons[T2] == "by its DICOM header: its description says T2"
    assert "it was taken before 7: AX T1 SE POST GAD" in proposal.reasons[T1]


def test_times_stand_in_for_a_description_that_says_nothing(propose: Any, dicom_scene: Any, slab: Volumes):
    nodes = dicom_scene.add_all(slab, T2={"SeriesDescription": "serie A"}, FLAIR={"SeriesDescription": ""})
    assert propose().nodes == nodes


def test_what_the_header_says_is_none_of_the_four_is_passed_over(propose: Any, dicom_scene: Any, slab: Volumes):
    nodes = dicom_scene.add_all(
        slab,
        T2={"ImageType": ["DERIVED", "PRIMARY", "ADC"], "SeriesDescription": "AX T2"},
    )
    proposal = propose()
    assert T2 not in proposal.nodes and T2 not in proposal.findings
    assert proposal.nodes[FLAIR] is nodes[FLAIR]


def test_times_that_contradict_the_description_leave_it_open(propose: Any, dicom_scene: Any, slab: Volumes):
    dicom_scene.add_all(slab, T2={"EchoTime": 12.0, "RepetitionTime": 500.0})
    assert T2 not in propose().nodes


def silent(**more: Any) -> dict[str, Any]:
    return {"SeriesDescription": "AX T1 SE", "AcquisitionTime": "", "AcquisitionDate": "", **more}


def test_two_t1_that_are_silent_on_agent_are_told_by_the_image(propose: Any, dicom_scene: Any, slab: Volumes):
    bright = slab[T1].array.copy()
    bright[3:7, 30:40, 20:24] = 1500
    slab[T1CE] = replace(slab[T1], array=bright)
    nodes = dicom_scene.add_all(slab, T1=silent(), T1CE=silent(SeriesNumber=8))
    proposal = propose()
    assert proposal.nodes == nodes
    assert "it is bright where 3: AX T1 SE is not" in proposal.reasons[T1CE]
    assert "it is not bright where 8: AX T1 SE is" in proposal.reasons[T1]


def test_two_silent_t1_that_look_alike_stay_open_with_a_reason(propose: Any, dicom_scene: Any, slab: Volumes):
    volumes = {T1: slab[T1], T1CE: slab[T1], T2: slab[T2]}
    dicom_scene.add_all(volumes, T1=silent(), T1CE=silent(SeriesNumber=8))
    proposal = propose()
    assert set(proposal.nodes) == {T2}
    assert proposal.findings[T1] == "2 volumes could be T1: 3: AX T1 SE, 8: AX T1 SE; choose one."
    assert T1CE in proposal.findings


def test_one_silent_t1_alone_is_asked_for(propose: Any, dicom_scene: Any, slab: Volumes):
    dicom_scene.add_all({m: slab[m] for m in (T1, T2)}, T1=silent())
    proposal = propose()
    assert set(proposal.nodes) == {T2}
    assert "3: AX T1 SE could be T1, by its DICOM header: its description says T1, not" in proposal.findings[T1]


@pytest.mark.parametrize(("name", "found"), [("T1ce", T1CE), ("my T1", T1)])
def test_a_name_that_a_person_gave_decides_between_what_it_can_be(
    propose: Any, dicom_scene: Any, slab: Volumes, name: str, found: Modality
):
    node = dicom_scene.add(slab[T1], name, **{**TAGS[T1], **silent()})
    assert propose().nodes == {found: node}


def test_a_name_that_the_header_contradicts_leaves_both_open(propose: Any, dicom_scene: Any, slab: Volumes):
    dicom_scene.add(slab[T2], "FLAIR", **TAGS[T2])
    proposal = propose()
    assert proposal.nodes == {}
    assert proposal.findings.keys() == {T2, FLAIR}
    assert "FLAIR is FLAIR by its name, but by its DICOM header not: its description says T2" in proposal.findings[T2]
