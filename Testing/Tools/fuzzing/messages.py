"""Damaged and hostile messages to the worker, and the files that they name; the worker must answer and go on."""

from __future__ import annotations

import copy
import json
import os
import random
from pathlib import Path

import numpy as np

from .values import HOSTILE, damage, spoil

_GRID = {"size": [6, 5, 4], "spacing": [2.0, 2.0, 2.0], "origin": [0.0, 0.0, 0.0]}
_LINES = (
    b"[" * 3000,
    b'{"a":' * 3000,
    b"{" + b" " * 200_000,
    b'{"type":"Release","id":' + b"9" * 400 + b"}",
    b"\xff\xfe{}",
    b"null",
    b'{"type":"Release","id":1e400}',
    b'{"type":"Release","id":NaN}',
    b'{"type":"Release","id":true}',
    b'{"type":["Release"]}',
    b'{"type":"Failed","id":7,"kind":"x","message":"y"}',
    b'{"type":"Ready"}',
    b'{"type":"Ready","protocol":' + b"8" * 4000 + b"}",
    b'{"type":"' + b"x" * 300_000 + b'"}',
    b'{"type":"Check","id":' + b"9" * 5000 + b"}",
    b'"\\ud800"',
    b"\0",
    b'{"type":"Warm","x":1}',
    b'{"type":"Stop","request":"x"}',
)


class _Channel:
    """In place of the worker's streams: gives the lines, and keeps what is answered as it would be sent."""

    def __init__(self, lines: list[bytes]) -> None:
        self.lines, self.answers = lines, []  # type: ignore[var-annotated]

    def receive(self, seconds: float | None = None) -> bytes | None:
        return self.lines.pop(0) if self.lines else None

    def is_stopped(self, id: int) -> bool:
        return False

    def send(self, message: object) -> None:
        from BrainTumorVAESegLib.core.protocol import decode, encode

        self.answers.append(decode(encode(message)))  # type: ignore[arg-type]


def attempt(seed: int, folder: Path, shared: Path) -> str | None:
    """Give the worker's loop a damaged message and then a good one; see `kinds`."""
    from BrainTumorVAESegLib.core.answers import Failed, Released
    from BrainTumorVAESegLib.core.protocol import encode
    from BrainTumorVAESegLib.core.requests import Release
    from BrainTumorVAESegLib.worker.serving import serve

    chance = random.Random(seed)
    channel = _Channel([_line(chance, folder), encode(Release(id=77))])
    serve(channel, 0)  # type: ignore[arg-type]
    *first, last = channel.answers[1:]
    if last != Released(77):
        return "the worker did not go on"
    failed = next((answer for answer in first if isinstance(answer, Failed)), None)
    if failed is None:
        return None
    error = failed.error()
    if type(error).__name__ != failed.kind:
        raise RuntimeError(f"{failed.kind}: {failed.message}")
    raise error


def _line(chance: random.Random, folder: Path) -> bytes:
    what = chance.randrange(10)
    if what == 0:
        return chance.choice(_LINES) + b"\n"
    message = _message(chance, folder)
    if what <= 5:
        return json.dumps(spoil(chance, message)).encode("ascii") + b"\n"
    line = json.dumps(message).encode("ascii")
    return (damage(chance, line).replace(b"\n", b" ") if what <= 7 else line) + b"\n"


def _message(chance: random.Random, folder: Path) -> dict[str, object]:
    """Return a good request whose files may be damaged."""
    volumes = {}
    for n, name in enumerate(("T1", "T1ce", "T2", "FLAIR")):
        file = folder / f"{name}.npy"
        np.save(file, np.random.default_rng(n).normal(size=(4, 5, 6)).astype(np.float32))
        volumes[name] = {"file": str(file), "geometry": copy.deepcopy(_GRID), "source": name}
    _damage_file(chance, folder / f"{chance.choice(list(volumes))}.npy")
    study = {"volumes": volumes, "reference": "T1ce", "name": "a"}
    if chance.random() < 0.6:
        return {"type": "Check", "study": study, "optional": [], "id": 5}
    labels = str(folder / chance.choice(("labels.npy", "none/labels.npy")))
    return {
        "type": "Segment",
        "study": study,
        "package": str(folder / "none"),
        "labels": labels,
        "device": "cpu",
        "id": 6,
    }


def _damage_file(chance: random.Random, file: Path) -> None:
    what = chance.randrange(8)
    if what == 0:
        file.unlink()
        os.mkfifo(file)
    elif what == 1:
        np.save(file, np.array([chance.choice(HOSTILE)], dtype=object))
    elif what == 2:
        head = "{'descr': '<f8', 'fortran_order': False, 'shape': (100000, 100000, 10), }"
        file.write_bytes(b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + head.ljust(117).encode() + b"\n")
    elif what == 3:
        file.unlink()
        file.symlink_to(file.name)
    elif what <= 6:
        file.write_bytes(damage(chance, file.read_bytes()))
