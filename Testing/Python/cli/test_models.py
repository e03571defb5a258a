"""`braintumorvaeseg models`: the packages on this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from BrainTumorVAESegLib.models.package import read_package
from BrainTumorVAESegLib.models.writing import write_package, write_zip
from BrainTumorVAESegLib.networks.nvnet import NvNet
from monai.networks.nets import SegResNet


@pytest.fixture
def mine(made_models: Path, tmp_path: Path) -> Path:
    """A package of another name, to be installed."""
    settings = read_package(made_models / "nothing", verify=False).settings
    return write_package(
        tmp_path / "elsewhere", "mine", "3.0", settings, NvNet(settings.stage1), None, "# Mine\n"
    ).folder


@pytest.fixture
def damaged(shipped: Path) -> str:
    """The name of a package of which a file was changed."""
    card = shipped / "nothing" / "docs" / "README.md"
    card.write_text(card.read_text().replace("tests", "jests"))
    return "nothing"


def test_the_list_shows_each_package_with_its_version_and_origin(command) -> None:
    outcome = command("models", "list")
    rows = [line.split() for line in outcome.out.splitlines()]
    assert outcome.code == 0
    for name in ("all-edema", "nothing"):
        assert any(row[:4] == [name, "1.2.3", "fast", "shipped"] for row in rows)


def test_the_list_for_machines_holds_the_facts(command, shipped) -> None:
    first = command("models", "list", "--json").json[0]
    package = read_package(shipped / "all-edema")
    facts = ("all-edema", True, "shipped", "1.2.3", 1, package.sha256, str(shipped / "all-edema"))
    assert tuple(first[key] for key in ("name", "ok", "origin", "version", "stages", "sha256", "folder")) == facts


def test_a_damaged_package_is_listed_as_such_and_hides_no_other(command, damaged) -> None:
    outcome = command("models", "list")
    assert outcome.code == 0
    assert "all-edema" in outcome.out
    assert "docs/README.md was changed" in outcome.out
    listed = {each["name"]: each["ok"] for each in command("models", "list", "--json").json}
    assert listed == {"all-edema": True, "nothing": False}


def test_where_there_is_no_package_the_list_says_how_to_get_one(command, shipped, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("BrainTumorVAESegLib.models.library.shipped_folder", lambda: tmp_path / "none")
    assert "models install PATH" in command("models", "list").out
    assert command("models", "list", "--json").json == []


def test_show_prints_the_facts_and_the_card(command) -> None:
    outcome = command("models", "show", "all-edema")
    assert "1.2.3" in outcome.out
    assert "Made for tests." in outcome.out
    assert "not a medical device" in outcome.out
    assert command("models", "show", "all-edema", "--json").json["card"] == "# all-edema\n\nMade for tests.\n"


def test_show_of_a_folder_does_not_call_it_installed(command, shipped, tmp_path) -> None:
    elsewhere = shutil.copytree(shipped / "all-edema", tmp_path / "elsewhere")
    assert command("models", "show", elsewhere, "--json").json["origin"] == "folder"
    assert command("models", "show", shipped / "all-edema", "--json").json["origin"] == "shipped"


def test_show_of_an_unknown_package_names_the_known_ones(command) -> None:
    outcome = command("models", "show", "what")
    assert (outcome.code, outcome.out) == (5, "")
    assert "all-edema, nothing" in outcome.error


def test_verify_passes_whole_packages(command) -> None:
    outcome = command("models", "verify", "--json")
    assert outcome.code == 0
    assert [(each["name"], each["ok"]) for each in outcome.json] == [("all-edema", True), ("nothing", True)]


def test_verify_finds_the_damaged_package_and_goes_on(command, damaged) -> None:
    outcome = command("models", "verify", "--json")
    assert outcome.code == 5
    assert [(each["name"], each["ok"]) for each in outcome.json] == [("all-edema", True), ("nothing", False)]
    assert "1 of 2 packages" in outcome.error
    assert command("models", "verify", damaged).code == 5
    assert command("models", "verify", "all-edema").code == 0


@pytest.mark.parametrize("zipped", [False, True])
def test_a_package_is_installed_used_and_removed(command, mine, tmp_path, zipped) -> None:
    source = write_zip(read_package(mine), tmp_path / "mine.zip") if zipped else mine
    installed = command("models", "install", source, "--json")
    assert installed.code == 0, installed.err
    assert installed.json["folder"] == str(tmp_path / "installed" / "mine")
    assert command("models", "show", "mine").code == 0
    removed = command("models", "remove", "mine")
    assert (removed.code, removed.out) == (0, "removed mine\n")
    assert command("models", "show", "mine").code == 5


def test_an_installed_package_is_replaced_only_on_request(command, mine) -> None:
    assert command("models", "install", mine).code == 0
    again = command("models", "install", mine)
    assert (again.code, "already" in again.error) == (5, True)
    assert command("models", "install", mine, "--replace").code == 0


def test_what_is_no_package_is_not_installed(command, tmp_path) -> None:
    file = tmp_path / "photo.zip"
    file.write_bytes(b"not a zip")
    assert command("models", "install", file).code == 5
    assert command("models", "install", tmp_path / "gone").code == 5
    assert not list((tmp_path / "installed").glob("*"))


def test_a_shipped_package_is_not_removed(command, shipped) -> None:
    outcome = command("models", "remove", "nothing")
    assert (outcome.code, "cannot be removed" in outcome.error) == (5, True)
    assert (shipped / "nothing").is_dir()


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A small SegResNet's state dict, as Lightning keeps it."""
    torch.manual_seed(1)
    network = SegResNet(init_filters=8, in_channels=4, out_channels=3, blocks_down=(1, 1), blocks_up=(1,))
    path = tmp_path / "seg.ckpt"
    torch.save({"state_dict": {f"network.{name}": value for name, value in network.state_dict().items()}}, path)
    return path


def test_a_checkpoint_is_imported_installed_and_said_what_was_taken_for_granted(command, checkpoint, tmp_path) -> None:
    outcome = command("models", "import", checkpoint, "--name", "seg", "--modalities", "T1,T1ce, T2,FLAIR")
    assert outcome.code == 0, outcome.err
    assert "MONAI's SegResNet" in outcome.out and "taken are TC,WT,ET" in outcome.out
    assert "input channels" not in outcome.out, "they were said"
    package = read_package(tmp_path / "installed" / "seg")
    assert package.settings.modalities == ("T1", "T1ce", "T2", "FLAIR")
    assert command("models", "import", checkpoint, "--name", "seg").code == 5
    again = command("models", "import", checkpoint, "--name", "seg", "--replace", "--json")
    assert (again.json["kind"], len(again.json["notes"])) == ("MONAI's SegResNet", 3)


def test_an_import_may_be_written_to_a_folder(command, checkpoint, tmp_path, out) -> None:
    assert command("models", "import", checkpoint, "--name", "seg", "--out", out).code == 0
    assert read_package(out).name == "seg"
    assert not (tmp_path / "installed").exists()


def test_what_is_no_checkpoint_is_not_imported(command, tmp_path, out) -> None:
    torch.save({"fc.weight": torch.zeros(1)}, tmp_path / "other.pt")
    outcome = command("models", "import", tmp_path / "other.pt", "--name", "x", "--out", out)
    assert (outcome.code, "unknown network" in outcome.error, out.exists()) == (5, True, False)
    assert command("models", "import", tmp_path / "gone.pt", "--name", "x", "--out", out).code == 5


def test_a_package_is_exported_as_a_bundle(command, made_models, out) -> None:
    outcome = command("models", "export", "all-edema", "--format", "bundle", "--out", out, "--json")
    assert outcome.code == 0, outcome.err
    assert (out / "models" / "model.ts").is_file() and (out / "configs" / "inference.json").is_file()
    assert outcome.json["largest_difference"]["models/model.ts"] <= 1e-4
    assert command("models", "export", "all-edema", "--format", "bundle", "--out", out).code == 7
    assert command("models", "export", "all-edema", "--format", "bundle", "--out", out, "--replace").code == 0


def test_an_export_without_the_packages_it_needs_says_which_extra_brings_them(command, out, monkeypatch) -> None:
    monkeypatch.setattr("BrainTumorVAESegLib.exchange.onnx_export.NEEDED", ("no_such_package",))
    outcome = command("models", "export", "all-edema", "--format", "onnx", "--out", out)
    assert (outcome.code, "[export]" in outcome.error, out.exists()) == (9, True, False)
