from __future__ import annotations

import json

import pytest
from BrainTumorVAESegLib.core.errors import CheckError
from BrainTumorVAESegLib.core.findings import Finding, Severity, stop_on_errors
from BrainTumorVAESegLib.core.modalities import Modality

NOTE = Finding("thick_slices", Severity.NOTE, "the slices are thick.")
WARNING = Finding("grid", Severity.WARNING, "another grid.", "Look.", Modality.T2)
ERROR = Finding("constant", Severity.ERROR, "a.nii.gz is empty.", "Choose another.", Modality.T1CE)


def test_a_finding_reads_as_where_what_and_what_to_do():
    assert str(ERROR) == "T1ce: a.nii.gz is empty. Choose another."
    assert str(NOTE) == "the slices are thick."


def test_a_finding_becomes_plain_json_values():
    assert json.loads(json.dumps(WARNING.as_dict())) == {
        "code": "grid", "severity": "warning", "message": "another grid.", "advice": "Look.", "modality": "T2",
    }  # fmt: skip
    assert NOTE.as_dict()["modality"] is None


def test_errors_stop_and_are_all_named_in_one_line():
    other = Finding("apart", Severity.ERROR, "b.nii.gz lies elsewhere.")
    with pytest.raises(CheckError, match=r"a\.nii\.gz is empty.*b\.nii\.gz lies elsewhere") as caught:
        stop_on_errors((WARNING, ERROR, other))
    assert "\n" not in str(caught.value)
    assert "another grid" not in str(caught.value)


def test_notes_and_warnings_do_not_stop():
    stop_on_errors((NOTE, WARNING))
