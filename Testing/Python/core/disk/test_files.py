from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from BrainTumorVAESegLib.core.disk.files import make_folder, outputs, replacing, write_bytes, write_json
from BrainTumorVAESegLib.core.errors import OutputError


def everything(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_a_file_is_replaced_by_a_whole_one(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
        assert part.parent == tmp_path and part.name.endswith("a.txt")
    assert everything(tmp_path) == {"a.txt": "new"}


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(path) as part:
        part.write_text("half")
        raise ZeroDivisionError
    assert everything(tmp_path) == {"a.txt": "old"}


def test_json_is_plain_and_ends_with_a_line(tmp_path):
    write_json(tmp_path / "a.json", {"name": "Müller", "values": [1, 2.5, None]})
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"name": "Müller", "values": [1, 2.5, None]}
    assert "Müller" in text and text.endswith("}\n")


def below_a_file(folder: Path) -> Path:
    (folder / "file").write_text("")
    return folder / "file" / "a.json"


def on_a_folder(folder: Path) -> Path:
    (folder / "a.json").mkdir()
    return folder / "a.json"


@pytest.mark.parametrize(
    ("place", "advice"),
    [
        (below_a_file, "is a file, not a folder; choose another folder"),
        (lambda folder: folder / "none" / "a.json", "does not exist; make it"),
        (on_a_folder, "a folder of that name is there"),
        (lambda folder: folder / ("a" * 300), "too long"),
    ],
)
def test_a_place_that_cannot_be_written_is_named_with_what_to_do(tmp_path, place, advice):
    path = place(tmp_path)
    with pytest.raises(OutputError, match=advice) as caught:
        write_bytes(path, b"x")
    assert str(caught.value).startswith(f"{path}: cannot be written")
    assert "\n" not in str(caught.value)


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path, full_disk):
    with pytest.raises(OutputError, match=r"a\.bin: cannot be written: .*choose another folder"), full_disk():
        write_bytes(tmp_path / "a.bin", bytes(2000))
    assert everything(tmp_path) == {}


def test_a_set_of_outputs_appears_at_the_end(tmp_path):
    folder = tmp_path / "new" / "place"
    with outputs(folder) as part:
        write_bytes(part / "a.txt", b"a")
        write_bytes(part / "b.txt", b"b")
        assert not (folder / "a.txt").exists()
    assert everything(tmp_path) == {"new/place/a.txt": "a", "new/place/b.txt": "b"}
    assert [path.name for path in folder.iterdir() if path.is_dir()] == []


def test_a_set_that_fails_leaves_no_file_and_no_new_folder(tmp_path):
    with pytest.raises(OutputError, match=r"place/none/b\.txt"), outputs(tmp_path / "new" / "place") as part:
        write_bytes(part / "a.txt", b"a")
        write_bytes(part / "none" / "b.txt", b"b")
    assert list(tmp_path.iterdir()) == []


def test_a_set_that_is_interrupted_leaves_what_was_there(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(KeyboardInterrupt), outputs(tmp_path) as part:
        write_bytes(part / "a.txt", b"new")
        raise KeyboardInterrupt
    assert everything(tmp_path) == {"a.txt": "old"}


def test_a_set_that_cannot_be_moved_whole_is_not_moved_at_all(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    (tmp_path / "c.txt").mkdir()
    with pytest.raises(OutputError, match=r"c\.txt: is a folder"), outputs(tmp_path) as part:
        for name in ("a.txt", "b.txt", "c.txt"):
            write_bytes(part / name, b"new")
    assert everything(tmp_path) == {"a.txt": "old"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "c.txt"]


def test_a_move_that_fails_half_way_is_undone(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("old")
    move = os.replace

    def failing(source: Path, target: Path) -> None:
        if Path(target) == tmp_path / "b.txt":
            raise OSError(28, "No space left on device")
        move(source, target)

    with pytest.raises(OutputError, match="the disk is full"), outputs(tmp_path) as part:
        for name in ("a.txt", "b.txt"):
            (part / name).write_text("new")
        monkeypatch.setattr(os, "replace", failing)
    assert everything(tmp_path) == {"a.txt": "old"}


def test_outputs_below_a_file_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is a file, not a folder"), outputs(tmp_path / "file" / "out"):
        raise AssertionError("must not come here")


def test_a_folder_is_made_with_those_above_it_and_one_below_a_file_is_refused(tmp_path):
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        make_folder(tmp_path / "file" / "c")
