"""Folds: no patient in two of them, as even as that allows, the same for the same seed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from BrainTumorVAESegLib.cases.labelled import LabelledCase
from BrainTumorVAESegLib.core.errors import TrainingError
from BrainTumorVAESegLib.training.data.entries import CachedCase
from BrainTumorVAESegLib.training.data.folds import split_folds
from hypothesis import given
from hypothesis import strategies as st


def case(name: str, patient: str = "") -> CachedCase:
    return CachedCase(name, Path("images"), Path("labels"), patient)


GROUPS = st.lists(st.integers(1, 5), min_size=2, max_size=15)


@given(GROUPS, st.integers(2, 6), st.integers(0, 99), st.randoms())
def test_the_folds_are_even_and_keep_patients_together_whatever_the_cases_order(sizes, folds, seed, chance):
    folds = min(folds, len(sizes))
    cases = [case(f"p{p}-{n}", f"p{p}") for p, size in enumerate(sizes) for n in range(size)]
    parts = split_folds(cases, folds, seed)
    assert sorted(name for part in parts for name in part) == sorted(each.name for each in cases)
    assert all(part == sorted(part) and part for part in parts) and len(parts) == folds
    homes = [{name.split("-")[0] for name in part} for part in parts]
    assert sum(map(len, homes)) == len(sizes)
    lengths = list(map(len, parts))
    assert max(lengths) - min(lengths) <= max(sizes)
    mixed = random.Random(chance.random()).sample(cases, len(cases))
    assert split_folds(mixed, folds, seed) == parts


@given(st.sets(st.text("abc123", min_size=1), min_size=2, max_size=20), st.integers(2, 6), st.integers(0, 99))
def test_cases_of_as_many_patients_are_dealt_into_equal_parts(names, folds, seed):
    folds = min(folds, len(names))
    lengths = [len(part) for part in split_folds([case(name) for name in names], folds, seed)]
    assert max(lengths) - min(lengths) <= 1


def test_a_large_group_is_balanced_by_the_others():
    cases = [case(f"a{n}", "a") for n in range(4)] + [case(f"b{n}") for n in range(4)]
    for seed in range(5):
        assert sorted(map(len, split_folds(cases, 2, seed))) == [4, 4]


def test_another_seed_deals_otherwise():
    cases = [case(f"case{n}") for n in range(20)]
    assert split_folds(cases, 2, 0) != split_folds(cases, 2, 1)


def test_cases_that_were_found_are_dealt_as_those_prepared():
    found = [LabelledCase(f"c{n}", Path(), {}, Path(), f"p{n // 2}") for n in range(8)]
    assert split_folds(found, 2, 3) == split_folds([case(each.name, each.patient) for each in found], 2, 3)


@pytest.mark.parametrize("folds", [0, 1, 4])
def test_too_few_cases_for_the_folds_are_refused(folds):
    with pytest.raises(TrainingError, match=r"3 cases cannot be split into \d folds; choose 2 to 3"):
        split_folds([case(name) for name in "abc"], folds, 0)


def test_too_few_patients_for_the_folds_are_refused():
    with pytest.raises(TrainingError, match="4 cases of 2 patients cannot be split into 3 folds; choose 2 to 2"):
        split_folds([case(f"{patient}{n}", patient) for patient in "ab" for n in range(2)], 3, 0)
