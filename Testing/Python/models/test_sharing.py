"""Two packages that lie side by side and hold a stage once."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
import torch
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.models.library import find_package, install_package, list_packages
from BrainTumorVAESegLib.models.manifest import MANIFEST, stage_file
from BrainTumorVAESegLib.models.package import load_stage, read_package
from BrainTumorVAESegLib.models.sharing import share_stages
from BrainTumorVAESegLib.models.writing import write_package, write_zip

FIRST = stage_file(1)


@pytest.fixture
def pair(tmp_path, tiny_settings, tiny_networks):
    """A whole cascade, and its first stage alone, which is held by the cascade."""
    place = tmp_path / "side by side"
    whole = write_package(place / "whole", "whole", "1.0", tiny_settings, *tiny_networks, "# whole", storage="int8")
    alone = replace(tiny_settings, stage2=None)
    part = write_package(place / "part", "part", "1.0", alone, tiny_networks[0], None, "# part", storage="int8")
    return whole, share_stages(part, whole)


def test_a_shared_stage_lies_in_one_package_and_is_used_by_both(pair):
    whole, part = pair
    assert not (part.folder / FIRST).exists() and (whole.folder / FIRST).is_file()
    assert dict(part.shared) == {FIRST: "whole"} and part.files[FIRST] == whole.files[FIRST]
    mine, theirs = (load_stage(package, 1, with_vae=True).state_dict() for package in (part, whole))
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)


def test_no_other_file_than_the_packages_own_comes_into_its_folder(pair):
    _, part = pair
    held = {path.relative_to(part.folder).as_posix() for path in part.folder.rglob("*") if path.is_file()}
    assert held == {*part.files, MANIFEST} - {FIRST}


def test_a_zip_of_the_package_and_its_installed_copy_are_whole(pair, user_models, tmp_path):
    _, part = pair
    installed = install_package(write_zip(part, tmp_path / "part.zip"))
    assert (installed.folder / FIRST).is_file() and installed.sha256 == part.sha256
    assert read_package(installed.folder).name == "part"


def test_a_folder_is_installed_whole_as_well(pair, user_models):
    installed = install_package(pair[1].folder)
    assert (installed.folder / FIRST).is_file()
    shutil.rmtree(pair[0].folder)
    load_stage(find_package("part"), 1)


def test_without_the_package_beside_it_the_message_says_whose_file_is_missing(pair, tmp_path):
    whole, part = pair
    moved = shutil.move(part.folder, tmp_path / "elsewhere")
    with pytest.raises(PackageError, match=r"models/stage1.safetensors is missing here and in whole beside it"):
        read_package(moved)
    assert read_package(whole.folder).name == "whole"


@pytest.mark.parametrize("verify", [True, False])
def test_another_file_in_the_package_beside_it_is_refused(pair, verify):
    whole, part = pair
    data = bytearray((whole.folder / FIRST).read_bytes())
    data[-1] ^= 1
    (whole.folder / FIRST).write_bytes(data[:-4] if not verify else data)
    with pytest.raises(PackageError, match="bytes instead of" if not verify else "was changed"):
        read_package(part.folder, verify)


def test_both_are_listed_where_packages_ship(pair, user_models, monkeypatch):
    from BrainTumorVAESegLib.models import library

    monkeypatch.setattr(library, "shipped_folder", lambda: pair[0].folder.parent)
    assert [package.name for package in list_packages()] == ["part", "whole"]
    assert find_package("part").shipped


def test_packages_without_a_stage_in_common_or_apart_are_not_joined(pair, tmp_path, tiny_settings, tiny_networks):
    whole, _ = pair
    alone = replace(tiny_settings, stage2=None)
    other = write_package(whole.folder.parent / "other", "other", "1.0", alone, tiny_networks[0], None, "# other")
    with pytest.raises(PackageError, match="no tensors in common"):
        share_stages(other, whole)
    far = write_package(tmp_path / "far", "far", "1.0", alone, tiny_networks[0], None, "# far", storage="int8")
    with pytest.raises(PackageError, match="does not lie beside"):
        share_stages(far, whole)
    assert (far.folder / FIRST).is_file()


def test_what_is_shared_is_not_shared_on(pair, tiny_settings, tiny_networks):
    """Else one package would look for a file in a second, and that in a third."""
    whole, part = pair
    alone = replace(tiny_settings, stage2=None)
    third = write_package(
        whole.folder.parent / "third", "third", "1.0", alone, tiny_networks[0], None, "# third", storage="int8"
    )
    with pytest.raises(PackageError, match="no tensors in common"):
        share_stages(third, part)


@pytest.mark.parametrize(
    "shared", [{FIRST: "../whole"}, {FIRST: ""}, {"LICENSE": "whole"}, {"else": "whole"}, [], {FIRST: 1}]
)
def test_a_manifest_that_leads_elsewhere_is_refused(pair, edit_manifest, shared):
    edit_manifest(pair[1].folder, lambda values: values.update(shared=shared))
    with pytest.raises(PackageError, match="shared does not name packages"):
        read_package(pair[1].folder)
