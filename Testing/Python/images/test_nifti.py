"""What NIfTI files say of their voxels, what is told of it, and promises that are not believed."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.core.findings import Severity
from BrainTumorVAESegLib.core.geometry import NiftiForms
from BrainTumorVAESegLib.images.nifti import read_nifti
from BrainTumorVAESegLib.images.nifti_header import plain_header

SIZE = (8, 9, 10)
VOXELS = np.arange(720, dtype=np.uint8).reshape(SIZE[::-1])
FORMS = NiftiForms((1, 0), (1.0, 1.0, 1.0, 1.0), (0.0,) * 6, (0.0,) * 12)


def data(offset: float = 352, slope: float = 1.0, size: tuple[int, ...] = (3, *SIZE), extra: bytes = b"") -> bytes:
    header = bytearray(plain_header(SIZE, FORMS))
    struct.pack_into(f"<{len(size)}h", header, 40, *size)
    struct.pack_into("<3f", header, 108, offset, slope, 0)
    return bytes(header) + VOXELS.tobytes() + extra


def notes(path: Path) -> list[tuple[str, Severity]]:
    return [(note.code, note.severity) for note in read_nifti(path).notes]


@pytest.fixture(params=[".nii", ".nii.gz"])
def write(request, tmp_path):
    """Write bytes as a file, compressed and not."""

    def written(content: bytes) -> Path:
        path = tmp_path / f"a{request.param}"
        path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
        return path

    return written


def test_nothing_is_told_of_a_usual_file(write):
    decoded = read_nifti(write(data()))
    assert decoded.notes == ()
    np.testing.assert_array_equal(decoded.arrays[0], VOXELS)


@pytest.mark.parametrize("offset", [351, 350, 348])
def test_voxels_that_begin_where_no_program_puts_them_are_told(write, offset):
    decoded = read_nifti(write(data(offset)))
    assert [(note.code, note.severity) for note in decoded.notes] == [("offset", Severity.WARNING)]
    assert f"begin at byte {offset}" in decoded.notes[0].message
    stream = data(offset)[offset:]
    assert decoded.arrays[0].tobytes() == stream[:720]


def test_voxels_behind_an_extension_are_read_without_a_word(write):
    content = data(352 + 32)
    content = content[:352] + bytes(32) + content[352:]
    decoded = read_nifti(write(content))
    assert decoded.notes == ()
    np.testing.assert_array_equal(decoded.arrays[0], VOXELS)


@pytest.mark.parametrize(("slope", "told"), [(-1.0, True), (-0.5, True), (2.0, False), (0.0, False)])
def test_values_that_a_header_turns_over_are_told(write, slope, told):
    decoded = read_nifti(write(data(slope=slope)))
    assert [note.code for note in decoded.notes] == (["slope"] if told else [])
    np.testing.assert_array_equal(decoded.arrays[0], VOXELS * np.float32(slope or 1))


def test_slices_beyond_what_the_header_promises_are_told(write):
    assert notes(write(data(extra=bytes(72)))) == [("surplus", Severity.WARNING)]
    assert notes(write(data(extra=bytes(71)))) == []
    assert notes(write(data(size=(3, 8, 9, 5)))) == [("surplus", Severity.WARNING)]


def peak(read) -> int:
    """Return the most bytes that were held while something was read that is refused."""
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            read()
        assert len(str(caught.value)) < 300
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("content", [data(), b"anything else"])
def test_a_gzip_bomb_takes_no_more_memory_than_its_header_promises(tmp_path, content):
    path = tmp_path / "bomb.nii.gz"
    path.write_bytes(gzip.compress(content) + gzip.compress(bytes(100 << 20), 9) * 3)
    assert peak(lambda: read_nifti(path)) < 16 << 20


def test_a_promise_that_no_image_makes_is_refused_with_its_size(write):
    path = write(data(size=(4, 1000, 1000, 1000, 3000)))
    promise = r"promises 2794 GiB of voxels \(1000x1000x1000x3000\), and the limit is 512x512x512"
    with pytest.raises(InputError, match=promise):
        read_nifti(path, [0])


def test_a_promise_that_a_small_file_cannot_keep_takes_no_memory(write):
    path = write(data(size=(3, 500, 500, 500)))
    assert peak(lambda: read_nifti(path)) < 16 << 20


@pytest.mark.parametrize("offset", [1e9, 3e38, float("inf"), 100.0, -352.0])
def test_voxels_that_would_begin_far_away_are_refused(write, offset):
    with pytest.raises(InputError, match="its NIfTI header is damaged"):
        read_nifti(write(data(offset)))


def test_numbers_of_another_byte_order_are_scaled_in_every_frame(tmp_path):
    doubles = np.random.default_rng(1).normal(size=(2, *SIZE[::-1]))
    header = bytearray(plain_header(SIZE, FORMS))
    struct.pack_into("<8h", header, 40, 4, *SIZE, 2, 1, 1, 1)
    struct.pack_into("<h", header, 70, 64)
    struct.pack_into("<2f", header, 112, 0.5, 3.0)
    swapped = bytearray(len(header))
    for layout, offset in (("i", 0), ("8h", 40), ("2h", 70), ("8f", 76), ("3f", 108), ("2h", 252), ("18f", 256)):
        struct.pack_into(f">{layout}", swapped, offset, *struct.unpack_from(f"<{layout}", header, offset))
    swapped[344:348] = header[344:348]
    for order, head in (("<", header), (">", swapped)):
        path = tmp_path / "a.nii"
        path.write_bytes(bytes(head) + doubles.astype(f"{order}f8").tobytes())
        arrays = read_nifti(path, [1, 0, 1]).arrays
        assert all(array.dtype.isnative for array in arrays)
        np.testing.assert_allclose(arrays, doubles[[1, 0, 1]] * 0.5 + 3)
