"""MetaImage headers of many kinds, each held against what ITK reads, and those that crashed ITK."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.images.reading import read_volume
from itkreading import as_itk

VOXELS = np.random.default_rng(5).integers(0, 100, (4, 5, 6)).astype(np.int16)
TURNED = "TransformMatrix = 0.6 0.8 0 -0.8 0.6 0 0 0 1\nOffset = 1.5 -2 3\nElementSpacing = 1 1.5 2.5\n"


def write(
    path: Path, fields: str = TURNED, data: bytes = VOXELS.tobytes(), kind: str = "MET_SHORT", size: str = "6 5 4",
    dims: object = None, file: str = "LOCAL",
) -> Path:  # fmt: skip
    header = (
        f"ObjectType = Image\nNDims = {dims or len(size.split())}\n{fields}DimSize = {size}\nElementType = {kind}\n"
    )
    path.write_bytes(f"{header}ElementDataFile = {file}\n".encode() + data)
    return path


@pytest.mark.parametrize(
    "fields",
    [
        "",
        TURNED,
        "Rotation = 0 1 0 -1 0 0 0 0 1\nPosition = 1 2 3\nElementSize = 3 4 5\n",
        "Orientation = 0 1 0 -1 0 0 0 0 1\nOrigin = 1 2 3\nElementSize = 3 4 5\nElementSpacing = 1 2 3\n",
        "ElementSpacing = -1 2 3\nCenterOfRotation = 5 5 5\nAnatomicalOrientation = RAI\n",
        "BinaryData = True\nBinaryDataByteOrderMSB = False\nComment = a head = a brain\n",
        "ElementToIntensityFunctionSlope = 2\nElementToIntensityFunctionOffset = 5\n",
        "HeaderSize = -1\n",
    ],
)
def test_every_way_to_say_where_it_lies_is_that_of_itk(tmp_path, fields):
    as_itk(write(tmp_path / "a.mha", fields))


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [("MET_UCHAR", "u1"), ("MET_CHAR", "i1"), ("MET_USHORT", "u2"), ("MET_INT", "i4"), ("MET_UINT", "u4"),
     ("MET_LONG", "i4"), ("MET_ULONG", "u4"), ("MET_LONG_LONG", "i8"), ("MET_FLOAT", "f4")],
)  # fmt: skip
@pytest.mark.parametrize("field", ["", "BinaryDataByteOrderMSB = True\n", "ElementByteOrderMSB = True\n"])
def test_every_type_and_byte_order_is_read(tmp_path, kind, dtype, field):
    data = VOXELS.astype(np.dtype(dtype).newbyteorder(">" if field else "<")).tobytes()
    as_itk(write(tmp_path / "a.mha", field, data, kind))


@pytest.mark.parametrize("size", ["", "CompressedDataSize = {}\n"])
def test_compressed_voxels_are_read_with_and_without_their_length(tmp_path, size):
    data = zlib.compress(VOXELS.tobytes())
    path = write(tmp_path / "a.mha", f"CompressedData = True\n{size.format(len(data))}", data)
    np.testing.assert_array_equal(read_volume(path).array, VOXELS)


def test_voxels_in_text_are_read(tmp_path):
    path = write(tmp_path / "a.mha", "BinaryData = False\n", " ".join(map(str, VOXELS.ravel())).encode())
    np.testing.assert_array_equal(read_volume(path).array, VOXELS)


@pytest.mark.parametrize("header", [0, 10, -1])
def test_what_stands_before_the_voxels_is_left_out(tmp_path, header):
    (tmp_path / "a.raw").write_bytes(b"." * abs(header) + VOXELS.tobytes())
    as_itk(write(tmp_path / "a.mhd", f"HeaderSize = {header}\n", b"", file="a.raw"))


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("LIST", ["s3", "s0", "s1", "s2"]),
        ("s%03d.raw 1 4 1", ["s001.raw", "s002.raw", "s003.raw", "s004.raw"]),
        ("s%d.raw 2 5", ["s2.raw", "s3.raw", "s4.raw", "s5.raw"]),
    ],
)
def test_slices_in_files_of_their_own_are_put_together(tmp_path, file, names):
    for name, part in zip(names, VOXELS, strict=True):
        (tmp_path / name).write_bytes(part.tobytes())
    data = "".join(f"{name}\n" for name in names).encode() if file == "LIST" else b""
    np.testing.assert_array_equal(read_volume(write(tmp_path / "a.mhd", TURNED, data, file=file)).array, VOXELS)


def assert_refused(path: Path, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        read_volume(path)
    message = str(caught.value)
    assert message.startswith(str(path.parent)) and message.isprintable() and len(message) < len(str(path)) + 200


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"dims": -1}, "says NDims '-1'"),
        ({"dims": 1000}, "says NDims '1000'"),
        ({"dims": "3" * 1000}, "says NDims '333"),
        ({"size": "6 5"}, "is not a 3D volume"),
        ({"size": "6 5 0"}, "says NDims|says DimSize"),
        ({"size": "6 5 -4"}, "says NDims|says DimSize"),
        ({"size": "2 2 2 " * 5}, "says NDims"),
        ({"size": "1000 1000 1600"}, r"promises 2.98 GiB of voxels \(1000x1000x1600\), and the limit is 512x512x512"),
        ({"size": "6 5 5"}, "is truncated"),
        ({"file": "%s"}, "says ElementDataFile '%s'"),
        ({"file": "%s 1 4 1"}, "names its data files as %s, which tells none"),
        ({"file": "s%99999999d 1 4 1"}, "which tells none"),
        ({"file": "LIST", "data": b""}, "names no data files"),
        ({"file": "gone.raw"}, "its data file gone.raw is missing"),
        ({"file": "x" * 5000}, "its data file x+... .*: the name is too long"),
        ({"kind": "MET_STRING"}, "says ElementType 'MET_STRING'"),
        ({"fields": "ElementNumberOfChannels = 3\n"}, "holds colors, vectors"),
        ({"fields": "ElementNumberOfChannels = -1\n"}, "holds colors, vectors"),
        ({"fields": "ElementNumberOfChannels = \n"}, "says ElementNumberOfChannels"),
        ({"fields": "ElementSpacing = 1 2\n"}, "says ElementSpacing '1 2'"),
        ({"fields": "ElementSpacing = 0 1 1\n"}, "is not above 0 mm"),
        ({"fields": "ElementSpacing = 1 nan 1\n"}, "says ElementSpacing"),
        ({"fields": f"Offset = {'1' * 1000} 1 1\n"}, "says Offset '111"),
        ({"fields": "TransformMatrix = 0 0 0 0 0 0 0 0 0\n"}, "are those of no grid"),
        ({"fields": "HeaderSize = -7\n"}, "says HeaderSize '-7'"),
        ({"fields": "HeaderSize = 99999999999\n"}, "is truncated"),
        ({"fields": "CompressedData = True\nCompressedDataSize = 99999\n"}, "is truncated"),
        ({"fields": "CompressedData = True\nCompressedDataSize = -5\n"}, "says HeaderSize|says CompressedDataSize"),
        ({"fields": "CompressedData = True\n"}, "is damaged or truncated"),
    ],
)
def test_a_damaged_or_hostile_header_is_refused_in_few_words(tmp_path, change, reason):
    assert_refused(write(tmp_path / "a.mha", **change), reason)


def compressed(path: Path, data: bytes, size: str = "6 5 4") -> Path:
    return write(path, f"CompressedData = True\nCompressedDataSize = {len(data)}\n", data, size=size)


@pytest.mark.parametrize("place", [3, 0.3, 0.7, -1])
def test_a_flipped_bit_in_a_compressed_file_is_noticed(tmp_path, place):
    data = bytearray(zlib.compress(VOXELS.tobytes()))
    data[int(place * len(data)) if isinstance(place, float) else place] ^= 1
    assert_refused(compressed(tmp_path / "a.mha", bytes(data)), "is damaged or truncated")


def test_zeros_in_a_compressed_file_are_noticed(tmp_path):
    data = bytearray(zlib.compress(VOXELS.tobytes()))
    data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
    assert_refused(compressed(tmp_path / "a.mha", bytes(data)), "is damaged or truncated")


def test_a_small_file_that_claims_to_be_a_large_one_is_refused_before_memory_is_taken(tmp_path):
    path = compressed(tmp_path / "a.mha", zlib.compress(VOXELS.tobytes()), "500 500 500")
    assert_refused(path, r"is truncated \(\d+ bytes cannot hold 250000000\)")


@pytest.mark.parametrize(("unit", "told"), [("mm", None), ("um", "um"), ("cm", "cm")])
def test_a_unit_that_itk_does_not_heed_is_told(tmp_path, unit, told):
    path = write(tmp_path / "a.mha", f"{TURNED}DistanceUnits = {unit}\n")
    as_itk(path)
    assert [(note.code, f"are in {told};" in note.message) for note in read_volume(path).notes] == (
        [("units", True)] if told else []
    )


def test_slices_beyond_what_the_header_promises_are_told(tmp_path):
    (note,) = read_volume(write(tmp_path / "a.mha", kind="MET_UCHAR")).notes
    assert (note.code, "holds 120 bytes after the voxels" in note.message) == ("surplus", True)
