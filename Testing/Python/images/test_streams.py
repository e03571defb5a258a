from __future__ import annotations

import bz2
import gzip
import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.images.streams import Stream, read_inflated, read_plain, read_text

FILE = Path("a.nrrd")
DATA = np.random.default_rng(3).integers(0, 7, 3_000_000).astype(np.uint8).tobytes()
"""Longer than what is read and inflated at once."""
PACKED = {"gzip": gzip.compress(DATA, 1), "zlib": zlib.compress(DATA, 1), "bzip2": bz2.compress(DATA, 1)}


@pytest.mark.parametrize("kind", PACKED)
def test_what_was_compressed_comes_out(kind):
    data, surplus = read_inflated(io.BytesIO(PACKED[kind]), len(DATA), FILE, kind)
    assert (data.tobytes(), surplus) == (DATA, 0)


@pytest.mark.parametrize("kind", PACKED)
def test_bytes_come_in_any_pieces(kind):
    stream = Stream(io.BytesIO(PACKED[kind]), FILE, kind)
    pieces = [stream.read(count).tobytes() for count in (1, 348, 0, 1 << 20, 5, 1 << 21)]
    assert b"".join(pieces) == DATA and stream.finish() == 0
    assert stream.again().read(100).tobytes() == DATA[:100]


@pytest.mark.parametrize("kind", PACKED)
def test_what_follows_the_voxels_is_counted(kind):
    data, surplus = read_inflated(io.BytesIO(PACKED[kind]), 1000, FILE, kind, None, 10)
    assert data.tobytes() == DATA[10:1010] and surplus == len(DATA) - 1010


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999999])
def test_a_stream_that_is_cut_off_is_refused(kind, share):
    packed = PACKED[kind][: int(len(PACKED[kind]) * share)]
    with pytest.raises(InputError, match=r"a\.nrrd: is (damaged or )?truncated"):
        read_inflated(io.BytesIO(packed), len(DATA), FILE, kind)


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_a_flipped_bit_is_found_by_the_check_sum(kind, place):
    packed = bytearray(PACKED[kind])
    packed[int(len(packed) * place)] ^= 16
    with pytest.raises(InputError, match=r"a\.nrrd: is (damaged or )?truncated"):
        read_inflated(io.BytesIO(bytes(packed)), len(DATA), FILE, kind)


@pytest.mark.parametrize("kind", ["gzip", "zlib"])
def test_zeros_in_place_of_a_part_are_found(kind):
    packed = bytearray(PACKED[kind])
    packed[len(packed) // 2 : len(packed) // 2 + 4096] = bytes(4096)
    with pytest.raises(InputError, match="is damaged or truncated"):
        read_inflated(io.BytesIO(bytes(packed)), len(DATA), FILE, kind)


@pytest.mark.parametrize("kind", ["gzip", "bzip2"])
def test_several_parts_are_one_stream_and_zeros_may_fill_up_its_end(kind):
    compress = {"gzip": gzip.compress, "bzip2": bz2.compress}[kind]
    packed = compress(DATA[:1000]) + compress(DATA[1000:90_000]) + bytes(3000)
    assert read_inflated(io.BytesIO(packed), 90_000, FILE, kind)[0].tobytes() == DATA[:90_000]
    with pytest.raises(InputError, match="is damaged"):
        read_inflated(io.BytesIO(packed + b"more"), 90_000, FILE, kind)


def test_a_zlib_stream_ends_where_it_ends():
    assert read_inflated(io.BytesIO(PACKED["zlib"] + b"\n"), len(DATA), FILE, "zlib")[0].tobytes() == DATA
    length = len(PACKED["zlib"])
    assert read_inflated(io.BytesIO(PACKED["zlib"] + b"x" * 99), len(DATA), FILE, "zlib", length)[1] == 0
    with pytest.raises(InputError, match=rf"truncated \({length} of {length + 1} bytes\)"):
        read_inflated(io.BytesIO(PACKED["zlib"]), len(DATA), FILE, "zlib", length + 1)


@pytest.mark.parametrize("kind", ["gzip", "zlib"])
def test_a_promise_that_so_few_bytes_cannot_keep_takes_no_memory(kind):
    with pytest.raises(InputError, match=r"is truncated \(\d+ bytes cannot hold 3000000000\)"):
        read_inflated(io.BytesIO(PACKED[kind][:300]), 3_000_000_000, FILE, kind)


def test_a_stream_that_goes_on_and_on_is_left():
    bomb = gzip.compress(bytes(80 << 20), 9)
    with pytest.raises(InputError, match="goes on and on after the voxels"):
        read_inflated(io.BytesIO(bomb), 1000, FILE, "gzip")


def test_plain_bytes_are_counted(tmp_path):
    (tmp_path / "a.raw").write_bytes(DATA[:1000])
    with (tmp_path / "a.raw").open("rb") as stream:
        stream.seek(100)
        data, surplus = read_plain(stream, 800, FILE)
        assert data.tobytes() == DATA[100:900] and surplus == 100
        with pytest.raises(InputError, match=r"a\.nrrd: is truncated \(100 of 101 bytes of voxels\)"):
            read_plain(stream, 101, FILE)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
def test_numbers_in_text_are_read_however_they_are_broken(dtype):
    numbers = np.arange(400_000).astype(dtype)
    text = b"\n".join(b" ".join(str(value).encode() for value in row) for row in numbers.reshape(-1, 80))
    np.testing.assert_array_equal(read_text(io.BytesIO(text), 400_000, np.dtype(dtype), FILE), numbers)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"1 2", r"truncated \(2 of 3 voxels\)"),
        (b"1 2 x", "no numbers in text"),
        (b"1 2 300", "no numbers in text"),
        (b"1 2 " + b"9" * 4000, "no numbers in text"),
        (b"\xff\0\xfe" * 9, "no numbers in text"),
    ],
)
def test_text_of_something_else_is_refused(text, reason):
    with pytest.raises(InputError, match=rf"a\.nrrd: .*{reason}"):
        read_text(io.BytesIO(text), 3, np.dtype(np.uint8), FILE)
