"""What a series is, told by its header."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.series import SeriesTags, classify_series

T1, T1CE, T2, FLAIR = Modality.T1, Modality.T1CE, Modality.T2, Modality.FLAIR
NAMES = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "series_names.tsv"

TOLD = {
    "AX T1 PRE": "T1",
    "t1_tse_tra nativ": "T1",
    "SAG T1 W/O": "T1",
    "AX T1 POST GD FLAIR": "T1ce",
    "t1_vibe_fs_tra_C": "T1ce",
    "COR T1 +C": "T1ce",
    "T2W_TSE SENSE": "T2",
    "AX T2 POST": "T2",
    "t2_tirm_tra_dark-fluid": "FLAIR",
    "+C SAG CUBE T2 FLAIR": "FLAIR",
    "AX T1": "open",
    "t1_mprage_sag_p2_iso": "open",
    "OAx T1 FLAIR": "open",
    "T1 W/WO": "open",
    "": "open",
    "3D SAG": "open",
    "FLAIR_ROI": "other",
    "t1c_mask": "other",
    "AX T1 REFORMAT": "other",
    "AX PD/T2": "other",
    "T2* GRE": "other",
    "DIR T2": "other",
    "Ax DTI": "other",
    "3pl loc FGRE": "other",
}
TIMES = {
    (("SE", "IR"), 120.0, 9000.0, 2500.0): "FLAIR",
    (("SE",), 100.0, 4500.0, None): "T2",
    (("SE",), 100.0, 9000.0, None): "open",
    (("SE",), 20.0, 3000.0, None): "other",
    (("SE", "IR"), 60.0, 4000.0, 160.0): "other",
    (("GR",), 20.0, 600.0, None): "other",
    (("EP",), 90.0, 6000.0, None): "other",
    (("SE",), 12.0, 500.0, None): "open",
    (("GR", "IR"), 3.0, 1900.0, 900.0): "open",
    (("GR",), 1.4, 3.2, None): "open",
}
"""Kind, TE, TR and TI -> what they make of a series without a name."""


@pytest.mark.parametrize(("description", "name"), TOLD.items())
def test_a_description_tells_a_series_or_leaves_it_open(description: str, name: str) -> None:
    said = classify_series(SeriesTags(description))
    assert said.name == name
    assert said.reason


@pytest.mark.parametrize(("times", "name"), TIMES.items())
def test_without_a_name_the_times_tell(times: tuple, name: str) -> None:
    sequence, echo, repetition, inversion = times
    tags = SeriesTags("brain", "", "", sequence, (), (), echo, repetition, inversion)
    assert classify_series(tags).name == name


@pytest.mark.parametrize("agent", ["", "Gadovist"])
@pytest.mark.parametrize("description", ["AX T1", "AX T1 PRE", "AX T1 POST", "AX T2"])
def test_the_tag_of_contrast_agent_proves_nothing(description: str, agent: str) -> None:
    assert (
        classify_series(SeriesTags(description, agent=agent)).modality
        is classify_series(SeriesTags(description)).modality
    )


def test_a_name_and_times_that_differ_leave_a_series_open() -> None:
    said = classify_series(SeriesTags("AX T2", "", "", ("SE", "IR"), (), (), 120.0, 9000.0, 2500.0))
    assert (said.name, said.could_be) == ("open", (T2, FLAIR))
    assert (
        "its description says T2, but its times are those of FLAIR (TE 120 ms, TR 9000 ms, TI 2500 ms)" in said.reason
    )


def test_a_flair_whose_inversion_time_is_not_told_is_one() -> None:
    assert classify_series(SeriesTags("FLAIR", "", "", ("SE",), (), (), 159.5, 10002.0, 0.0)).modality is FLAIR


def test_the_protocol_tells_what_the_description_does_not() -> None:
    assert classify_series(SeriesTags("tra", "T2W_TSE")).modality is T2
    assert classify_series(SeriesTags("t1_mprage_sag", "t1_mprage_sag_KM")).modality is T1CE
    assert classify_series(SeriesTags("AX T2", "BRAIN W/WO CONTRAST FLAIR")).modality is T2


@pytest.mark.parametrize(
    ("folder", "modality"), [("T1", T1), ("02_FLAIR", FLAIR), ("T1ce", T1CE), ("t1_mprage_5", None)]
)
def test_a_folder_that_carries_the_name_counts(folder: str, modality: Modality | None) -> None:
    assert classify_series(SeriesTags("brain", folder=folder)).modality is modality


def test_a_folders_t1_says_that_a_silent_t1_is_without_agent() -> None:
    assert classify_series(SeriesTags("t1_mprage_sag", folder="T1")).modality is T1
    assert classify_series(SeriesTags("t1_mprage_sag +C", folder="T1")).modality is T1CE


@pytest.mark.parametrize(
    "image_type", ["ORIGINAL PRIMARY ASL", "DERIVED PRIMARY MPR", "DERIVED PRIMARY ADC", "ORIGINAL PRIMARY P"]
)
def test_what_is_no_plain_image_is_none_of_the_four(image_type: str) -> None:
    assert classify_series(SeriesTags("AX T2", image_type=tuple(image_type.split()))).name == "other"


def test_an_original_reformatted_by_the_scanner_is_an_image() -> None:
    assert classify_series(SeriesTags("AX T2", image_type=("ORIGINAL", "PRIMARY", "MPR"))).modality is T2


def test_another_kind_of_image_is_none_of_the_four() -> None:
    assert classify_series(replace(SeriesTags("HEAD T2"), kind="CT")).reason == "is CT, not MR"


@pytest.mark.skipif(not NAMES.is_file(), reason="no real series: ../shared/data, beside the repository, is absent")
def test_real_series_are_told_right_or_left_open() -> None:
    with NAMES.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    assert len(rows) > 150
    wrong, right, left_open = [], dict.fromkeys(("T1", "T1ce", "T2", "FLAIR"), 0), []
    for row in rows:
        said = classify_series(_tags(row))
        true = _class(row["true_class"])
        assert said.reason
        if said.modality is not None and said.modality.value not in true:
            wrong.append((row["description"], row["true_class"], said.name))
        elif said.modality is not None:
            right[said.modality.value] += 1
        if true and said.name == "other":
            wrong.append((row["description"], row["true_class"], said.name))
        left_open += [true] if true and said.name == "open" else []
    assert not wrong
    assert right["T1ce"] >= 34 and right["T1"] >= 6
    assert not [true for true in left_open if true & {"T2", "FLAIR"}]


def _tags(row: dict[str, str]) -> SeriesTags:
    times = [float(row[name]) if row[name] else None for name in ("TE", "TR", "TI")]
    return SeriesTags(row["description"], "", "", (), (), (), *times, "Gd" if row["contrast_agent"] == "y" else "")


def _class(text: str) -> set[str]:
    """The modalities that a row's class stands for: none for what the networks do not read."""
    if text.startswith("T1 or T1ce"):
        return {"T1", "T1ce"}
    if "=T1ce" in text:
        return {"T1ce"}
    word = text.split(" ")[0].split("+")[0]
    return {word} if word in ("T1", "T1ce", "T2", "FLAIR") else set()
