from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality

T1, T1CE, T2, FLAIR = MODALITIES


@pytest.fixture
def assignment(host: Any) -> Any:
    from BrainTumorVAESegLib.slicer.nodes import assignment

    return assignment


@pytest.fixture
def assign(assignment: Any) -> Any:
    """Assign volumes given as `name`, (name, description) or (name, description, study); a node is its place."""

    def assign_all(*volumes: str | tuple[str, ...], chosen: dict[Modality, int] | None = None) -> Any:
        candidates = []
        for place, volume in enumerate(volumes):
            candidates.append(assignment.Candidate(place, *((volume,) if isinstance(volume, str) else volume)))
        return assignment.assign(candidates, {m: candidates[place] for m, place in (chosen or {}).items()})

    return assign_all


@pytest.mark.parametrize(
    "names",
    [
        ("T1", "T1ce", "T2", "FLAIR"),
        ("case_t1", "case_t1ce", "case_t2", "case_flair"),
        ("BraTS-GLI-00001-000-t1n", "BraTS-GLI-00001-000-t1c", "BraTS-GLI-00001-000-t2w", "BraTS-GLI-00001-000-t2f"),
        ("UPENN-GBM-00002_11_T1", "UPENN-GBM-00002_11_T1GD", "UPENN-GBM-00002_11_T2", "UPENN-GBM-00002_11_FLAIR"),
        ("4: AX T1", "9: AX T1 POST", "5: AX T2 TSE", "6: SAG FLAIR"),
        ("T2_study_t1", "T2_study_t1ce", "T2_study_t2", "T2_study_flair"),
    ],
    ids=lambda names: names[0],
)
def test_four_volumes_are_recognized_by_their_names(assign: Any, names: tuple[str, ...]):
    proposal = assign(*names)
    assert proposal.nodes == {T1: 0, T1CE: 1, T2: 2, FLAIR: 3}
    assert set(proposal.reasons.values()) == {"by its name"}
    assert proposal.findings == {}


def test_series_descriptions_tell_where_names_do_not(assign: Any):
    proposal = assign(("vol 1", "AX T1 PRE"), ("vol 2", "AX T1 POST"), ("vol 3", "AX T2"), ("vol 4", "AX T2 FLAIR"))
    assert proposal.nodes == {T1: 0, T1CE: 1, T2: 2, FLAIR: 3}
    assert proposal.reasons[T1CE] == "by the series description 'AX T1 POST'"


def test_what_nobody_can_tell_stays_open_without_a_word(assign: Any):
    proposal = assign("T1", "series 5", "Segmentation", "ADC")
    assert proposal.nodes == {T1: 0}
    assert list(proposal.reasons) == [T1]


def test_no_volumes_give_no_proposal(assign: Any):
    assert (assign().nodes, assign().reasons) == ({}, {})


def test_two_volumes_that_could_be_one_modality_leave_it_open(assign: Any):
    proposal = assign("AX T1", "SAG T1", "T1ce", "T2", "FLAIR")
    assert proposal.nodes == {T1CE: 2, T2: 3, FLAIR: 4}
    assert proposal.findings == {T1: "2 volumes could be T1: AX T1, SAG T1; choose one."}


def test_volumes_of_one_name_are_told_apart_or_left_open_never_mixed_up(assign: Any):
    assert T1 not in assign("T1", "T1").nodes
    told = assign(("MR", "AX T1"), ("MR", "AX T1 POST"), ("MR", "AX T2"), ("MR", "AX FLAIR"))
    assert told.nodes == {T1: 0, T1CE: 1, T2: 2, FLAIR: 3}


def test_a_name_and_a_description_that_contradict_leave_both_open(assign: Any):
    proposal = assign(("T1", "AX T1 POST"), "T2", "FLAIR")
    assert proposal.nodes == {T2: 1, FLAIR: 2}
    assert proposal.findings.keys() == {T1, T1CE}
    assert "T1 by its name, but T1ce by its series description 'AX T1 POST'" in proposal.findings[T1]


def test_a_contradiction_does_not_matter_where_another_volume_fits(assign: Any):
    proposal = assign(("T1", "AX T1 POST"), "case t1", "case t1ce")
    assert proposal.nodes == {T1: 1, T1CE: 2}
    assert proposal.findings == {}


def test_two_whole_cases_leave_all_open_and_say_why(assign: Any):
    proposal = assign("A_t1", "A_t1ce", "A_t2", "A_flair", "B_t1", "B_t1ce", "B_t2", "B_flair")
    assert proposal.nodes == {}
    assert proposal.findings.keys() == set(MODALITIES)
    assert "several cases" in proposal.findings[T2] and "A_t2, B_t2" in proposal.findings[T2]


@pytest.mark.parametrize("others", [("B_t1", "B_t2"), ("T1", "T2"), ("B_t1", "B_t2", "B_flair")])
def test_the_case_that_is_whole_is_taken_rather_than_one_that_is_not(assign: Any, others: tuple[str, ...]):
    proposal = assign("A_t1", "A_t1ce", "A_t2", "A_flair", *others)
    assert proposal.nodes == {T1: 0, T1CE: 1, T2: 2, FLAIR: 3}


def test_a_volume_of_another_case_does_not_fill_the_gap(assign: Any):
    proposal = assign("A_t1", "A_t1ce", "A_t2", "B_flair", "B_t1")
    assert proposal.nodes == {T1: 0, T1CE: 1, T2: 2}
    assert proposal.findings == {
        FLAIR: "B_flair could be FLAIR, but of another case than the other volumes; choose it if it is right."
    }


def test_a_volume_of_which_no_case_is_known_fills_the_gap(assign: Any):
    assert assign("A_t1", "A_t1ce", "A_t2", "FLAIR").nodes == {T1: 0, T1CE: 1, T2: 2, FLAIR: 3}


def test_studies_of_the_subject_hierarchy_are_kept_apart(assign: Any):
    before, after = "7", "8"
    proposal = assign(
        ("T1", "", before), ("T1ce", "", before), ("T2", "", before), ("FLAIR", "", after), ("T1", "", after)
    )
    assert proposal.nodes == {T1: 0, T1CE: 1, T2: 2}
    assert "another case" in proposal.findings[FLAIR]


def test_one_volume_of_each_of_several_studies_is_no_case(assign: Any):
    proposal = assign(("T1", "", "1"), ("T1ce", "", "2"), ("T2", "", "3"), ("FLAIR", "", "4"))
    assert proposal.nodes == {}
    assert proposal.findings.keys() == set(MODALITIES)


def test_the_other_slots_come_from_the_case_of_the_chosen_volume(assign: Any):
    names = ("A_t1", "A_t1ce", "A_t2", "A_flair", "B_t1", "B_t1ce", "B_t2", "B_flair")
    proposal = assign(*names, chosen={T1CE: 5})
    assert proposal.nodes == {T1: 4, T2: 6, FLAIR: 7}
    assert T1CE not in proposal.reasons


def test_a_chosen_volume_that_tells_nothing_still_says_whose_case_it_is(assign: Any):
    volumes = [(name, "", study) for study in ("1", "2") for name in ("T1", "T2", "FLAIR")]
    proposal = assign(*volumes, ("series 9", "", "2"), chosen={T1CE: 6})
    assert proposal.nodes == {T1: 3, T2: 4, FLAIR: 5}


def test_chosen_volumes_of_two_cases_leave_the_rest_open(assign: Any):
    proposal = assign("A_t1", "A_t1ce", "A_t2", "B_t1", "B_t1ce", "B_t2", chosen={T1: 0, T1CE: 4})
    assert proposal.nodes == {}
    assert proposal.findings.keys() == {T2}


def test_a_chosen_volume_is_not_proposed_a_second_time(assign: Any):
    proposal = assign("T1", "T2", chosen={FLAIR: 1})
    assert proposal.nodes == {T1: 0}


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("BraTS-GLI-00001-000-t1c", "brats gli 00001 000"),
        ("UPENN-GBM-00002_11_T1GD", "upenn gbm 00002 11"),
        ("caseA_t1_mprage_post", "casea"),
        ("5: AX T1 POST", ""),
        ("3D SAG FLAIR", ""),
        ("T1", ""),
        ("anything", ""),
    ],
)
def test_a_case_is_named_by_what_stands_before_the_modality(assignment: Any, name: str, case: str):
    assert assignment.case_name(name) == case


# --- nodes ------------------------------------------------------------------------------------------------------------
def add_volume(host: Any, scene: Any, name: str, kind: str = "Scalar", shape: tuple[int, ...] = (4, 4, 4)) -> Any:
    node = scene.AddNewNodeByClass(f"vtkMRML{kind}VolumeNode", name)
    host.util.updateVolumeFromArray(node, np.zeros(shape, np.uint8))
    return node


def test_nodes_that_cannot_be_inputs_are_passed_over(assignment: Any, host: Any, scene: Any):
    t1 = add_volume(host, scene, "T1")
    add_volume(host, scene, "T2", "LabelMap")
    add_volume(host, scene, "FLAIR", "Vector", (4, 4, 4, 3))
    add_volume(host, scene, "T1ce", shape=(1, 4, 4))
    scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "T2")
    add_volume(host, scene, "T2").SetHideFromEditors(True)
    proposal = assignment.propose_nodes(scene)
    assert proposal.nodes == {T1: t1}
    assert proposal.findings == {}


def test_nodes_are_told_by_study_and_series_description(assignment: Any, host: Any, scene: Any):
    hierarchy = host.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    nodes = {}
    for visit in ("before", "after"):
        study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), visit)
        for described in ("AX T1", "AX T1 POST", "AX T2", "AX FLAIR"):
            node = add_volume(host, scene, "MR")
            item = hierarchy.CreateItem(study, node)
            hierarchy.SetItemAttribute(item, "DICOM.SeriesDescription", described)
            nodes[visit, described] = node
    assert assignment.propose_nodes(scene).nodes == {}
    proposal = assignment.propose_nodes(scene, {T1CE: nodes["after", "AX T1 POST"], T1: None})
    assert proposal.nodes == {
        T1: nodes["after", "AX T1"],
        T2: nodes["after", "AX T2"],
        FLAIR: nodes["after", "AX FLAIR"],
    }
    assert proposal.reasons[T2] == "by the series description 'AX T2'"
