"""The tool that puts packages where they ship."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.settings import CascadeSettings, StageSettings
from BrainTumorVAESegLib.models.manifest import stage_file
from BrainTumorVAESegLib.models.package import read_package
from BrainTumorVAESegLib.models.writing import write_package
from BrainTumorVAESegLib.networks.nvnet import NvNet

TOOL = Path(__file__).resolve().parents[2] / "Tools" / "ship_package.py"


@pytest.fixture
def tool():
    spec = importlib.util.spec_from_file_location("ship_package", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def ship_package(tool):
    return tool.ship_package


@pytest.fixture
def made(tmp_path):
    """A cascade and its first stage alone, as two trainings leave them, and where packages ship."""
    small = {"filters": 8, "groups": 4, "blocks_down": (1, 1, 1, 1)}
    settings = CascadeSettings(
        stage1=StageSettings(downsample=2, field=(16,) * 3, **small),
        stage2=StageSettings("attention_add", in_channels=7, field=(16,) * 3, **small),
    )
    first, second = NvNet(settings.stage1), NvNet(settings.stage2)
    alone = replace(settings, stage2=None)
    whole = write_package(tmp_path / "run1" / "whole", "whole", "1.0", settings, first, second, "# w", storage="int8")
    part = write_package(tmp_path / "run2" / "part", "part", "1.0", alone, first, None, "# p", storage="int8")
    (tmp_path / "Models").mkdir()
    return whole, part, tmp_path / "Models"


def test_packages_are_copied_whole_and_a_common_stage_is_stored_once(ship_package, made):
    whole, part, place = made
    ship_package(whole.folder, place=place)
    shipped = ship_package(part.folder, "whole", place)
    assert sorted(path.name for path in place.iterdir()) == ["part", "whole"]
    assert not (shipped.folder / stage_file(1)).exists() and shipped.shared == {stage_file(1): "whole"}
    assert read_package(place / "whole").sha256 == whole.sha256
    assert (part.folder / stage_file(1)).is_file(), "the run keeps its package"


def test_a_newer_one_takes_the_place_of_the_older(ship_package, made):
    whole, part, place = made
    for _ in range(2):
        ship_package(whole.folder, place=place)
        ship_package(part.folder, "whole", place)
    assert read_package(place / "part").shared == {stage_file(1): "whole"}


def test_another_calibration_ships_under_a_version_of_its_own_and_says_so_in_the_card(tool, made, tmp_path):
    whole, _, place = made
    described = write_package(
        tmp_path / "run3" / "whole", "whole", "1.0", whole.settings, NvNet(whole.settings.stage1),
        NvNet(whole.settings.stage2), "# whole 1.0\n\nText.", storage="int8",
    )  # fmt: skip
    named = tool.with_version(described, "1.1", "## Calibration\n\nAnother one.", tmp_path / "named" / "whole")
    shipped = tool.ship_package(named.folder, place=place)
    assert shipped.version == shipped.metadata["version"] == "1.1"
    assert set(shipped.metadata["changelog"]) == {"1.0", "1.1"}
    assert shipped.card == "# whole 1.1\n\nText.\n\n## Calibration\n\nAnother one.\n"
    for stage in (1, 2):
        assert shipped.files[stage_file(stage)] == described.files[stage_file(stage)]


def test_a_card_of_another_title_is_refused(tool, made, tmp_path):
    with pytest.raises(ValueError, match=r"does not begin with '# whole 1\.0'"):
        tool.with_version(made[0], "1.1", "", tmp_path / "named")
