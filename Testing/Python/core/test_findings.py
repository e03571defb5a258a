from __future__ import annotations

import json
import subprocess
import sys

import pytest
from BrainTumorVAESegLib.core.findings import Finding, Severity, group_findings
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality

NOTE = Finding("thick_slices", Severity.NOTE, "the slices are thick.")
WARNING = Finding("grid", Severity.WARNING, "another grid.", "Look.", Modality.T2)
ERROR = Finding("constant", Severity.ERROR, "the image is empty.", "Choose another.", Modality.T1CE, "P1/a.nii.gz")


def small(modality: Modality, message: str, source: str = "") -> Finding:
    return Finding("small_brain", Severity.WARNING, message, "Check it.", modality, source)


def test_a_finding_reads_as_where_what_and_what_to_do():
    assert str(ERROR) == "T1ce (P1/a.nii.gz): the image is empty. Choose another."
    assert str(WARNING) == "T2: another grid. Look."
    assert str(NOTE) == "the slices are thick."


def test_a_finding_becomes_plain_json_values():
    assert json.loads(json.dumps(ERROR.as_dict())) == {
        "code": "constant", "severity": "error", "message": "the image is empty.", "advice": "Choose another.",
        "modality": "T1ce", "source": "P1/a.nii.gz",
    }  # fmt: skip
    assert NOTE.as_dict()["modality"] is None


def test_one_fault_of_four_volumes_is_told_once_with_the_range_of_its_numbers():
    sizes = (167, 99.5, 201, 180)
    findings = [small(m, f"only {ml} ml of brain.", f"P1/{m}.nii.gz") for m, ml in zip(MODALITIES, sizes, strict=True)]
    (group,) = group_findings(findings)
    assert str(group) == "T1, T1ce, T2, FLAIR (P1): only 99.5 to 201 ml of brain. Check it."
    assert group.modalities == MODALITIES and group.findings == tuple(findings)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (("empty.", "empty."), ["T1, T1ce: empty. Check it."]),
        (("empty.", "constant."), ["T1: empty. Check it.", "T1ce: constant. Check it."]),
        (("a grid of 8x8x4 voxels.", "a grid of 8x8x5 voxels."), None),
        (("sides of 80 x 90 x 7 mm.", "sides of 80 x 91 x 7 mm."), None),
        (("given for T1.", "given for T2."), None),
        (("T1 at 7.5 % of it.", "T1 at 12.25 % of it."), ["T1, T1ce: T1 at 7.5 to 12.25 % of it. Check it."]),
        (("a value of -3.", "a value of -12."), None),
    ],
)
def test_only_what_differs_by_lone_numbers_is_put_together(messages, expected):
    groups = group_findings(small(m, text) for m, text in zip(MODALITIES, messages, strict=False))
    assert [str(group) for group in groups] == (
        expected or [f"{m}: {text} Check it." for m, text in zip(MODALITIES, messages, strict=False)]
    )


def test_files_of_several_folders_are_named_by_their_volumes_alone():
    groups = group_findings([small(Modality.T1, "odd.", "a/t1.nii"), small(Modality.T2, "odd.", "b/t2.nii")])
    assert [str(group) for group in groups] == ["T1, T2: odd. Check it."]


def test_groups_stand_where_their_first_finding_stood_and_keep_severities_apart():
    harsher = Finding("small_brain", Severity.ERROR, "only 9 ml of brain.", "Check it.", Modality.FLAIR)
    groups = group_findings(
        [small(Modality.T1, "only 8 ml of brain."), NOTE, small(Modality.T2, "only 7 ml of brain."), harsher]
    )
    assert [group.modalities for group in groups] == [(Modality.T1, Modality.T2), (), (Modality.FLAIR,)]
    assert [group.severity for group in groups] == [Severity.WARNING, Severity.NOTE, Severity.ERROR]


def test_findings_need_no_errors():
    code = "import sys, BrainTumorVAESegLib.core.findings; sys.exit('BrainTumorVAESegLib.core.errors' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
