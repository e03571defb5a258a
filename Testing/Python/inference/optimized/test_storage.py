"""Converted networks are found by their package's hash, and used only where they are the ones that were verified."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.inference.optimized import storage
from BrainTumorVAESegLib.inference.optimized.storage import OPENVINO, OPENVINO_INT8, folder_of, read_optimized
from BrainTumorVAESegLib.models.library import install_package, list_packages, remove_package


@pytest.fixture
def own_copy(package, converted, models):
    """The converted networks in a folder of this test's own."""
    import shutil

    shutil.copytree(converted, models)
    return folder_of(package, OPENVINO)


def test_they_lie_under_the_packages_hash_and_are_no_package_themselves(package, own_copy, models):
    assert own_copy == models / ".optimized" / package.sha256 / OPENVINO
    assert sorted(path.name for path in own_copy.iterdir()) == [
        "optimized.json", "stage1.bin", "stage1.xml", "stage2.bin", "stage2.xml",
    ]  # fmt: skip
    assert not [each for each in list_packages() if not each.shipped]


def test_what_was_not_converted_is_told_with_the_command_that_does_it(package, models):
    for kind, option in ((OPENVINO, ""), (OPENVINO_INT8, " --int8")):
        with pytest.raises(
            PackageError, match=f"tiny was not converted for the engine {kind}; run models optimize tiny{option}"
        ):
            read_optimized(package, kind)


def test_a_package_of_another_hash_does_not_find_them(package, own_copy):
    with pytest.raises(PackageError, match="was not converted"):
        read_optimized(replace(package, sha256="0" * 64), OPENVINO)


@pytest.mark.parametrize("name", ["stage2.bin", "stage1.xml"])
def test_a_changed_file_is_refused_by_its_name(package, own_copy, name):
    data = bytearray((own_copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (own_copy / name).write_bytes(bytes(data))
    with pytest.raises(
        PackageError, match=rf"{name} for openvino is not the file that was verified; run models optimize"
    ):
        read_optimized(package, OPENVINO)


def test_a_file_that_is_gone_and_a_description_that_is_not_whole_are_told(package, own_copy):
    (own_copy / "stage1.bin").unlink()
    with pytest.raises(PackageError, match=r"cannot be read .*run models optimize tiny again"):
        read_optimized(package, OPENVINO)
    (own_copy / "optimized.json").write_text('{"package": "tiny"}')
    with pytest.raises(PackageError, match="its description is not whole"):
        read_optimized(package, OPENVINO)


def test_those_of_another_package_that_were_put_there_are_refused(package, own_copy):
    facts = json.loads((own_copy / "optimized.json").read_text())
    (own_copy / "optimized.json").write_text(json.dumps({**facts, "sha256": "1" * 64}))
    with pytest.raises(PackageError, match="is not the file that was verified"):
        read_optimized(package, OPENVINO)


def test_those_of_another_version_of_openvino_are_to_be_made_again(package, own_copy, monkeypatch):
    monkeypatch.setattr(storage, "version_of", lambda name: "2026.9.0")
    with pytest.raises(PackageError, match=r"made by OpenVINO \S+, and 2026\.9\.0 is installed; run models optimize"):
        read_optimized(package, OPENVINO)


@pytest.mark.parametrize("form", [None, 999])
def test_those_converted_in_another_way_are_to_be_made_again(package, own_copy, form):
    facts = json.loads((own_copy / "optimized.json").read_text())
    del facts["form"]
    (own_copy / "optimized.json").write_text(json.dumps(facts if form is None else {**facts, "form": form}))
    with pytest.raises(PackageError, match="made by another version of this program; run models optimize tiny again"):
        read_optimized(package, OPENVINO)


def test_they_go_with_the_package_that_they_were_made_of(package, own_copy, models):
    install_package(package.folder)
    remove_package("tiny")
    assert not own_copy.exists() and not own_copy.parent.exists()
