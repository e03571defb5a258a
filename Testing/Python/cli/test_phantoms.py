"""`braintumorvaeseg phantoms`: made cases that the other commands read."""

from __future__ import annotations

import numpy as np
import pytest
from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.cases.reading import read_study
from BrainTumorVAESegLib.images.reading import read_label_map


def test_made_cases_are_a_data_set_of_their_own(command, out) -> None:
    outcome = command("phantoms", "--out", out, "--count", 2, "--seed", 3, "--spacing", 4, "--json")
    assert (outcome.code, outcome.json["cases"]) == (0, ["phantom-003", "phantom-004"])
    cases = discover_cases(out)
    assert [case.name for case in cases] == outcome.json["cases"]
    studies = [read_study(case.images) for case in cases]
    assert studies[0].reference_volume.geometry.spacing == (4.0, 4.0, 4.0)
    assert read_label_map(cases[0].segmentation).array.max() == 3
    first, second = (study.reference_volume.array for study in studies)
    assert first.shape == second.shape and not np.array_equal(first, second)


def test_the_same_seed_makes_the_same_case(command, out, tmp_path) -> None:
    for folder in (out, tmp_path / "again"):
        assert command("phantoms", "--out", folder, "--count", 1, "--spacing", 4).code == 0
    one, two = (read_study(discover_cases(folder)[0].images) for folder in (out, tmp_path / "again"))
    assert all(np.array_equal(one[modality].array, two[modality].array) for modality in one)


def test_cases_that_exist_are_replaced_only_on_request(command, out) -> None:
    assert command("phantoms", "--out", out, "--count", 1, "--spacing", 4).code == 0
    (case,) = discover_cases(out)
    before = {path: path.read_bytes() for path in case.images.values()}
    outcome = command("phantoms", "--out", out, "--count", 2, "--spacing", 3)
    assert (outcome.code, "phantom-000: exists already; give --overwrite" in outcome.error) == (7, True)
    assert {path: path.read_bytes() for path in case.images.values()} == before
    assert [folder.name for folder in out.iterdir()] == ["phantom-000"]
    assert command("phantoms", "--out", out, "--count", 1, "--spacing", 3, "--overwrite").code == 0
    assert read_study(case.images).reference_volume.geometry.spacing == (3.0, 3.0, 3.0)


@pytest.mark.parametrize("arguments", [("--count", 0), ("--spacing", 0.1), ("--seed", -1)])
def test_what_makes_no_case_is_refused(command, out, arguments) -> None:
    outcome = command("phantoms", "--out", out, *arguments)
    assert (outcome.code, out.exists()) == (2, False)
