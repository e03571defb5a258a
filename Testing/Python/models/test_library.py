"""The packages on a machine: listed, found, installed and removed."""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.disk.claims import claim
from BrainTumorVAESegLib.core.errors import OutputError, PackageError
from BrainTumorVAESegLib.models import library
from BrainTumorVAESegLib.models.library import (
    BrokenPackage,
    find_package,
    install_package,
    list_packages,
    origin_of,
    remove_package,
    user_folder,
)
from BrainTumorVAESegLib.models.manifest import LICENSE, MANIFEST, stage_file
from BrainTumorVAESegLib.models.package import ModelPackage, read_package
from BrainTumorVAESegLib.models.writing import write_zip


def names(folder: Path) -> list[str]:
    """What stands in a folder, hidden things too."""
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def tiny_zip(written, tmp_path) -> Path:
    return write_zip(written, tmp_path / "some download.zip")


@pytest.fixture
def rename(edit_manifest):
    """Give a package another name, rightly."""
    return lambda folder, name: edit_manifest(folder, lambda values: values.update(name=name))


def test_nothing_is_installed_at_first(user_models):
    assert list_packages() == [] and not user_models.exists()


def test_a_package_is_installed_from_a_zip_and_found_by_name(user_models, tiny_zip, written):
    package = install_package(tiny_zip)
    assert package.folder == user_models / "tiny" and package.sha256 == written.sha256
    assert find_package("tiny").folder == package.folder and not find_package("tiny").shipped
    assert names(user_models) == ["tiny"]


def test_a_package_tells_where_it_comes_from_however_it_is_named(user_models, written, monkeypatch):
    assert origin_of(find_package(written.folder)) == "folder"
    installed = install_package(written.folder)
    assert origin_of(installed) == origin_of(find_package("tiny")) == "installed"
    monkeypatch.chdir(user_models / "tiny")
    assert origin_of(find_package(".")) == origin_of(find_package("../tiny", verify=False)) == "installed"
    monkeypatch.setattr(library, "shipped_folder", lambda: written.folder.parent)
    shipped = find_package(written.folder)
    assert (origin_of(shipped), shipped.shipped) == ("shipped", True)


def test_a_package_is_installed_from_a_folder_and_only_listed_files_are_taken(user_models, package_folder):
    (package_folder / "docs" / "notes.txt").write_text("mine")
    package = install_package(package_folder)
    assert read_package(package.folder).name == "tiny"
    assert not (package.folder / "docs" / "notes.txt").exists()


def test_a_name_that_is_taken_is_replaced_only_on_request(user_models, package_folder, rename, relist):
    install_package(package_folder)
    (package_folder / LICENSE).write_text("another license")
    relist(package_folder, LICENSE)
    with pytest.raises(PackageError, match="tiny is installed already"):
        install_package(package_folder)
    assert "another" not in (user_models / "tiny" / LICENSE).read_text()
    install_package(package_folder, replace=True)
    assert "another" in (user_models / "tiny" / LICENSE).read_text()
    rename(package_folder, "TINY")
    with pytest.raises(PackageError, match="TINY is installed already"):
        install_package(package_folder)
    assert names(user_models) == ["tiny"]


def test_a_shipped_name_cannot_be_taken_or_removed(shipped_models, user_models, package_folder):
    for replace in (False, True):
        with pytest.raises(PackageError, match="another name"):
            install_package(package_folder, replace=replace)
    with pytest.raises(PackageError, match="comes with BrainTumorVAESeg"):
        remove_package("tiny")
    assert find_package("tiny").folder == shipped_models / "tiny" and names(user_models) == []


@pytest.mark.parametrize("path", [stage_file(1), MANIFEST, LICENSE])
def test_a_damaged_package_is_not_installed_and_leaves_nothing(user_models, package_folder, path):
    data = bytearray((package_folder / path).read_bytes())
    data[len(data) // 2] ^= 1
    (package_folder / path).write_bytes(data)
    with pytest.raises(PackageError, match="copy of tiny"):
        install_package(package_folder)
    assert names(user_models) == []


def test_a_zip_that_leads_elsewhere_leaves_nothing(user_models, tiny_zip, tmp_path):
    before = names(tmp_path)
    with zipfile.ZipFile(tiny_zip, "a") as archive:
        archive.writestr("tiny/../../../../evil.json", b"{}")
    with pytest.raises(PackageError, match=r"^some download\.zip"):
        install_package(tiny_zip)
    assert names(user_models) == [] and "evil.json" not in names(tmp_path)
    assert set(names(tmp_path)) <= {*before, user_models.parent.name}


@pytest.mark.parametrize("name", ["absent", "a file.txt"])
def test_what_is_no_package_is_not_installed(user_models, tmp_path, name):
    (tmp_path / "a file.txt").write_text("hello")
    with pytest.raises(PackageError, match=name):
        install_package(tmp_path / name)
    assert names(user_models) == []


def test_a_place_that_cannot_be_written_says_so(package_folder, user_models):
    user_models.parent.mkdir(parents=True)
    user_models.write_text("a file where the folder should be")
    with pytest.raises((OutputError, PackageError), match="Models: cannot be written: a file"):
        install_package(package_folder)


def test_a_broken_package_is_listed_with_its_error_and_hides_no_other(
    shipped_models, user_models, package_folder, rename
):
    rename(package_folder, "whole")
    install_package(package_folder)
    rename(package_folder, "broken")
    broken = install_package(package_folder).folder
    file = broken / stage_file(2)
    file.write_bytes(file.read_bytes()[:-1] + b"\x01")
    (user_models / ".work").mkdir()
    (user_models / "empty").mkdir()
    (user_models / "notes.txt").write_text("mine")
    found = {entry.name: entry for entry in list_packages()}
    assert list(found) == ["tiny", "broken", "empty", "whole"]
    assert isinstance(found["whole"], ModelPackage) and isinstance(found["tiny"], ModelPackage)
    assert found["tiny"].shipped and not found["whole"].shipped
    assert isinstance(found["broken"], BrokenPackage) and stage_file(2) in found["broken"].error
    assert isinstance(found["empty"], BrokenPackage) and "not a model package" in found["empty"].error


def test_a_broken_package_is_not_found_but_can_be_removed(user_models, package_folder):
    folder = install_package(package_folder).folder
    (folder / stage_file(1)).unlink()
    with pytest.raises(PackageError, match=r"stage1\.safetensors is missing"):
        find_package("tiny")
    remove_package("tiny")
    assert names(user_models) == []


def test_a_folder_of_a_persons_own_is_not_removed(user_models):
    (user_models / "photos").mkdir(parents=True)
    (user_models / "photos" / "a.png").write_bytes(b"x")
    with pytest.raises(PackageError, match="by hand"):
        remove_package("photos")
    for name in ("absent", "..", "", "../data of a person"):
        with pytest.raises(PackageError, match="not installed"):
            remove_package(name)
    assert (user_models / "photos" / "a.png").exists()


def test_a_linked_package_is_removed_without_what_it_points_to(user_models, package_folder):
    user_models.mkdir(parents=True)
    (user_models / "tiny").symlink_to(package_folder, target_is_directory=True)
    assert find_package("tiny").name == "tiny"
    remove_package("tiny")
    assert names(user_models) == [] and read_package(package_folder).name == "tiny"


def test_an_unknown_name_tells_the_known_ones(shipped_models):
    with pytest.raises(PackageError, match=r"huge; known are: tiny"):
        find_package("huge")


def test_a_package_is_found_by_its_folder_but_a_zip_is_to_be_installed(user_models, package_folder, tiny_zip):
    assert find_package(package_folder).name == find_package(str(package_folder)).name == "tiny"
    with pytest.raises(PackageError, match="install it first"):
        find_package(tiny_zip)


def test_the_default_is_a_shipped_package_in_the_order_of_the_presets(shipped_models, edit_manifest):
    assert find_package().name == "tiny" and find_package().shipped
    for name, preset in (("a-paper", "paper"), ("b-fast", "fast"), ("z-standard", "standard"), ("a-own", "custom")):
        shutil.copytree(shipped_models / "tiny", shipped_models / name)
        edit_manifest(
            shipped_models / name,
            lambda values, name=name, preset=preset: (
                values.update(name=name),
                values["settings"].update(preset=preset),
            ),
        )
    for name in ("z-standard", "b-fast", "tiny", "a-paper", "a-own"):
        assert find_package().name == name
        shutil.rmtree(shipped_models / name)


def test_without_a_shipped_package_there_is_no_default(user_models, package_folder):
    install_package(package_folder)
    with pytest.raises(PackageError, match="No model package comes with"):
        find_package()


def test_a_library_without_its_resources_still_uses_installed_packages(user_models, package_folder, monkeypatch):
    def missing():
        raise PackageError("The library's Resources folder is missing.")

    monkeypatch.setattr(library, "shipped_folder", missing)
    install_package(package_folder)
    assert [entry.name for entry in list_packages()] == ["tiny"]
    with pytest.raises(PackageError, match="Resources folder"):
        find_package()


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/BrainTumorVAESeg/Models"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "/home/ann/.local/share/BrainTumorVAESeg/Models"),
        ("linux", {}, "/home/ann/.local/share/BrainTumorVAESeg/Models"),
        ("darwin", {}, "/home/ann/Library/Application Support/BrainTumorVAESeg/Models"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/BrainTumorVAESeg/Models"),
        ("win32", {}, "/home/ann/AppData/Local/BrainTumorVAESeg/Models"),
        ("linux", {"BRAINTUMORVAESEG_MODELS": "~/models"}, "/home/ann/models"),
        ("darwin", {"BRAINTUMORVAESEG_MODELS": "/models"}, "/models"),
        ("linux", {"BRAINTUMORVAESEG_MODELS": " "}, "/home/ann/.local/share/BrainTumorVAESeg/Models"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="the paths are written as POSIX ones")
def test_the_persons_folder_is_the_platforms(monkeypatch, platform, variables, expected):
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "BRAINTUMORVAESEG_MODELS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/ann", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(library.sys, "platform", platform)
    assert user_folder() == Path(expected)


def test_the_shipped_packages_lie_in_the_resources_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(library, "resources_folder", lambda: tmp_path)
    assert library.shipped_folder() == tmp_path / "Models"


@pytest.mark.parametrize(
    "change",
    [
        lambda values: values["settings"]["preprocessing"].update(spacing=10**400),
        lambda values: values["settings"]["stage1"].update(groups=10**400),
        lambda values: values["files"]["LICENSE"].update(bytes=10**400),
        lambda values: values.update(format="x" * 10**6),
        lambda values: values["training"].update(deep=[[[[[[[[[[1] * 9] * 9] * 9]]]]]]]),
    ],
)
def test_a_bad_package_hides_no_other_one(change, user_models, package_folder, edit_manifest):
    bad = user_models / "bad"
    user_models.mkdir(parents=True)
    shutil.copytree(package_folder, bad)
    edit_manifest(bad, lambda values: values.update(name="bad"))
    edit_manifest(bad, change)
    (user_models / "loop").symlink_to("loop")
    install_package(package_folder)
    found = {entry.name: entry for entry in list_packages()}
    assert set(found) == {"bad", "tiny"} and isinstance(found["tiny"], ModelPackage)
    assert not isinstance(found["bad"], BrokenPackage) or len(found["bad"].error) < 300
    assert find_package("tiny").name == "tiny"
    remove_package("bad")
    remove_package("tiny")


def test_a_pipe_is_not_waited_for(user_models, tmp_path, package_folder):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PackageError, match="pipe cannot be read: it is a pipe, not a file"):
        install_package(tmp_path / "pipe")
    (package_folder / MANIFEST).unlink()
    os.mkfifo(package_folder / MANIFEST)
    with pytest.raises(PackageError, match="it is a pipe, not a file"):
        install_package(package_folder)


def test_what_cannot_be_reached_is_not_said_to_be_missing(user_models, tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(PackageError, match="a link on its path leads back to itself"):
        install_package(tmp_path / "loop" / "package.zip")
    with pytest.raises(PackageError, match="its name is too long"):
        install_package(tmp_path / ("a" * 300))
    with pytest.raises(PackageError, match="does not exist"):
        install_package(tmp_path / "absent.zip")


def test_a_replaced_package_that_was_set_aside_when_a_process_was_killed_comes_back(user_models, package_folder):
    package = install_package(package_folder)
    package.folder.rename(user_models / ".old-0123456789ab-tiny")
    assert list_packages() == []
    with pytest.raises(PackageError, match="installed already"):
        install_package(package_folder)
    assert names(user_models) == ["tiny"]


def test_a_name_that_another_process_installs_is_refused(user_models, package_folder):
    with claim(user_models, "installing-tiny"), pytest.raises(OutputError, match="another process"):
        install_package(package_folder)
