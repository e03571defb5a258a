"""NRRD headers of many kinds, each held against what ITK reads, and those that crashed ITK."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError
from BrainTumorVAESegLib.images.nrrd_header import read_nrrd_header
from BrainTumorVAESegLib.images.reading import read_volume
from itkreading import as_itk

VOXELS = np.random.default_rng(5).integers(0, 100, (4, 5, 6)).astype(np.int16)
TURNED = "(0.6,0.8,0) (-1.2,0.9,0) (0,0,2.5)"
SPACE = f"space: left-posterior-superior\nspace directions: {TURNED}\nspace origin: (1.5,-2,3)\n"


def write(
    path: Path, fields: str = SPACE, data: bytes = VOXELS.tobytes(), encoding: str = "raw", kind: str = "short",
    sizes: str = "6 5 4", magic: str = "NRRD0004",
) -> Path:  # fmt: skip
    header = f"{magic}\n# a remark\ntype: {kind}\ndimension: {len(sizes.split())}\nsizes: {sizes}\n"
    path.write_bytes(f"{header}endian: little\nencoding: {encoding}\n{fields}\n".encode() + data)
    return path


@pytest.mark.parametrize(
    "space",
    ["left-posterior-superior", "right-anterior-superior", "left-anterior-superior", "LPS", "RAS", "LAS",
     "scanner-xyz", "3D-right-handed", "Left-Posterior-Superior"],
)  # fmt: skip
def test_every_space_lies_where_itk_has_it(tmp_path, space):
    as_itk(write(tmp_path / "a.nrrd", f"space: {space}\nspace directions: {TURNED}\nspace origin: (1.5,-2,3)\n"))


@pytest.mark.parametrize(
    "fields",
    [
        "",
        "spacings: 1 2 3\n",
        "spacings: 1 2 nan\n",
        "spacings: 1 2 3\naxis mins: 4 5 6\n",
        "spacings: 1 2 3\naxis mins: 4 5 6\ncenters: node cell node\n",
        f"space: LPS\nspace directions: {TURNED}\n",
        f"space dimension: 3\nspace directions: {TURNED}\nspace origin: (7,8,9)\n",
        "space: LPS\nkinds: domain domain domain\nspace directions: (1, 0, 0) ( 0 , 2 , 0 ) (0,0,3)\n",
        f'{SPACE}space units: "mm" "mm" "mm"\nkey:=value: with = and := marks\nthicknesses: nan nan 3\n',
        f"Content: a head\n{SPACE}",
    ],
)
def test_every_way_to_say_where_it_lies_is_that_of_itk(tmp_path, fields):
    as_itk(write(tmp_path / "a.nrrd", fields))


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [("uchar", "u1"), ("signed char", "i1"), ("uint8_t", "u1"), ("short int", "i2"), ("unsigned short", "u2"),
     ("int", "i4"), ("uint32", "u4"), ("long long int", "i8"), ("float", "f4"), ("int16_t", "i2")],
)  # fmt: skip
@pytest.mark.parametrize("order", ["little", "big"])
def test_every_type_and_byte_order_is_read(tmp_path, kind, dtype, order):
    data = VOXELS.astype(np.dtype(dtype).newbyteorder("<" if order == "little" else ">")).tobytes()
    path = write(tmp_path / "a.nrrd", data=data, kind=kind)
    path.write_bytes(path.read_bytes().replace(b"endian: little", f"endian: {order}".encode()))
    as_itk(path)


TEXT = " ".join(map(str, VOXELS.ravel())).encode()
ENCODINGS = {
    "raw": VOXELS.tobytes(), "gzip": gzip.compress(VOXELS.tobytes()), "gz": gzip.compress(VOXELS.tobytes()),
    "ascii": TEXT, "txt": TEXT, "text": TEXT, "hex": VOXELS.tobytes().hex().encode(),
    "bzip2": bz2.compress(VOXELS.tobytes()),
}  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("detached", [False, True])
def test_every_encoding_is_read_beside_the_header_and_behind_it(tmp_path, encoding, detached):
    data = ENCODINGS[encoding]
    if detached:
        (tmp_path / "voxels").write_bytes(data)
    fields = SPACE + ("data file: voxels\n" if detached else "")
    path = write(tmp_path / ("a.nhdr" if detached else "a.nrrd"), fields, b"" if detached else data, encoding)
    np.testing.assert_array_equal(read_volume(path).array, VOXELS)
    if encoding != "bzip2":  # ITK is built without
        as_itk(path)


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ("data file: LIST\ns3\ns0\ns1\ns2\n", ["s3", "s0", "s1", "s2"]),
        ("data file: LIST 2\n./a\nb\n/c\nd\n", ["a", "b", "c", "d"]),
        ("data file: s%03d.raw 1 4 1\n", ["s001.raw", "s002.raw", "s003.raw", "s004.raw"]),
        ("datafile: s%d.raw 7 1 -2\n", ["s7.raw", "s5.raw", "s3.raw", "s1.raw"]),
    ],
)
def test_slices_in_files_of_their_own_are_put_together(tmp_path, fields, names):
    for name, part in zip(names, VOXELS, strict=True):
        (tmp_path / name).write_bytes(part.tobytes())
    path = write(tmp_path / "a.nhdr", SPACE + fields.replace("/c", str(tmp_path / "c")), b"")
    np.testing.assert_array_equal(read_volume(path).array, VOXELS)


@pytest.mark.parametrize("skip", ["line skip: 2\n", "byte skip: 9\n", "line skip: 1\nbyte skip: 5\n", "byteskip: -1\n"])
def test_what_stands_before_the_voxels_is_left_out(tmp_path, skip):
    (tmp_path / "v.raw").write_bytes(b"one\ntwo2\n" + VOXELS.tobytes())
    as_itk(write(tmp_path / "a.nhdr", f"{SPACE}{skip}data file: v.raw\n", b""))


def test_an_axis_of_one_number_for_each_voxel_is_none(tmp_path):
    directions = "space: LPS\nspace directions: none (1,0,0) (0,2,0) (0,0,3)\nkinds: list domain domain domain\n"
    as_itk(write(tmp_path / "a.nrrd", directions, sizes="1 6 5 4"))


def test_free_keys_are_kept_apart_from_fields(tmp_path):
    header = read_nrrd_header(write(tmp_path / "a.nrrd", f"{SPACE}type:=other\nA B:=first\\nsecond\n"))
    assert header.keys == {"type": "other", "A B": "first\nsecond"} and header.field("type") == "short"


def assert_refused(path: Path, reason: str) -> None:
    with pytest.raises(InputError, match=reason) as caught:
        read_volume(path)
    message = str(caught.value)
    assert message.startswith(str(path.parent)) and message.isprintable() and len(message) < len(str(path)) + 200


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"encoding": "ascii"}, "its voxels are no numbers in text"),
        ({"encoding": "hex"}, "its voxels are no hexadecimal text"),
        ({"encoding": "gzip"}, "is damaged or truncated"),
        ({"encoding": "x" * 1000}, r"says encoding 'x+\.\.\. \(1000 characters\)'"),
        ({"kind": "x" * 1000}, "says type 'x+"),
        ({"kind": "block"}, "says type 'block'"),
        ({"sizes": "6 5 " + "4" * 1000}, "says sizes '6 5 4+"),
        ({"sizes": "6 5 -4"}, "says sizes '6 5 -4'"),
        ({"sizes": "6 5 4 3 2 1 " * 3}, "says sizes"),
        ({"sizes": "6 5 5"}, "is truncated"),
        ({"sizes": "6000 5000 4000"}, r"promises 223.5 GiB of voxels \(6000x5000x4000\), and the limit is 512x512x512"),
        ({"sizes": f"6 5 {1 << 61}"}, "promises .* GiB of voxels"),
        ({"magic": "NRRD0009"}, "is no NRRD image"),
        ({"magic": "NRRD" + "0" * 1000}, "is no NRRD image"),
        ({"fields": "a line of something else\n"}, "holds 'a line of something else', no field of one"),
        ({"fields": f"{'x' * 1000}\n"}, "no field of one"),
        ({"fields": "space directions: (1,0,0) (0,1,0)\n"}, "says space directions"),
        ({"fields": "space directions: (1,0,x) (0,1,0) (0,0,1)\n"}, "says space directions"),
        ({"fields": "space directions: (0,0,0) (0,1,0) (0,0,1)\n"}, "says space directions"),
        ({"fields": "space directions: (nan,0,0) (0,1,0) (0,0,1)\n"}, "says space directions"),
        ({"fields": "space directions: (1,0,0) (1,0,0) (0,0,1)\n"}, "are those of no grid"),
        ({"fields": f"{SPACE}space origin: (nan,0,0)\n"}, "are those of no grid"),
        ({"fields": "spacings: 1 2\n"}, "says spacings"),
        ({"fields": "spacings: 1 2 -3\n"}, "is not above 0 mm"),
        ({"fields": "line skip: x\n"}, "says line skip"),
        ({"fields": "byte skip: -7\n"}, "says line skip and byte skip"),
        ({"fields": "data file: LIST\n", "data": b""}, "names no data files"),
        ({"fields": "data file: %s\n"}, "says data file"),
        ({"fields": "data file: %s%n 1 2 1\n"}, "names its data files as %s%n, which tells none"),
        ({"fields": "data file: s%d 1 99999999 1\n"}, "which tells none"),
        ({"fields": "data file: s%d 1 2 0\n"}, "which tells none"),
        ({"fields": "data file: gone.raw\n"}, "its data file gone.raw is missing"),
        ({"fields": f"data file: {'x' * 300}\n"}, "its data file x+... .*: the name is too long"),
    ],
)
def test_a_damaged_or_hostile_header_is_refused_in_few_words(tmp_path, change, reason):
    assert_refused(write(tmp_path / "a.nrrd", **change), reason)


def test_a_header_without_an_end_is_not_read_to_it(tmp_path):
    path = write(tmp_path / "a.nrrd")
    path.write_bytes(path.read_bytes().split(b"\n\n")[0] + b"\n" + b"# remark\n" * 1_000_000)
    assert_refused(path, "its NRRD header has no end")


def test_a_flipped_bit_in_a_compressed_file_is_noticed(tmp_path):
    data = bytearray(gzip.compress(VOXELS.tobytes()))
    data[-6] ^= 1  # in the check sum alone
    assert_refused(write(tmp_path / "a.nrrd", data=bytes(data), encoding="gzip"), "is damaged or truncated")


@pytest.mark.parametrize(
    ("units", "told"), [('"mm" "mm" "mm"', None), ('"um" "um" "um"', "um"), ('"m" "m" "cm"', "cm, m")]
)
def test_a_unit_that_itk_does_not_heed_is_told(tmp_path, units, told):
    path = write(tmp_path / "a.nrrd", f"{SPACE}space units: {units}\n")
    as_itk(path)
    assert [note.message for note in read_volume(path).notes] == (
        [f"says that its lengths are in {told}; they are taken for millimeters, as in 3D Slicer."] if told else []
    )


def test_slices_beyond_what_the_header_promises_are_told(tmp_path):
    for encoding, data in (("raw", VOXELS.tobytes()), ("gzip", gzip.compress(VOXELS.tobytes()))):
        path = write(tmp_path / "a.nrrd", sizes="6 5 3", data=data, encoding=encoding)
        (note,) = read_volume(path).notes
        assert (note.code, "holds 60 bytes after the voxels" in note.message) == ("surplus", True)
