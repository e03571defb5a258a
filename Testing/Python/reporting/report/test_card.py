"""The model's card in brief: what its manifest says, and nothing where the package is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from BrainTumorVAESegLib.models.package import ModelPackage, read_package
from BrainTumorVAESegLib.reporting.report.card import card_rows
from BrainTumorVAESegLib.reporting.report.language import Language, Translator
from knownmodels import write_model

SAY = Translator(Language.EN)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModelPackage:
    return read_package(write_model(tmp_path_factory.mktemp("models"), "made", (5.0, -5.0, -5.0), optional=("T2",)))


def test_the_rows_are_those_of_the_manifest(package: ModelPackage) -> None:
    rows = dict(card_rows(package, {}, SAY))
    assert rows["Model"] == "made 1.2.3" and rows["Made for"] == package.domain.text
    assert rows["Networks"] == "stage 1: VAE-regularized U-Net, 4 filters, 6 mm"
    assert rows["Reads"] == "T1, T1ce, T2, FLAIR" and rows["Can do without"] == "T2"
    assert rows["Thresholds"] == "WT 0.5, TC 0.5, ET 0.5"


def test_what_it_was_measured_on_is_a_mean_by_set_of_cases(package: ModelPackage) -> None:
    scores = [{"dice": {"WT": 0.8, "TC": 0.5, "ET": 0.25}}, {"dice": {"WT": 0.9, "TC": 0.7, "ET": 0.75}}]
    strange = {"Test": scores, "Validation": [{"dice": 3}], "Other": 7}
    rows = dict(card_rows(replace(package, training={"cases": ["a", "b"], "dice": strange}), {}, SAY))
    assert rows["Dice, test"] == "WT 0.85, TC 0.60, ET 0.50 (mean of 2 cases)"
    assert "Dice, validation" not in rows and "Other" not in rows
    assert rows["Trained on"] == "2 cases, named in its card"


def test_of_a_package_that_is_gone_the_results_words_are_told(tmp_path: Path) -> None:
    rows = card_rows(None, {"package": {"name": "lost", "version": "9"}}, SAY)
    assert rows[0] == ("Model", "lost 9") and "not at hand" in rows[1][1]
    assert card_rows(None, {}, SAY)[0] == ("Model", "?")
