"""Tables as plain rows."""

from __future__ import annotations

import numpy as np
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.wire import to_wire
from BrainTumorVAESegLib.evaluation.summary import MEASURES
from BrainTumorVAESegLib.measures.measuring import measure
from BrainTumorVAESegLib.reporting.tables import (
    CASE_COLUMNS,
    case_rows,
    comparison_rows,
    format_measure,
    measure_rows,
    target_rows,
    volume_rows,
)


def test_each_target_lesion_has_a_row_and_their_sum_another() -> None:
    labels = np.zeros((4, 40, 40), np.uint8)
    labels[1:3, 2:22, 3] = labels[1:3, 2:14, 3:15] = 3
    labels[:2, 30:36, 30:36] = 3  # too small
    labels[1:4, 4:16, 26:37] = 3
    segmentation = Segmentation(labels, Geometry((40, 40, 4), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)))
    *rows, total = target_rows(to_wire(measure(segmentation)))
    assert [row[:2] for row in rows] == [("ET 1", ""), ("ET 2", "")]
    assert [row[2] for row in rows] == ["1", "1"] and all(float(row[3].split(" x ")[1]) >= 10 for row in rows)
    assert total[0] == "sum" and abs(int(total[-1]) - sum(int(row[-1]) for row in rows)) <= 1


def test_a_tumor_that_does_not_enhance_has_the_rows_of_the_whole() -> None:
    labels = np.zeros((4, 40, 40), np.uint8)
    labels[1:3, 2:22, 3:18] = 2
    segmentation = Segmentation(labels, Geometry((40, 40, 4), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)))
    rows = target_rows(to_wire(measure(segmentation)))
    assert [row[0] for row in rows] == ["WT 1", "sum"] and rows[0][-1] == rows[1][-1] != "0"


def test_without_a_target_lesion_there_is_no_row() -> None:
    labels = np.full((1, 40, 40), 3, np.uint8)  # in one slice alone
    segmentation = Segmentation(labels, Geometry((40, 40, 1), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)))
    assert target_rows(to_wire(measure(segmentation))) == []


def test_every_region_and_label_has_one_row_of_its_volume() -> None:
    labels = np.repeat(np.arange(4, dtype=np.uint8), [13, 4, 2, 8]).reshape(3, 3, 3)
    segmentation = Segmentation(labels, Geometry((3, 3, 3), (10.0, 10.0, 10.0), (0.0, 0.0, 0.0)))
    rows = volume_rows(segmentation.volumes_ml())
    assert [(key, value) for key, _, value in rows] == [
        ("WT", "14.0"), ("TC", "12.0"), ("ET", "8.0"), ("NCR", "4.0"), ("ED", "2.0"),
    ]  # fmt: skip
    assert rows[0][1] == "Whole tumor"


def test_a_comparison_has_the_dice_of_regions_only() -> None:
    volumes = {"WT": 5.0, "TC": 4.0, "ET": 3.0, "NCR": 1.0, "ED": 1.0}
    rows = comparison_rows(volumes, {**volumes, "ED": 2.0}, {"ET": 1 / 3, "WT": 1.0, "TC": 0.0})
    assert [row[4] for row in rows] == ["1.000", "0.000", "0.333", "", ""]
    assert rows[4][2:4] == ("1.0", "2.0")


def test_cases_come_first_then_the_mean_its_interval_and_the_median() -> None:
    records = [
        {"case": case, "region": region, "dice": dice, "hd95": distance}
        for case, dice, distance in (("A", 0.5, 12.344), ("B", 1.0, 0.0))
        for region in ("ET", "WT", "TC")
    ]
    statistic = {"mean": 0.75, "low": None, "high": 1.0, "median": 0.7}
    rows = case_rows(records, {region: {"dice": statistic, "hd95": statistic} for region in ("WT", "TC", "ET")})
    assert rows[:2] == [("A", *["0.500"] * 3, *["12.34"] * 3), ("B", *["1.000"] * 3, *["0.00"] * 3)]
    assert [row[0].strip() for row in rows[2:]] == ["mean", "95 % from", "to", "median"]
    assert [row[1] for row in rows[2:]] == ["0.750", "-", "1.000", "0.700"]
    assert all(len(row) == len(CASE_COLUMNS) for row in rows)


def test_each_region_and_measure_has_its_own_place() -> None:
    values = {"WT": 0.1, "TC": 0.2, "ET": 0.3}
    records = [{"case": "A", "region": key, "dice": value, "hd95": 10 * value} for key, value in values.items()]
    statistics = {"mean": 0.0, "low": 0.0, "high": 0.0, "median": 0.0}
    summary = {key: {"dice": statistics, "hd95": statistics} for key in values}
    assert case_rows(records, summary)[0] == ("A", "0.100", "0.200", "0.300", "1.00", "2.00", "3.00")


def test_every_measure_has_a_row_of_means() -> None:
    def statistics(value: float) -> dict[str, dict[str, float]]:
        return {measure: {"mean": value} for measure in MEASURES}

    rows = measure_rows({"WT": statistics(0.25), "TC": statistics(-0.5), "ET": {**statistics(0.0)}})
    by_name = {row[0]: row[1:] for row in rows}
    assert len(rows) == len(set(MEASURES) - {"volume_ml", "true_volume_ml"})
    assert by_name["Volume error, relative"] == ("+25.0%", "-50.0%", "+0.0%")
    assert by_name["Specificity"][0] == "0.2500"


def test_what_has_no_value_is_a_dash() -> None:
    assert format_measure("hd95", None) == "-"
    assert format_measure("hd95", 373.12866) == "373.13"
