from __future__ import annotations

import pytest
from BrainTumorVAESegLib.core.labels import ED, ENHANCING, ET, LABELS, NCR, PRIVATE_SCHEME, REGIONS, TC, WT
from BrainTumorVAESegLib.core.terminology import TYPE_CONTEXT, terminology_entry


@pytest.mark.parametrize("part", [*LABELS, *REGIONS], ids=lambda part: f"{type(part).__name__} {part.key}")
def test_an_entry_has_slicers_seven_fields(part):
    fields = terminology_entry(part).split("~")
    assert len(fields) == 7
    assert fields[0] == TYPE_CONTEXT
    assert fields[1] == "SCT^49755003^Morphologically Altered Structure"
    assert fields[5] == "SCT^12738006^Brain"
    assert all(field.count("^") == 2 for field in (fields[1], fields[2], fields[3], fields[5], fields[6]))


def test_what_snomed_knows_has_its_codes_and_the_rest_private_ones():
    types = {part.key: (part.type.scheme, part.type.value) for part in (NCR, ED, ET, TC, WT)}
    assert types["NCR"] == ("SCT", "6574001")
    assert types["ED"] == ("SCT", "79654002")
    assert all(types[key] == (PRIVATE_SCHEME, key) for key in ("ET", "TC", "WT"))


def test_private_codes_keep_to_dicom():
    assert PRIVATE_SCHEME.startswith("99")
    for part in (*LABELS, *REGIONS):
        assert max(len(part.type.scheme), len(part.type.value)) <= 16  # of the value representation SH
        assert len(part.type.meaning) <= 64  # of LO


def test_the_enhancing_tumor_is_the_same_as_label_and_as_region():
    assert terminology_entry(ET) == terminology_entry(ENHANCING)
    assert (ET.name, ET.color) == (ENHANCING.name, ENHANCING.color)
