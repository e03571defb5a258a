"""MetaImage files (.mha, .mhd): whether all is there, since ITK's own message about a truncated one misleads."""

from __future__ import annotations

import math
from pathlib import Path

from ..core.errors import InputError

_BYTES = {
    "MET_CHAR": 1, "MET_UCHAR": 1, "MET_SHORT": 2, "MET_USHORT": 2, "MET_INT": 4, "MET_UINT": 4,
    "MET_LONG_LONG": 8, "MET_ULONG_LONG": 8, "MET_FLOAT": 4, "MET_DOUBLE": 8,
}  # fmt: skip
_MOST_HEADER_BYTES = 1 << 20


def require_whole_metaimage(path: Path) -> None:
    """Raise InputError, naming the file, where its header or its voxels are cut off, or its data file is missing."""
    try:
        header, length = _read_header(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}); check the file.") from error
    name = header.get("ElementDataFile", "")
    needed = _voxel_bytes(header)
    if not name or "DimSize" not in header or "ElementType" not in header:
        raise InputError(f"{path}: is no whole MetaImage, whatever its name says; copy or export it again.")
    if name.upper() == "LIST" or "%" in name:
        return
    local = name.upper() == "LOCAL"
    data = path if local else path.parent / name
    if not data.is_file():
        raise InputError(f"{path}: its data file {name} is missing; copy both files.")
    there = data.stat().st_size - (length if local else 0)
    if needed is not None and there < needed:
        raise InputError(f"{data}: is truncated ({there} of {needed} bytes of voxels); copy or export it again.")


def _read_header(path: Path) -> tuple[dict[str, str], int]:
    """Return the header's values and its length in bytes; it ends with the line that names the data file."""
    header: dict[str, str] = {}
    length = 0
    with path.open("rb") as stream:
        while length < _MOST_HEADER_BYTES and (line := stream.readline(_MOST_HEADER_BYTES)):
            length += len(line)
            key, separator, value = line.decode("utf-8", "replace").partition("=")
            if not separator:
                break
            header[key.strip()] = value.strip()
            if key.strip() == "ElementDataFile":
                break
    return header, length


def _voxel_bytes(header: dict[str, str]) -> int | None:
    """Return how many bytes the voxels take in the file, or None where the header does not tell."""
    try:
        if header.get("CompressedData", "").lower() == "true":
            return int(header["CompressedDataSize"])
        channels = int(header.get("ElementNumberOfChannels", "1"))
        return math.prod(int(n) for n in header["DimSize"].split()) * channels * _BYTES[header["ElementType"]]
    except (KeyError, ValueError):
        return None
