"""The card: what a package says of itself."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from BrainTumorVAESegLib.core.settings import CascadeSettings
from BrainTumorVAESegLib.training.calibration import Calibration
from BrainTumorVAESegLib.training.card import CardFacts, write_card
from trainedruns import score


@pytest.fixture
def facts() -> CardFacts:
    made = {"recipe": "tiny", "command": "train tiny", "seconds": 5400, "machine": "a machine", "torch": "2.0"}
    return CardFacts(
        "mine",
        "1.2.3",
        CascadeSettings(preset="custom"),
        {**made, "cases": ["case1", "case2"]},
        "From nowhere.",
        {"Test": [score("a", 0.9, 10.0), score("b", 0.3, 0.5)]},
    )


def test_the_card_says_what_it_was_made_from_and_what_it_is_not_for(facts):
    card = write_card(facts)
    assert card.startswith("# mine 1.2.3\n")
    for text in (
        "not a medical device", "From nowhere.", "Recipe `tiny`, 1.5 hours, on a machine", "`train tiny`",
        "2 cases: case1, case2.", "stage 1 has 32 filters, and sees a 1 mm grid", "T1, T1ce, T2, FLAIR",
    ):  # fmt: skip
        assert text in card


def test_what_a_reader_asks_first_comes_before_how_it_was_trained(facts):
    headings = [line for line in write_card(facts).splitlines() if line.startswith("## ")]
    assert headings == ["## Networks", "## Data", "## Measured", "## Limits", "## Training"]


def test_the_cases_of_former_weights_are_named_once(facts):
    start = {**facts.facts, "name": "former", "version": "1.0.0", "sha256": "ab", "seconds": 8}
    card = write_card(replace(facts, facts={**facts.facts, "start": start}))
    assert card.count("case1") == 1 and "The same 2 cases." in card and "`tiny`, seconds, on" in card
    others = {**start, "cases": ["case1", "case3"], "seconds": 600}
    card = write_card(replace(facts, facts={**facts.facts, "start": others}))
    assert "2 cases: case1, case3." in card and "`tiny`, 10 minutes, on" in card and "The same" not in card


def test_the_card_gives_dice_and_distances_their_means_and_apart_those_of_large_cores(facts):
    card = write_card(facts)
    assert "| a | 0.900 | 0.500 | 1.000 | 2.0 | 2.0 | 2.0 | 10.0 |" in card
    assert "| mean | 0.600 | 0.500 | 1.000 | 2.0 | 2.0 | 2.0 |  |" in card
    assert "| mean where the core has 1 ml or more | 0.900 | 0.500 | 1.000 | 2.0" in card
    large = replace(facts, scores={"Test": facts.scores["Test"][:1]})
    assert "1 ml or more" not in write_card(large)


def test_the_card_gives_means_by_data_set_and_how_wrong_the_volumes_are(facts):
    """Of every score the prediction is half of the truth."""
    parts = {"Validation": [score("BraTS2021_00001", 0.9, 10.0)], "Test": [score("BraTS-SSA-00007-000", 0.5, 5.0)]}
    parts["Test"].append(score("BraTS-SSA-00008-000", 0.7, 5.0))
    card = write_card(replace(facts, scores=parts))
    assert "| BraTS-SSA | 2 | 0.600 | 0.500 | 1.000 | 50% | 50% | 50% |" in card
    assert "| BraTS2021 | 1 | 0.900 | 0.500 | 1.000 | 50% | 50% | 50% |" in card
    assert "By data set" not in write_card(replace(facts, scores={}))


def test_stage_1_alone_stands_beside_the_cascade_only_where_there_are_both(facts):
    assert "stage 1 alone" not in write_card(facts)
    first = {"Test": [score("a", 0.8, 10.0), score("b", 0.1, 0.5)]}
    card = write_card(replace(facts, first_scores=first))
    assert "| stage 1 alone | 0.800 |" in card and "| the cascade | 0.900 |" in card, "small cores are left out"


def test_the_card_says_what_the_thresholds_were_chosen_on(facts):
    chosen = asdict(Calibration((0.3,) * 3, (1.0, 1.5, 2.0), {"WT": 0.8}, {"WT": 0.7}, 4, (0.3,) * 3))
    text = "(1, 1.5, 2) were chosen on {}; mean Dice there: WT 0.800 (at thresholds of 0.5: 0.700)."
    for where, said in (("validation", "4 validation cases"), ("folds", "the 4 training cases, each predicted by")):
        made = {**facts.facts, "calibration": chosen, "calibrated_on": where}
        card = write_card(replace(facts, facts=made))
        assert text.split("{}")[0] + said in card and text.split("{}")[1] in card
    assert "were chosen" not in write_card(facts)


def test_the_card_says_where_an_image_may_be_missing(facts):
    assert "left out at random" not in write_card(facts)
    settings = replace(facts.settings, optional=("T1",))
    assert "accepts a study in which some of T1, T1ce, T2 and FLAIR are missing" in write_card(
        replace(facts, settings=settings)
    )


def test_a_data_set_that_nobody_described_is_said_to_be_so(facts):
    assert "The data set is not described." in write_card(replace(facts, about="  "))
