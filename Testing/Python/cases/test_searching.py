from __future__ import annotations

import json
from pathlib import Path

import pytest
from BrainTumorVAESegLib.cases.searching import find_cases
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality

ENDINGS = ("t1", "t1ce", "t2", "flair")


def _case(folder: Path, endings: tuple[str, ...] = ENDINGS) -> Path:
    folder.mkdir(parents=True)
    for ending in endings:
        (folder / f"{folder.name}_{ending}.nii.gz").write_bytes(b"x")
    return folder


def _names(*paths: Path, **options: object) -> list[str]:
    return [case.name for case in find_cases(paths, **options)[0]]


def test_cases_need_no_ground_truth(tmp_path):
    _case(tmp_path / "b")
    _case(tmp_path / "deep" / "a", (*ENDINGS, "seg"))
    assert _names(tmp_path) == ["a", "b"]
    assert all(set(case.images) == set(MODALITIES) for case in find_cases([tmp_path])[0])


def test_a_folder_that_is_a_case_is_one(tmp_path):
    assert _names(_case(tmp_path / "P1")) == ["P1"]


def test_several_folders_are_one_cohort(tmp_path):
    _case(tmp_path / "one" / "a")
    _case(tmp_path / "two" / "b")
    assert _names(tmp_path / "two", tmp_path / "one") == ["a", "b"]


def test_of_two_cases_with_one_name_neither_is_taken_and_both_are_told(tmp_path):
    _case(tmp_path / "one" / "P1")
    _case(tmp_path / "two" / "p1")
    _case(tmp_path / "two" / "P2")
    cases, faults = find_cases([tmp_path])
    assert [case.name for case in cases] == ["P2"]
    assert [fault.case for fault in faults] == ["p1"]
    assert str(tmp_path / "one" / "P1") in faults[0].message and str(tmp_path / "two" / "p1") in faults[0].message


def test_a_case_that_is_given_twice_is_taken_once(tmp_path):
    _case(tmp_path / "P1")
    _case(tmp_path / "P2")
    _case(tmp_path / "part", ("t1", "t2"))
    cases, faults = find_cases([tmp_path, tmp_path / "P2", tmp_path / "P2" / ".." / "P1", tmp_path])
    assert ([case.name for case in cases], [fault.case for fault in faults]) == (["P1", "P2"], ["part"])


def test_an_incomplete_case_is_told_and_stops_no_other(tmp_path):
    _case(tmp_path / "whole")
    _case(tmp_path / "part", ("t1", "t2"))
    cases, faults = find_cases([tmp_path])
    assert ([case.name for case in cases], [fault.case for fault in faults]) == (["whole"], ["part"])
    assert "T1ce, FLAIR" in faults[0].message
    assert _names(tmp_path, optional=(Modality.T1CE, Modality.FLAIR)) == ["part", "whole"]


def test_a_table_lists_folders_or_files_relative_to_itself(tmp_path):
    _case(tmp_path / "data" / "a")
    b = _case(tmp_path / "data" / "b")
    rows = ["case;folder;T1;T1Gd;T2;FLAIR", "A;data/a;;;;", f";;{';'.join(f'data/b/b_{e}.nii.gz' for e in ENDINGS)}"]
    (tmp_path / "list.csv").write_text("\ufeff" + "\n".join(rows) + "\n", encoding="utf-8")
    cases, faults = find_cases([tmp_path / "list.csv"])
    assert ([case.name for case in cases], faults) == (["A", "b"], [])
    assert dict(cases[1].images) == {m: b / f"b_{e}.nii.gz" for m, e in zip(MODALITIES, ENDINGS, strict=True)}


def test_the_same_as_an_array_in_json(tmp_path):
    _case(tmp_path / "a")
    (tmp_path / "list.json").write_text(json.dumps([{"case": "first", "folder": "a"}]))
    assert _names(tmp_path / "list.json") == ["first"]


def test_a_part_that_is_no_list_is_named(tmp_path):
    (tmp_path / "list.json").write_text('{"test": 3}')
    with pytest.raises(InputError, match=r"list\.json: its part test is no list of cases; correct the file\.$"):
        find_cases([tmp_path / "list.json"])


def test_a_part_of_a_list_needs_no_labels(tmp_path):
    _case(tmp_path / "a")
    files = [f"a/a_{ending}.nii.gz" for ending in ENDINGS]
    (tmp_path / "split.json").write_text(json.dumps({"train": [], "test": ["a"], "other": [{"image": files}]}))
    assert _names(tmp_path / "split.json") == ["a"]
    assert _names(tmp_path / "split.json", part="other") == ["a"]
    with pytest.raises(InputError, match="its parts are train, test, other"):
        find_cases([tmp_path / "split.json"], part="nothing")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("case,folder,site\na,a,x\n", "has the unknown column 'site'; known are case, folder, t1"),
        ("case,fodler,x y\na,a,b\n", "unknown columns 'fodler', 'x y'"),
        ("t1,T1w\na,b\n", "two columns for one thing"),
        ("case,folder\n", "lists no case"),
        ("case,folder\na,b,c\n", "row 1 has more cells"),
        ("case,folder\na,b\n\nc,d,e\n", "row 2 has more cells"),
        ("", "lists no case"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path, text, said):
    (tmp_path / "list.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        find_cases([tmp_path / "list.csv"])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("P1,,,,,,", "names no images"),
        ("P1,a,x.nii,,,,", "in two ways"),
        ("P1,gone,,,,,", "gone"),
        ("P1,,a/a_t1.nii.gz,a/a_t1.nii.gz,a/a_t2.nii.gz,a/a_flair.nii.gz,", "one file for two modalities"),
        ("P1,,gone.nii,a/a_t1ce.nii.gz,a/a_t2.nii.gz,a/a_flair.nii.gz,", "gone.nii"),
        ("../P1,a,,,,,", "cannot be a case's name"),
        ("P1,,,,,,gone", "no such folder"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_and_stops_no_other(tmp_path, row, said):
    _case(tmp_path / "a")
    (tmp_path / "list.csv").write_text(f"case,folder,t1,t1ce,t2,flair,dicom\n{row}\nfine,a,,,,,\n")
    cases, faults = find_cases([tmp_path / "list.csv"])
    assert [case.name for case in cases] == ["fine"]
    assert len(faults) == 1 and said in faults[0].message


@pytest.mark.parametrize("name", ["gone", "text.txt", "number.json"])
def test_what_is_neither_folder_nor_list_is_refused(tmp_path, name):
    (tmp_path / "text.txt").write_text("a")
    (tmp_path / "number.json").write_text("1")
    with pytest.raises(InputError, match="give a folder of cases, or a list in CSV or JSON"):
        find_cases([tmp_path / name])


def test_a_folder_without_a_case_is_refused(tmp_path):
    with pytest.raises(InputError, match="no case is there"):
        find_cases([tmp_path])
