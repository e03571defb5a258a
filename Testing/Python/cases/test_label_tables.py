"""Which numbering a data set's own table of labels tells."""

from __future__ import annotations

import pytest
from BrainTumorVAESegLib.cases.label_tables import convention_of_table


@pytest.mark.parametrize(
    ("table", "convention"),
    [
        ({"0": "background", "1": "edema", "2": "non-enhancing tumor", "3": "enhancing tumour"}, "msd"),
        ({"background": 0, "NETC": 1, "SNFH": 2, "ET": 3}, "brats2023"),
        ({"background": 0, "NETC": 1, "SNFH": 2, "ET": 3, "RC": 4}, "brats2024"),
        ({"1": "NETC", "2": "surrounding non-enhancing FLAIR hyperintensity", "3": "ET", "4": "Cavity"}, "brats2024"),
        ({"NCR": 1, "ED": 2, "ET": 4}, "brats2021"),
        ({"background": 0, "whole tumor": [1, 2, 3], "tumor core": [2, 3], "enhancing tumor": [3]}, "msd"),
        ({"background": 0, "WT": [1, 2, 3], "TC": [1, 3], "ET": 3}, "brats2023"),
        ({"whole tumor": [1, 2, 3], "tumor core": [1, 3], "enhancing tumor": [3], "RC": 4}, "brats2024"),
        ({"NCR": 1, "ED": 2, "ET": 3, "RC": 5}, None),
        ({"tumor": 1}, None),
        (None, None),
        ([1, 2], None),
    ],
)
def test_a_table_of_labels_or_of_regions_tells_the_numbering(table, convention):
    assert convention_of_table(table) == convention
