"""Tables as CSV that a spreadsheet shows and does not compute."""

from __future__ import annotations

import csv
import io

import pytest
from BrainTumorVAESegLib.core.disk.tables import to_csv


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-cmd", "@here", "\t=1", "\r=1", '=HYPERLINK("http://x")', "-"])
def test_a_text_that_a_spreadsheet_would_compute_is_shown(text):
    [[cell]] = csv.reader(io.StringIO(to_csv([[text]]), newline=""))
    assert cell == f"'{text.replace(chr(9), ' ').replace(chr(13), ' ')}"


@pytest.mark.parametrize("value", ["-1.5", "+2", "-1e-05", "-inf", -1.5, 7, "P-1", "", "a=b", "1,5", "=".join("ab")])
def test_numbers_and_other_texts_stay_as_they_are(value):
    [[cell]] = csv.reader(io.StringIO(to_csv([[value]]) if value != "" else '""'))
    assert cell == str(value)


def test_rows_are_lines():
    assert to_csv([("case", "dice"), ("P,1", 0.5), ("=x", "-0.25")]) == 'case,dice\n"P,1",0.5\n\'=x,-0.25\n'
