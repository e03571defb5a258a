"""An entry of the cache: whole or not there, whatever happened to its files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.core.errors import OutputError
from BrainTumorVAESegLib.core.settings import SMALL
from BrainTumorVAESegLib.training.data import entries as module
from BrainTumorVAESegLib.training.data.cache import cache_cases
from BrainTumorVAESegLib.training.data.entries import FACTS, IMAGES, LABELS, CachedCase

SECOND = ["prepared case2 (2 of 2)"]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def cached(own_data, tmp_path, told):
    """Prepare the data set into the cache, and tell what was prepared."""

    def run():
        told.clear()
        return cache_cases(discover_cases(own_data), SMALL, tmp_path / "cache", told.append)

    return run


def file_of(case: CachedCase, ending: str) -> Path:
    return case.images_file.with_name(case.images_file.name.replace(IMAGES, ending))


def test_a_case_that_was_interrupted_is_prepared_again_and_the_others_are_not(cached, told):
    """Killed while it wrote: the labels are there, of the images only a part under another name."""
    first, second = cached()
    whole = second.images_file.read_bytes()
    second.images_file.unlink()
    left = second.images_file.with_name(f".99.{second.images_file.name}")
    left.write_bytes(whole[:100])
    before = first.images_file.stat().st_mtime_ns
    cached()
    assert told == SECOND and second.images_file.read_bytes() == whole
    assert first.images_file.stat().st_mtime_ns == before
    assert not left.exists()


@pytest.mark.parametrize("ending", [IMAGES, LABELS])
@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes() + b"x"),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"something else"),
        lambda path: np.save(path, np.load(path).astype(np.float32)),
        lambda path: np.save(path, np.load(path)[..., :-1]),
    ],
    ids=["cut", "longer", "empty", "foreign", "type", "shape"],
)
def test_a_cache_file_that_is_not_whole_is_made_anew(cached, told, ending, damage):
    _, second = cached()
    path = file_of(second, ending)
    whole = path.read_bytes()
    damage(path)
    cached()
    assert told == SECOND and path.read_bytes() == whole


@pytest.mark.parametrize("text", ["", "{}", '{"key": "other", "facts": {}}', '{"key": 1}'])
def test_facts_that_are_not_the_cases_are_made_anew(cached, told, text):
    _, second = cached()
    path = file_of(second, FACTS)
    whole = path.read_text()
    path.write_text(text)
    cached()
    assert told == SECOND and path.read_text() == whole


def test_the_facts_of_another_case_are_made_anew(cached, told):
    first, second = cached()
    own, other = file_of(second, FACTS), file_of(first, FACTS)
    own.write_text(other.read_text())
    [_, again] = cached()
    assert told == SECOND and again.facts == second.facts


def test_a_disk_that_fills_up_at_the_images_leaves_no_part_of_the_entry(own_data, tmp_path, monkeypatch):
    save = module.save_array

    def fail_at_images(path, array):
        if path.name.endswith(IMAGES):
            raise OutputError(f"{path}: cannot be written: the disk is full.")
        save(path, array)

    monkeypatch.setattr(module, "save_array", fail_at_images)
    with pytest.raises(OutputError, match="the disk is full"):
        cache_cases(discover_cases(own_data), SMALL, tmp_path / "cache")
    files = [path.name for path in (tmp_path / "cache").rglob("*")]
    assert not [name for name in files if name.endswith((".npy", ".json"))]
