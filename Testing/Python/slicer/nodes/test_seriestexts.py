"""Why a series is what it is, said in the application's language."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import pytest
from BrainTumorVAESegLib.core import series
from BrainTumorVAESegLib.core.series import SeriesTags, classify_series
from translations import TS_FILE, read_ts

TIMES = {"echo_time": 120.0, "repetition_time": 9000.0, "inversion_time": 2500.0}


def test_the_panel_knows_each_half_sentence_and_no_other(host: Any) -> None:
    from BrainTumorVAESegLib.slicer.nodes.seriestexts import patterns

    calls = [node for node in ast.walk(ast.parse(inspect.getsource(series))) if isinstance(node, ast.Call)]
    made = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Phrase"]
    assert all(isinstance(text, ast.Constant) for text in made)
    assert {text.value for text in made if isinstance(text, ast.Constant)} - {""} == set(patterns())


@pytest.mark.parametrize(
    ("tags", "text"),
    [
        (
            SeriesTags("AX T2", sequence=("SE",), **TIMES),
            "其描述写有 T2，但其时间参数符合 FLAIR（TE 120 ms, TR 9000 ms, TI 2500 ms）",
        ),
        (SeriesTags("head", kind=""), "是 未说明类型的图像，不是 MR"),
        (SeriesTags("AX T2", image_type=("DERIVED", "PRIMARY", "ADC")), "其图像类型为 ADC（弥散参数图）"),
        (SeriesTags("brain"), "没有名称说明它是什么，且未给出其时间参数"),
    ],
)
def test_a_chinese_panel_says_it_in_chinese(host: Any, monkeypatch: Any, tags: SeriesTags, text: str) -> None:
    import slicer
    from BrainTumorVAESegLib.slicer.nodes.seriestexts import series_text

    words = read_ts(TS_FILE)
    monkeypatch.setattr(slicer.app, "translate", lambda context, source: words[context][source])
    assert series_text(classify_series(tags).reason) == text
