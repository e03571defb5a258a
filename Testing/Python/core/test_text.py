from __future__ import annotations

from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.text import QUOTED, printable, shorten


@pytest.mark.parametrize("text", ["", "t1ce", "患者 t1 µm", "x" * QUOTED])
def test_a_short_text_stays_as_it_is(text):
    assert shorten(text) == text


def test_a_long_text_is_cut_and_its_length_told():
    assert shorten("x" * 100_000_000, 20) == "x" * 20 + "... (100000000 characters)"


def test_what_cannot_be_printed_is_spelled_out():
    assert shorten("a\nb\x1b[31m\udcff\ud800") == r"a\nb\x1b[31m\xff\ud800"
    assert shorten("\n" * 50, 60) == r"\n" * 30 + "... (50 characters)"


def test_a_value_of_another_kind_is_quoted_by_its_text():
    assert shorten([1, 2]) == "[1, 2]"


def test_a_path_of_other_bytes_than_utf8_can_be_printed():
    assert printable(Path("a/\udcfft1.nii")) == r"a/\xfft1.nii"
    assert printable(Path("Müller/患者 1.nii")) == "Müller/患者 1.nii"
    assert printable("a\0b\n") == r"a\x00b\n"


def test_a_path_is_told_to_its_end_unless_no_file_system_takes_it():
    long = "/".join(["folder"] * 60) + "/image.nii.gz"
    assert printable(long) == long
    assert len(printable("x" * 10**6 + "/image.nii.gz")) < 200 and printable("x" * 10**6 + "/image.nii.gz").endswith(
        "image.nii.gz"
    )
