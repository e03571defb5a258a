"""Scores as rows, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.evaluation.records import to_csv, to_plain, to_records
from BrainTumorVAESegLib.evaluation.scoring import CaseScore, score_case
from BrainTumorVAESegLib.evaluation.summary import MEASURES, summarize


@pytest.fixture(scope="module")
def scores() -> list[CaseScore]:
    """A case without enhancing tumor in its truth, and one whose name needs care in a table."""
    geometry = Geometry((12, 12, 12), (1.0, 1.0, 3.0), (0.0, 0.0, 0.0))
    truth = np.zeros(geometry.shape, np.uint8)
    truth[2:9, 2:9, 2:9], truth[4:7, 4:7, 4:7] = 2, 1
    prediction = truth.copy()
    prediction[5, 5, 5], prediction[2] = 3, 0
    segmentation = Segmentation(prediction, geometry)
    return [score_case("A", segmentation, truth, 1.5), score_case('B, "two"', segmentation, prediction)]


def test_there_is_a_row_for_each_case_and_region(scores):
    records = to_records(scores)
    assert [(record["case"], record["region"]) for record in records] == [
        (score.name, key) for score in scores for key in ("WT", "TC", "ET")
    ]
    assert all(set(record) == {"case", "region", *MEASURES} for record in records)
    assert records[0]["dice"] == scores[0].dice["WT"] == pytest.approx(2 * 6 / 13)


def test_the_table_is_read_back_as_it_was(scores):
    records = to_records(scores)
    rows = list(csv.DictReader(io.StringIO(to_csv(records))))
    assert len(rows) == 6 and rows[3]["case"] == 'B, "two"'
    for row, record in zip(rows, records, strict=True):
        for name in MEASURES:
            if record[name] is None:
                assert row[name] == ""
            else:
                assert float(row[name]) == pytest.approx(record[name], rel=1e-5)
    assert [row["volume_error_relative"] for row in rows].count("") == 1, "no enhancing tumor in the truth"


def test_the_plain_values_hold_all_and_are_json(scores):
    plain = to_plain(scores, summarize(score.regions for score in scores))
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    first, second = plain["cases"]
    assert (first["seconds"], second["seconds"]) == (1.5, None)
    assert first["regions"]["ET"]["dice"] == 0 and second["regions"]["ET"]["dice"] == 1
    assert first["true_volumes_ml"]["NCR"] == pytest.approx(27 * 3 / 1000)
    assert plain["summary"]["ET"]["dice"]["mean"] == 0.5
    assert plain["summary"]["ET"]["volume_error_relative"]["count"] == 1
