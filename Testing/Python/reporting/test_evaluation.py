"""The figure of an evaluation: every case in it, the poor ones named, from one case to a thousand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="the extra [report] is not installed")

from BrainTumorVAESegLib.core.errors import OutputError
from BrainTumorVAESegLib.reporting.evaluation import cases_to_name, draw_evaluation, write_evaluation
from BrainTumorVAESegLib.reporting.montage import NOTICE
from matplotlib.figure import Figure
from matplotlib.image import imread

REGIONS = ("WT", "TC", "ET")


def rows(case: str, dice: float, distance: float = 3.0, volume: float = 20.0) -> list[dict[str, Any]]:
    return [
        {
            "case": case,
            "region": region,
            "dice": dice - 0.01 * n,
            "hd95": distance,
            "volume_ml": volume / (n + 1),
            "true_volume_ml": 20 / (n + 1),
        }
        for n, region in enumerate(REGIONS)
    ]


def summary(records: list[dict[str, Any]], low: float | None = 0.5) -> dict[str, Any]:
    high = None if low is None else 0.9
    return {
        region: {
            measure: {"mean": float(np.mean([r[measure] for r in records])), "low": low, "high": high}
            for measure in ("dice", "hd95")
        }
        for region in REGIONS
    }


def cohort(count: int) -> list[dict[str, Any]]:
    dice = np.random.default_rng(5).uniform(0.85, 0.95, count)
    return [row for n, value in enumerate(dice) for row in rows(f"case-{n:03}", value)]


def words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.texts).replace("\xa0", " ")


def points(figure: Figure, panel: int) -> list[tuple[float, float]]:
    """Return the places of the markers in a panel, but for the means' diamonds."""
    marks = [line for line in figure.axes[panel].lines if line.get_marker() in ("o", "s", "^")]
    return [place for line in marks for place in zip(*line.get_data(), strict=True)]


def test_every_case_is_a_point_of_each_panel() -> None:
    records = [*rows("A", 0.9, 2.0, 25.0), *rows("B", 0.7, 30.0), *rows("C", 0.8)]
    figure = draw_evaluation(records, summary(records), "3 cases by a model")
    dice, distance, volume = (points(figure, panel) for panel in range(3))
    assert sorted(round(y, 2) for _, y in dice) == [0.68, 0.69, 0.7, 0.78, 0.79, 0.8, 0.88, 0.89, 0.9]
    assert sorted(y for _, y in distance) == [2.0] * 3 + [3.0] * 3 + [30.0] * 3
    assert (20.0, 25.0) in volume and len(volume) == 9
    text = words(figure)
    assert "3 cases by a model" in text and NOTICE in text


def test_a_small_cohort_is_named_whole_with_the_worst_first() -> None:
    records = [*rows("good", 0.95), *rows("bad", 0.6), *rows("fair", 0.8)]
    assert cases_to_name(records) == ["bad", "fair", "good"]
    assert "1 bad   2 fair   3 good" in words(draw_evaluation(records, summary(records)))


def test_of_a_large_cohort_the_poor_cases_are_named() -> None:
    records = [*cohort(40), *rows("far", 0.9, distance=50.0), *rows("poor", 0.3), *rows("odd", 0.7)]
    assert cases_to_name(records) == ["poor", "odd", "far"]
    assert "case-" not in words(draw_evaluation(records, summary(records)))
    many = [*cohort(40), *(row for n in range(30) for row in rows(f"poor-{n:02}", 0.2 + 0.01 * n))]
    assert cases_to_name(many) == [f"poor-{n:02}" for n in range(12)]


def test_a_case_of_a_small_cohort_has_one_number_in_every_panel() -> None:
    records = [*rows("A", 0.9), *rows("B", 0.8)]
    for axes in draw_evaluation(records, summary(records)).axes:
        assert sorted(text.get_text() for text in axes.texts) == ["1"] * 3 + ["2"] * 3


def test_a_case_of_a_large_cohort_has_its_number_where_it_is_poor() -> None:
    records = [*cohort(30), *rows("poor", 0.3), *rows("far", 0.9, distance=40.0), *rows("small", 0.45, volume=5.0)]
    figure = draw_evaluation(records, summary(records))
    assert "1 poor   2 small   3 far" in words(figure)
    numbers = [sorted(text.get_text() for text in axes.texts) for axes in figure.axes]
    assert numbers == [["1"] * 3 + ["2"] * 3, ["3"] * 3, ["2"] * 3]


def test_distances_of_empty_regions_are_inside_the_panel_and_explained() -> None:
    records = [*rows("A", 0.9, 0.0, 0.0), *rows("B", 0.0, 373.12866)]
    axes = draw_evaluation(records, summary(records)).axes[1]
    low, high = axes.get_ylim()
    assert low < 0 < 373.2 < high and "empty" in axes.get_title(loc="left")
    assert [label.get_text() for label in axes.get_yticklabels()][-1] == "373"


@pytest.mark.parametrize("count", [1, 300])
def test_it_is_one_png_of_any_number_of_cases(count: int, tmp_path: Path) -> None:
    records = cohort(count)
    write_evaluation(records, summary(records, None if count == 1 else 0.8), tmp_path / "figure.png", "title")
    height, width, _ = imread(tmp_path / "figure.png").shape
    assert 1500 < width < 2500 and 600 < height < 1200
    assert [path.name for path in tmp_path.iterdir()] == ["figure.png"]


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    records = cohort(2)
    with pytest.raises(OutputError, match=r"figure\.png"):
        write_evaluation(records, summary(records), tmp_path / "gone" / "figure.png")
