from __future__ import annotations

import os

import pytest
from BrainTumorVAESegLib.core.disk.guarded import (
    UnreadableError,
    cause_of,
    fault_of,
    guarded,
    parse_json,
    parse_yaml,
    read_regular,
)
from BrainTumorVAESegLib.core.errors import InputError, OutputError


@pytest.mark.parametrize(
    "text",
    ["1" + "0" * 400, "[1e999]", "NaN", "[" * 3000, "[" * 70 + "]" * 70, "9" * 5000, "{", b"\xff{}", b"\0"],
)
def test_json_out_of_all_reason_is_unreadable(text):
    with pytest.raises(UnreadableError):
        parse_json(text)


def test_plain_json_is_read_as_it_is():
    text = '{"a": [1, 2.5, null, true, "Müller"], "b": {"c": -18446744073709551615}}'
    assert parse_json(text) == {"a": [1, 2.5, None, True, "Müller"], "b": {"c": -(2**64) + 1}}


def bomb(first: str, line: str) -> bytes:
    return "\n".join([first, *(line.replace("N", str(n)).replace("M", str(n - 1)) for n in range(1, 30))]).encode()


@pytest.mark.parametrize(
    "data",
    [
        bomb("a0: &a0 [x, x]", "aN: &aN [*aM, *aM, *aM]"),
        bomb("a0: &a0 {k: 1}", "aN: &aN {<<: [*aM, *aM, *aM], kN: 1}"),
        b"a: &a [*a]",
        b"x: " + b"[" * 3000,
        b"seed: 1" + b"0" * 400,
        b"seed: 2001-99-99",
        b"x: !!python/object/apply:os.getcwd []",
        b"x: " + b"y" * 300_000,
    ],
)
def test_yaml_out_of_all_reason_is_unreadable(data):
    with pytest.raises(UnreadableError) as caught:
        parse_yaml(data)
    assert len(str(caught.value)) < 300


def test_aliases_within_reason_are_followed():
    assert parse_yaml(b"a: &a {k: 1}\nb: {<<: *a, l: .inf}\nc: *a") == {
        "a": {"k": 1},
        "b": {"k": 1, "l": float("inf")},
        "c": {"k": 1},
    }


def test_only_regular_files_are_read_and_nothing_is_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "link").symlink_to("a.json")
    (tmp_path / "loop").symlink_to("loop")
    assert read_regular(tmp_path / "link") == b"{}"
    for name, reason in (("pipe", "it is a pipe"), ("", "it is a folder"), ("a\0b", "not possible")):
        with pytest.raises(UnreadableError, match=reason):
            read_regular(tmp_path / name)
    with pytest.raises(UnreadableError, match="it is a device"):
        read_regular(tmp_path / "/dev/zero")
    with pytest.raises(UnreadableError, match="larger than 1 bytes"):
        read_regular(tmp_path / "a.json", 1)
    assert fault_of(tmp_path / "none") == "does not exist"
    assert fault_of(tmp_path / "loop") == "cannot be read: a link on its path leads back to itself"
    assert fault_of(tmp_path / "a.json" / "b") == "does not exist: a part of its path is a file, not a folder"
    assert fault_of(tmp_path) is None
    assert cause_of(PermissionError(13, "Permission denied")) == "cannot be read: access is not permitted"


def test_whatever_a_library_raises_becomes_ours_in_one_short_line():
    for error in (KeyError("a"), RecursionError(), MemoryError(), ValueError("x" * 10**6), AssertionError("a\nb")):
        with pytest.raises(InputError) as caught, guarded(lambda reason: InputError(f"a.nii: {reason}.")):
            raise error
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 220
    with pytest.raises(OutputError), guarded(lambda reason: InputError(reason)):
        raise OutputError("our own pass")
