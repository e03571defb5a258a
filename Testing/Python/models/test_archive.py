"""Unpacking a zip: nothing leaves its folder, nothing strange gets in, nothing swells without bound."""

from __future__ import annotations

import stat
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.errors import PackageError
from BrainTumorVAESegLib.models import archive
from BrainTumorVAESegLib.models.archive import unpack
from BrainTumorVAESegLib.models.manifest import MANIFEST


def make_zip(
    path: Path, members: Iterable[tuple[str | zipfile.ZipInfo, bytes]], kind: int = zipfile.ZIP_STORED
) -> Path:
    with zipfile.ZipFile(path, "w", kind) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, data in members:
            made.writestr(name, data)
    return path


def raw(name: str, mode: int = 0o100644) -> zipfile.ZipInfo:
    """A member whose name is not made safe by the writer."""
    info = zipfile.ZipInfo("x")
    info.filename, info.external_attr = name, mode << 16
    return info


@pytest.mark.parametrize("prefix", ["", "tiny/", "my model (1)/", "модель/"])
def test_a_package_is_found_at_the_root_or_in_its_one_folder_of_any_name(tmp_path, prefix):
    members = [(f"{prefix}{MANIFEST}", b"{}"), (f"{prefix}models/", b""), (f"{prefix}models/stage1.safetensors", b"x")]
    folder = unpack(make_zip(tmp_path / "a.zip", members), tmp_path / "out")
    found = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    assert found == [MANIFEST, "models/stage1.safetensors"]


def test_what_macos_adds_to_a_zip_is_passed_over(tmp_path):
    members = [(f"tiny/{MANIFEST}", b"{}"), ("__MACOSX/tiny/._configs", b"x"), ("tiny/.DS_Store", b"x")]
    folder = unpack(make_zip(tmp_path / "a.zip", members), tmp_path / "out")
    assert [file.name for file in folder.rglob("*") if file.is_file()] == ["cascade.json"]


@pytest.mark.parametrize(
    "name",
    [
        "../evil.json",
        "configs/../../evil.json",
        "/evil.json",
        "C:/evil.json",
        "C:evil.json",
        "configs\\evil.json",
        "..\\evil.json",
        "//server/evil.json",
        "configs//evil.json",
        "./evil.json",
        "configs/evil.json\x00.md",
        "configs/con.json",
        "configs/evil.json.",
        "configs/ evil.json",
        "configs/.hidden.json",
        "models/model.pt",
        "models/model.pkl",
        "run.py",
        "configs/evil",
        "../",
        "models/nul/",
    ],
)
@pytest.mark.parametrize("prefix", ["", "tiny/"])
def test_an_unsafe_member_stops_everything_before_the_first_is_written(tmp_path, name, prefix):
    place = tmp_path / "inner" / "out"
    members = [(f"{prefix}{MANIFEST}", b"{}"), (raw(f"{prefix}{name}"), b"evil" if not name.endswith("/") else b"")]
    made = make_zip(tmp_path / "a.zip", members)
    with pytest.raises(PackageError, match=r"^a\.zip: "):
        unpack(made, place)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a.zip"]


def test_a_member_beside_the_packages_folder_is_refused(tmp_path):
    made = make_zip(tmp_path / "a.zip", [(f"tiny/{MANIFEST}", b"{}"), ("other/configs/a.json", b"{}")])
    with pytest.raises(PackageError, match="outside the package"):
        unpack(made, tmp_path / "out")


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_or_device_is_refused(tmp_path, mode):
    made = make_zip(
        tmp_path / "a.zip", [(MANIFEST, b"{}"), (raw("models/stage1.safetensors", mode | 0o777), b"/etc/passwd")]
    )
    with pytest.raises(PackageError, match="link or a device"):
        unpack(made, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "members",
    [
        [("README.md", b"x")],
        [(f"a/{MANIFEST}", b"{}"), (f"b/{MANIFEST}", b"{}")],
        [(f"a/b/{MANIFEST}", b"{}")],
        [(raw(f"../{MANIFEST}"), b"{}")],
        [(raw(f"/{MANIFEST}"), b"{}")],
        [(raw(f"C:/{MANIFEST}"), b"{}")],
        [],
    ],
)
def test_a_zip_that_does_not_hold_one_package_says_so(tmp_path, members):
    with pytest.raises(PackageError, match="does not hold one model package"):
        unpack(make_zip(tmp_path / "a.zip", members), tmp_path / "out")


@pytest.mark.parametrize("name", [MANIFEST, MANIFEST.upper().replace("JSON", "json")])
def test_a_file_that_is_in_it_twice_is_refused(tmp_path, name):
    made = make_zip(
        tmp_path / "a.zip", [(f"a/{MANIFEST}", b"{}"), ("a/LICENSE", b"1"), ("a/LICENSE", b"2"), (f"a/{name}", b"{}")]
    )
    with pytest.raises(PackageError, match=r"twice|one model package"):
        unpack(made, tmp_path / "out")


def test_a_bomb_is_not_unpacked(tmp_path):
    members = [(MANIFEST, b"{}"), ("models/stage1.safetensors", bytes(30 * 2**20))]
    made = make_zip(tmp_path / "a.zip", members, zipfile.ZIP_DEFLATED)
    assert made.stat().st_size < 2**17
    with pytest.raises(PackageError, match="would unpack to more"):
        unpack(made, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_too_many_bytes_or_files_are_refused(tmp_path, monkeypatch):
    members = [(MANIFEST, b"{}"), ("LICENSE", bytes(100))]
    made = make_zip(tmp_path / "a.zip", members)
    monkeypatch.setattr(archive, "LARGEST_TOTAL", 101)
    with pytest.raises(PackageError, match="102 bytes"):
        unpack(made, tmp_path / "out")
    monkeypatch.setattr(archive, "LARGEST_TOTAL", 102)
    monkeypatch.setattr(archive, "MOST_FILES", 1)
    with pytest.raises(PackageError, match="2 files"):
        unpack(made, tmp_path / "out")


def test_a_member_that_lies_about_its_size_is_refused(tmp_path):
    made = make_zip(tmp_path / "a.zip", [(MANIFEST, b"{}"), ("LICENSE", bytes(5000))], zipfile.ZIP_DEFLATED)
    data = made.read_bytes()
    for size in (10, 9000):
        (tmp_path / "lies.zip").write_bytes(data.replace((5000).to_bytes(4, "little"), size.to_bytes(4, "little")))
        with pytest.raises(PackageError, match="damaged"):
            unpack(tmp_path / "lies.zip", tmp_path / f"out{size}")
        written = tmp_path / f"out{size}" / "LICENSE"
        assert written.stat().st_size <= size


def test_damaged_and_other_files_are_no_zip(tmp_path):
    made = make_zip(tmp_path / "a.zip", [(MANIFEST, b'{"text": "hello"}' * 50)], zipfile.ZIP_DEFLATED)
    data = made.read_bytes()
    flipped = bytearray(data)
    flipped[60] ^= 0xFF
    for number, content in enumerate((b"", b"no zip", data[:-30], bytes(flipped))):
        (tmp_path / "b.zip").write_bytes(content)
        with pytest.raises(PackageError, match=r"^b\.zip is damaged or no zip file"):
            unpack(tmp_path / "b.zip", tmp_path / f"out{number}")


def test_an_encrypted_member_is_refused(tmp_path):
    made = make_zip(tmp_path / "a.zip", [(MANIFEST, b"{}")])
    data = bytearray(made.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    made.write_bytes(data)
    with pytest.raises(PackageError, match="encrypted"):
        unpack(made, tmp_path / "out")
