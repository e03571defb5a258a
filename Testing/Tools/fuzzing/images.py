"""Damaged and hostile image files: NIfTI, NRRD and MetaImage, compressed or not, in one file or two."""

from __future__ import annotations

import gzip
import os
import random
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from .kinds import once

_NAMES = ("a.nii", "a.nii.gz", "raw.nrrd", "gz.nrrd", "a.seg.nrrd", "a.nhdr", "raw.mha", "z.mha", "a.mhd", "z.mhd")
_TYPES = (np.uint8, np.int16, np.float32)
_WORDS: tuple[str, ...] = (
    "-1", "0", "1", "3", "1000", "99999", str(1 << 31), str(1 << 63), "9" * 400, "1e400", "nan", "inf", "-inf", "",
    "x" * 1000, "%s", "%n%n%n%n", "%d", "s%d.raw 1 9 1", "LIST", "LOCAL", "LIST 2", "fifo", "/dev/zero", "/dev/null",
    "..", "../case", "/", "a" * 300, "True", "False", "raw", "gzip", "bzip2", "ascii", "hex", "zrl", "block", "double",
    "MET_DOUBLE", "MET_LONG_LONG", "MET_STRING", "MET_UCHAR_ARRAY", "3 3 3", "16 14 12", "1 1 1", "16 14 12 2",
    "60000 60000 60000", "1000 1000 100", "none", "(1,0,0) (0,1,0) (0,0,1)", "(1,0,0)", "(0,0,0) (0,0,0) (0,0,0)",
    "(nan,0,0) (0,1,0) (0,0,1)", "list domain domain domain", "vector domain domain", "little", "big", "\0", "\xff\xfe",
    "domain domain domain", "RAS", "left-posterior-superior-time", "0.5", "1 2 nan", "[1] (2", "a=b:=c",
)  # fmt: skip
"""Values to put into a text header's field."""
_FIELDS: tuple[str, ...] = (
    "NDims = -1", "NDims = 1000", "ElementDataFile = %s", "ElementDataFile = LIST", "HeaderSize = -1",
    "CompressedData = True", "BinaryData = False", "ElementNumberOfChannels = 4", "DimSize = 1 1 1",
    "data file: LIST", "data file: fifo", "encoding: ascii", "line skip: 99999999", "byte skip: -1", "endian: middle",
    "space directions: none none none", "axis mins: nan nan nan", "Segment0_Layer:=9", "Segment0_Extent:=1 2",
    "Segmentation_ConversionParameters:=Reference image geometry|" + "9;" * 22 + "|&", "kinds: list list list", "\n",
    "# " + "x" * 5000, "x" * 5000, "x:=" + "y" * 5000,
)  # fmt: skip
"""Lines to put into a text header."""
_NUMBERS = (0, 1, -1, 2, 3, 255, 256, 348, 352, 32767, -32768, 1 << 20)
_FLOATS = (0.0, -1.0, 1.0, 1e-30, 1e30, float("nan"), float("inf"), 351.0, 353.0, 348.0, 1e9, 1.0039)
_PLACES: tuple[tuple[int, str], ...] = (
    (0, "<i"), *((40 + 2 * n, "<h") for n in range(8)), (68, "<h"), (70, "<h"), (72, "<h"),
    *((76 + 4 * n, "<f") for n in range(8)), (108, "<f"), (112, "<f"), (116, "<f"), (123, "<b"), (252, "<h"),
    (254, "<h"), *((256 + 4 * n, "<f") for n in range(18)), (344, "<i"), (348, "<i"),
)  # fmt: skip
"""Fields of a NIfTI-1 header: place and layout."""


def attempt(seed: int, folder: Path, shared: Path) -> str | None:
    """Make a damaged image in the folder and read it; see `kinds`."""
    from BrainTumorVAESegLib.images.reading import read_label_map, read_volume

    chance = random.Random(seed)
    whole = once(shared, "images", _make_whole)
    name = chance.choice(_NAMES)
    for file in whole.glob(f"{name.split('.')[0]}{'*' if name.endswith(('hdr', 'mhd')) else name[name.index('.') :]}"):
        (folder / file.name).write_bytes(file.read_bytes())
    os.mkfifo(folder / "fifo")
    path = folder / name
    damage = chance.choice(_DAMAGES)
    seen = damage(path, chance)
    if chance.random() < 0.2:
        read_label_map(path)
        return None
    volume = read_volume(path)
    if seen and not np.array_equal(volume.array, read_volume(whole / name).array):
        return f"{name}: other voxels in spite of the check sum"
    return None


def _make_whole(folder: Path) -> None:
    """Write the images that are damaged afterwards."""
    numbers = np.random.default_rng(11)
    labels = np.zeros((12, 14, 16), np.uint8)
    labels[3:9, 4:9, 5:10], labels[4:7, 5:8, 6:9] = 2, 1
    for place, name in enumerate(_NAMES):
        array = numbers.integers(0, 120, labels.shape).astype(_TYPES[place % 3])
        image = sitk.GetImageFromArray(labels if ".seg." in name else array)
        image.SetSpacing((1.0, 1.5, 2.0))
        if ".seg." in name:
            for number, segment in enumerate(("NCR", "ED", "ET")):
                values = {"ID": segment, "Name": segment, "LabelValue": str(number + 1), "Layer": "0"}
                for key, value in values.items():
                    image.SetMetaData(f"Segment{number}_{key}", value)
        sitk.WriteImage(image, str(folder / name), name.startswith(("gz", "z")) or name.endswith(".gz"))


def _payload(path: Path) -> tuple[Path, int, bool]:
    """Return the file that holds the voxels, where they begin, and whether a check sum covers all of them."""
    data = max((file for file in path.parent.iterdir() if file.is_file()), key=lambda file: file.stat().st_size)
    if data != path:
        return data, 0, data.suffix == ".zraw" or data.name.endswith(".gz")
    content = data.read_bytes()
    if path.name.endswith((".nii", ".nii.gz")):
        return data, 0 if path.name.endswith(".gz") else 352, path.name.endswith(".gz")
    end = re.search(rb"\n\r?\n|ElementDataFile = LOCAL\n", content)
    return data, end.end() if end else 0, path.name in ("gz.nrrd", "z.mha")


def _flip(path: Path, chance: random.Random) -> bool:
    """Change a few bytes of the voxels; say whether a check sum would tell."""
    data, start, checked = _payload(path)
    content = bytearray(data.read_bytes())
    for _ in range(chance.choice((1, 1, 2, 8, 32))):
        place = chance.randrange(start, len(content))
        content[place] ^= 1 << chance.randrange(8)
    data.write_bytes(content)
    return checked


def _blank(path: Path, chance: random.Random) -> bool:
    """Put zeros or noise in place of a part of the voxels."""
    data, start, checked = _payload(path)
    content = bytearray(data.read_bytes())
    first = chance.randrange(start, len(content))
    last = min(first + chance.choice((4, 64, 512, 4096)), len(content))
    content[first:last] = bytes(last - first) if chance.random() < 0.5 else chance.randbytes(last - first)
    data.write_bytes(content)
    return checked


def _cut(path: Path, chance: random.Random) -> bool:
    """Cut a file off, or write a part of it twice."""
    file = chance.choice([file for file in sorted(path.parent.iterdir()) if file.is_file()])
    content = file.read_bytes()
    place = chance.randrange(len(content))
    file.write_bytes(content[:place] if chance.random() < 0.7 else content[:place] + content[place // 2 :])
    return False


def _anywhere(path: Path, chance: random.Random) -> bool:
    """Change bytes anywhere, mostly within the header."""
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice((1, 2, 4, 16))):
        content[chance.randrange(min(len(content), 600))] = chance.choice(
            (0, 10, 32, 37, 45, 57, 255, chance.randrange(256))
        )
    path.write_bytes(content)
    return False


def _field(path: Path, chance: random.Random) -> bool:
    """Put another value into a header's field, or another line into a header of text."""
    if path.name.endswith((".nii", ".nii.gz")):
        return _binary_field(path, chance)
    content = path.read_bytes()
    end = re.search(rb"\n\r?\n|ElementDataFile = [^\n]*\n", content)
    header, rest = content[: end.end() if end else len(content)], content[end.end() if end else len(content) :]
    lines = header.decode("latin-1").rstrip("\n").split("\n")
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = chance.randrange(len(lines))
        if chance.random() < 0.25:
            lines.insert(place, chance.choice(_FIELDS))
        elif chance.random() < 0.1:
            del lines[place]
            lines = lines or [""]
        else:
            key, mark, _ = (
                re.split("(:=|: | = )", lines[place], maxsplit=1)
                if re.search(":=|: | = ", lines[place])
                else (lines[place], "", "")
            )
            lines[place] = key + mark + chance.choice(_WORDS)
    tail = "\n\n" if path.suffix in (".nrrd", ".nhdr") else "\n"
    path.write_bytes(("\n".join(lines) + tail).encode("latin-1", "replace") + rest)
    return False


def _binary_field(path: Path, chance: random.Random) -> bool:
    packed = path.name.endswith(".gz")
    content = bytearray(gzip.decompress(path.read_bytes()) if packed else path.read_bytes())
    for _ in range(chance.choice((1, 1, 2, 4))):
        place, layout = chance.choice(_PLACES)
        if layout == "<f":
            struct.pack_into(layout, content, place, chance.choice(_FLOATS))
        else:
            size = 8 * struct.calcsize(layout) - 1
            number = chance.choice(_NUMBERS) if chance.random() < 0.8 else chance.getrandbits(size)
            struct.pack_into(layout, content, place, max(-(1 << size), min(number, (1 << size) - 1)))
    path.write_bytes(gzip.compress(bytes(content), 1) if packed else bytes(content))
    return False


def _bomb(path: Path, chance: random.Random) -> bool:
    """Let a compressed file hold far more than its header promises, or a header promise far more than is there."""
    zeros = bytes(chance.choice((1 << 10, 1 << 24, 1 << 27)))
    size = chance.choice(("700 700 700", "5000 5000 5000", "400 400 400", "16 14 12"))
    if path.name.endswith((".nii", ".nii.gz")):
        content = bytearray(gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes())
        struct.pack_into("<3h", content, 42, *(int(n) for n in size.split()))
        path.write_bytes(gzip.compress(bytes(content) + zeros, 1))
        return False
    text = "NRRD0004\ntype: short\ndimension: 3\nsizes: {}\nendian: little\nencoding: gzip\n\n"
    packed = gzip.compress(zeros, 1)
    if path.suffix in (".mha", ".mhd"):
        packed = zlib.compress(zeros, 1)
        text = "ObjectType = Image\nNDims = 3\nCompressedData = True\nDimSize = {}\nElementType = MET_SHORT\n"
        text += "ElementDataFile = LOCAL\n"
    path.write_bytes(text.format(size).encode() + packed)
    return False


def _other(path: Path, chance: random.Random) -> bool:
    """Put something else in a file's place: noise, text, another format, a pipe, a folder, a link."""
    choice = chance.randrange(7)
    if choice < 4:
        other = path.parent / chance.choice([file.name for file in path.parent.iterdir() if file.is_file()])
        contents = (
            chance.randbytes(2000),
            b"a report, not an image\n" * 99,
            other.read_bytes()[::-1],
            b"\x1f\x8b" * 200,
        )
        path.write_bytes(contents[choice])
        return False
    path.unlink()
    if choice == 4:
        os.mkfifo(path)
    elif choice == 5:
        path.mkdir()
    else:
        path.symlink_to(chance.choice((path.name, "gone.nii", "/dev/zero", "fifo", "/")))
    return False


_DAMAGES: tuple[Callable[[Path, random.Random], bool], ...] = (
    _flip, _flip, _blank, _cut, _cut, _anywhere, _anywhere, _field, _field, _field, _field, _bomb, _other,
)  # fmt: skip
"""Each makes a whole image a damaged one, and says whether a check sum tells of it."""
