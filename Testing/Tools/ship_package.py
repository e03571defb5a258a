"""Put a package where the packages that ship lie, with each stage stored once.

    python Testing/Tools/ship_package.py runs/standard/package/standard
    python Testing/Tools/ship_package.py runs/fast/package/fast --shares standard
    python Testing/Tools/ship_package.py runs/calibrated/fast --shares standard --version 0.2.1 --about calibration.md

The second one's first stage is that of `standard`: it is named in the manifest by its hash, and not stored again. The
third has the weights of a package that ships and another calibration: a version of its own, and more in its card.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import shutil
from pathlib import Path

from BrainTumorVAESegLib.models.archive import unpack
from BrainTumorVAESegLib.models.library import shipped_folder
from BrainTumorVAESegLib.models.manifest import CARD, MANIFEST, METADATA, FileEntry, locate, manifest_json
from BrainTumorVAESegLib.models.package import ModelPackage, read_package
from BrainTumorVAESegLib.models.sharing import share_stages
from BrainTumorVAESegLib.models.staging import move_into_place, staging_folder
from BrainTumorVAESegLib.models.writing import write_zip


def ship_package(folder: Path, shares: str = "", place: Path | None = None) -> ModelPackage:
    """Copy a package's folder to place, the one of those that ship, in place of the one that has its name there.

    shares: the name of the package there that holds its tensors as well. Raises PackageError and OutputError.
    """
    place = place or shipped_folder()
    package = read_package(folder)
    with staging_folder(place, "shipping") as staging:
        copy = unpack(write_zip(package, staging / "package.zip"), staging / package.name)
        move_into_place(copy, place / package.name, replace=True)
    shipped = read_package(place / package.name)
    return share_stages(shipped, read_package(place / shares)) if shares else shipped


def with_version(package: ModelPackage, version: str, about: str, folder: Path) -> ModelPackage:
    """Write a package to a new folder with another version, and with more at the end of its card."""
    title = f"# {package.name} {package.version}\n"
    if not package.card.startswith(title):
        raise ValueError(f"the card does not begin with {title.strip()!r}")
    card = package.card.replace(title, f"# {package.name} {version}\n", 1).rstrip() + f"\n\n{about.strip()}\n"
    told = {**package.metadata["changelog"], package.version: "before", version: "this version"}
    changed = {"version": version, "changelog": told}
    texts = {METADATA: json.dumps({**package.metadata, **changed}, indent=1), CARD: card}
    entries = {}
    for path in package.files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        if path in texts:
            (folder / path).write_text(texts[path], encoding="utf-8")
        else:
            shutil.copyfile(locate(package.folder, package, path), folder / path)
        data = (folder / path).read_bytes()
        entries[path] = FileEntry(hashlib.sha256(data).hexdigest(), len(data))
    manifest = dataclasses.replace(package, version=version, files=entries, shared={})
    (folder / MANIFEST).write_bytes(manifest_json(manifest).encode("ascii"))
    return read_package(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", type=Path, help="a package's folder")
    parser.add_argument("--shares", default="", metavar="NAME", help="the package beside it that holds its tensors too")
    parser.add_argument("--version", default="", help="a version of its own")
    parser.add_argument("--about", type=Path, metavar="FILE", help="Markdown for the end of its card, with --version")
    chosen = parser.parse_args()
    if chosen.version:
        with staging_folder(chosen.package.parent, "writing") as staging:
            about = chosen.about.read_text(encoding="utf-8") if chosen.about else ""
            named = with_version(read_package(chosen.package), chosen.version, about, staging / chosen.package.name)
            there = ship_package(named.folder, chosen.shares)
    else:
        there = ship_package(chosen.package, chosen.shares)
    print(f"{there.name} {there.version}: {there.folder}")
