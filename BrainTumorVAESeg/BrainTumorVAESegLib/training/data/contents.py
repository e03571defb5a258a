"""What a case's files hold, as one key: the same data under another path has the same key."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from ...cases.labelled import LabelledCase
from ...core.disk.files import write_bytes
from ...core.errors import InputError
from ...core.modalities import MODALITIES
from ...images.imagefile import ImageFile


def content_key(case: LabelledCase, memory: Path) -> str:
    """Return a digest (SHA-256, hex) of the bytes of a case's files, of the frames taken and of the convention.

    memory: a folder that remembers the digest by the files' paths, sizes and times, so that files which did not change
    are not read again. Raises InputError where a file cannot be read, OutputError where the memory cannot be written.
    """
    note = memory / content_stamp(case)
    try:
        known = note.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        known = ""
    if len(known) == 64 and not known.strip("0123456789abcdef"):
        return known
    parts = [(name, file.frame, _digest(file.path)) for name, file in _files(case)]
    key = _sha256([*parts, case.convention])
    write_bytes(note, key.encode())
    return key


def content_stamp(case: LabelledCase) -> str:
    """Return what changes when a case's files do: a digest of their paths, sizes and times. Raises InputError."""
    stamps = []
    for name, file in _files(case):
        try:
            stat = file.path.stat()
        except OSError as error:
            raise InputError(f"{file.path}: cannot be read ({error.strerror}); check the file.") from error
        stamps.append((name, str(file.path.resolve()), file.frame, stat.st_size, stat.st_mtime_ns))
    return _sha256([*stamps, case.convention])[:32]


def _files(case: LabelledCase) -> list[tuple[str, ImageFile]]:
    images = [(modality.value, ImageFile.of(case.images[modality])) for modality in MODALITIES]
    return [*images, ("segmentation", ImageFile.of(case.segmentation))]


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}); check the file.") from error


def _sha256(values: object) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()
