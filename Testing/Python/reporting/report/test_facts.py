"""Sentences of a report's page: what is told of the tumor's core, its side, and how the images were prepared."""

from __future__ import annotations

from typing import Any

import pytest
from BrainTumorVAESegLib.reporting.report.facts import burden_sentences
from BrainTumorVAESegLib.reporting.report.language import Language, Translator

NONE: dict[str, Any] = {"lesions": [], "others": 0, "sum_of_products_mm2": 0.0}


def told(language: Language, side: str, left_share: float) -> str:
    measures = {
        "enhancing": NONE, "whole": NONE, "necrotic_share": 1.0, "enhancing_share": 0.0, "tilt_degrees": 0.0,
        "side": {"side": side, "left_share": left_share, "across_mm": 0.0},
    }  # fmt: skip
    return " ".join(burden_sentences(measures, Translator(language)))


def test_a_core_that_does_not_enhance_is_not_called_necrotic() -> None:
    text = told(Language.EN, "right", 0.0)
    assert "Of the tumor core 0 % enhances, 100 % does not." in text and "necro" not in text


@pytest.mark.parametrize(
    ("side", "left_share", "english", "chinese"),
    [
        ("right", 0.0, "The tumor lies on the right.", "肿瘤位于右侧。"),
        ("left", 0.998, "The tumor lies on the left.", "肿瘤位于左侧。"),
        ("right", 0.13, "Most of the tumor lies on the right (87 % of it).", "肿瘤大部分位于右侧（占 87 %）。"),
        ("left", 0.9, "Most of the tumor lies on the left (90 % of it).", "肿瘤大部分位于左侧（占 90 %）。"),
    ],
)
def test_the_share_is_that_of_the_side_that_is_named(side: str, left_share: float, english: str, chinese: str) -> None:
    assert english in told(Language.EN, side, left_share) and chinese in told(Language.ZH, side, left_share)
