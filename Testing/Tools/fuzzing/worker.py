"""The process in which inputs are tried: it tells each seed before it tries it, and what came of it after it.

    python -m fuzzing.worker KIND FOLDER BYTES    seeds on standard input, one a line

Each input has a folder of its own within FOLDER, and what appears anywhere else in FOLDER is found.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import sys
import traceback
from pathlib import Path

from .kinds import find_kind

_LIMIT = 8 << 30
"""Of address space, so that a bomb ends this process and not the machine."""


def main(kind: str, folder: str, most_bytes: int) -> None:
    """Try the inputs of a kind in a folder until there are no more, or one took more memory than it may."""
    resource.setrlimit(resource.RLIMIT_AS, (_LIMIT, _LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    root = Path(folder)
    shared, place, temporary = root / "shared", root / "cwd", root / "temporary"
    for made in (shared, place, temporary):
        made.mkdir(parents=True, exist_ok=True)
    os.environ["TMPDIR"] = str(temporary)
    os.chdir(place)
    attempt = find_kind(kind)
    for line in sys.stdin:
        seed = int(line)
        _say({"seed": seed})
        own = root / "case"
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir()
        outcome, detail = _try(attempt, seed, own, shared)
        found = [str(path.relative_to(root)) for path in (*place.iterdir(), *temporary.iterdir(), *_beside(root))]
        if found:
            outcome, detail = "file outside", ", ".join(found[:3])
        peak = _peak()
        if peak > most_bytes:
            outcome, detail = "memory", f"{peak / (1 << 30):.1f} GiB"
        _say({"seed": seed, "outcome": outcome, "detail": detail})
        if outcome in ("file outside", "memory"):
            return  # a fresh process goes on, clean and small


def _peak() -> int:
    """Return the most bytes of memory that this process has held."""
    try:
        status = Path("/proc/self/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) << 10  # type: ignore[index]
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << (0 if sys.platform == "darwin" else 10)


def _beside(root: Path) -> list[Path]:
    return [path for path in root.iterdir() if path.name not in ("shared", "cwd", "temporary", "case")]


def _try(attempt, seed: int, own: Path, shared: Path) -> tuple[str, str]:  # type: ignore[no-untyped-def]
    from BrainTumorVAESegLib.core.errors import BrainTumorVAESegError

    try:
        wrong = attempt(seed, own, shared)
        return ("silent", wrong) if wrong else ("taken", "")
    except BrainTumorVAESegError as error:
        message = str(error)
        if "\n" in message or len(message) > 2000:
            return "foreign", f"a message of {len(message)} characters on {message.count(chr(10)) + 1} lines"
        return "refused", message
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return "foreign", f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}: {str(error)[:200]}"


def _say(message: dict[str, object]) -> None:
    print("fuzz " + json.dumps(message), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
