"""A run's folder: what was begun there is held to, and what is no run is left alone."""

from __future__ import annotations

from dataclasses import replace

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
