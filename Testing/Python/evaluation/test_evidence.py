"""What is known of a label map's numbering: a table beside it, the summary of who wrote it, the name of its case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from BrainTumorVAESegLib.evaluation.evidence import known_numbering, known_truth_numbering

REGIONS = {"whole tumor": [1, 2, 3], "tumor core": [2, 3], "enhancing tumor": [3]}


def test_a_table_beside_a_label_map_or_above_it_tells(tmp_path: Path):
    (tmp_path / "labelsTr").mkdir()
    path = tmp_path / "labelsTr" / "P.nii.gz"
    assert known_numbering(path) is None
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": REGIONS}))
    assert known_numbering(path) == "msd"
    (tmp_path / "labelsTr" / "dataset.json").write_text(json.dumps({"labels": {"NCR": 1, "ED": 2, "ET": 4}}))
    assert known_numbering(path) == "brats2021"


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        ({"package": {}, "labels": "msd"}, "msd"),
        ({"package": {}, "labels": "other"}, None),
        ({"package": {}, "labels": ["msd"]}, None),
        ({"labels": "msd"}, None),
        ([1], None),
    ],
)
def test_the_summary_of_a_segmentation_tells_the_numbering_that_was_asked_for(tmp_path: Path, summary, told):
    (tmp_path / "P.json").write_text(json.dumps(summary))
    assert known_numbering(tmp_path / "P_seg.nii.gz") == told
    assert known_numbering(tmp_path / "P.nii.gz") is None


def test_what_cannot_be_read_tells_nothing(tmp_path: Path):
    (tmp_path / "P.json").write_bytes(b"\xff{")
    (tmp_path / "dataset.json").write_text("[" * 100_000)
    assert known_numbering(tmp_path / "P_seg.nii.gz") is None


def test_a_truth_is_told_by_its_cases_name_too(tmp_path: Path):
    assert known_truth_numbering(tmp_path / "a.nii.gz", "BraTS-GLI-02060-100") == "brats2024"
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": REGIONS}))
    assert known_truth_numbering(tmp_path / "a.nii.gz", "BraTS-GLI-02060-100") == "msd", "the table goes first"
