"""A run's folder: what was begun there is held to, and what is no run is left alone."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import reduce

import pytest
from BrainTumorVAESegLib.core.errors import TrainingError


@pytest.mark.parametrize("change", ["folds", "seed"])
def test_a_folder_begun_with_other_folds_is_refused(run, open_tiny, change):
    other = replace(run.recipe, **{change: 3})
    with pytest.raises(TrainingError, match=f"begun with other cases or settings .*{change}.*; choose another folder"):
        open_tiny(other)
    assert open_tiny().folds == run.folds


def test_a_folder_begun_with_other_networks_is_refused(run, open_tiny):
    settings = run.recipe.settings
    other = replace(run.recipe, settings=replace(settings, stage1=replace(settings.stage1, latent=8)))
    with pytest.raises(TrainingError, match=r"networks\.stage1\.latent was 4, is 8"):
        open_tiny(other)


def _forget(folder, *keys):
    """Let a run's plan be one from before these settings of its networks were there."""
    plan = json.loads((folder / "run.json").read_text())
    for key in keys:
        *tables, last = key.split(".")
        del reduce(dict.__getitem__, tables, plan["networks"])[last]
    (folder / "run.json").write_text(json.dumps(plan))


def test_a_setting_that_came_after_the_run_was_begun_is_held_to_its_default(run, open_tiny):
    _forget(run.folder, "offsets", "cleaning", "preprocessing.foreground", "stage1.members", "stage2.align_corners")
    assert open_tiny().folds == run.folds
    settings = replace(run.recipe.settings, offsets=(0.5, 0.0, 0.0))
    with pytest.raises(TrainingError, match=r"networks\.offsets was \[0\.0, 0\.0, 0\.0\], is \[0\.5"):
        open_tiny(replace(run.recipe, settings=settings))


def test_a_setting_that_is_no_default_is_not_taken_for_what_a_plan_lacks(run, open_tiny):
    _forget(run.folder, "stage1.filters")
    with pytest.raises(TrainingError, match=r"networks\.stage1\.filters was 32, is 8"):
        open_tiny()


def test_a_folder_begun_with_other_cases_is_refused(run, open_tiny, data, tmp_path):
    """A case more deals the folds anew: a finished fold would have been trained on what it now predicts."""
    more = tmp_path / "more"
    more.mkdir()
    for name in ("case1", "case2", "case3"):
        (more / name).symlink_to(data / name)
    with pytest.raises(TrainingError, match="choose another folder"):
        open_tiny(data=more)


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(open_tiny, tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "letter.txt").write_text("dear")
    with pytest.raises(TrainingError, match=r"home: holds letter\.txt and no training run; choose a new or an empty"):
        open_tiny(folder=folder)
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


def test_a_run_that_was_interrupted_while_preparing_goes_on(run, open_tiny):
    (run.folder / "run.json").unlink()
    assert open_tiny().folds == run.folds
