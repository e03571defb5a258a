"""Damaged and hostile packages, as folders and zip files, and the checkpoints that packages are made of."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import random
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .kinds import once
from .values import damage, spoil

_MANIFEST = "configs/cascade.json"
_NAMES = (
    "../outside.json",
    "/outside.json",
    "a/../../outside.json",
    "C:\\x.json",
    "\0.json",
    "x" * 500,
    "a.py",
    "docs",
    "é.json",
    "",
)


def attempt(seed: int, folder: Path, shared: Path) -> str | None:
    """Make a damaged package or checkpoint in the folder and use it; see `kinds`."""
    chance = random.Random(seed)
    whole = once(shared, "packages", _make_whole)
    os.environ["BRAINTUMORVAESEG_MODELS"] = str(folder / "models")
    ways = (
        _manifest,
        _manifest,
        _metadata,
        _member,
        _member,
        _installed,
        _archive,
        _archive,
        _checkpoint,
        _checkpoint,
        _training,
    )
    return chance.choice(ways)(chance, whole, folder)


def _make_whole(folder: Path) -> None:
    """Write a tiny package, a zip of it, and checkpoints of networks that can be imported."""
    import torch
    from BrainTumorVAESegLib.core.settings import CascadeSettings, StageSettings
    from BrainTumorVAESegLib.exchange.segresnet import monai_state
    from BrainTumorVAESegLib.models.writing import write_package, write_zip
    from BrainTumorVAESegLib.networks.nvnet import NvNet

    torch.manual_seed(0)
    small: dict[str, Any] = {"filters": 8, "groups": 4, "blocks_down": (1, 1), "blocks_up": (1,)}
    settings = CascadeSettings(preset="fast", stage1=StageSettings(field=(16, 16, 16), **small))
    package = write_package(folder / "tiny", "tiny", "1.0", settings, NvNet(settings.stage1).eval(), None, "# tiny\n")
    write_zip(package, folder / "tiny.zip")
    network = NvNet(StageSettings("segresnet", align_corners=False, **{**small, "groups": 8})).eval()
    torch.save({"state_dict": monai_state(network)}, folder / "new.pt")
    torch.save(monai_state(network), folder / "old.pt", _use_new_zipfile_serialization=False)


def _copy(whole: Path, folder: Path) -> Path:
    return Path(shutil.copytree(whole / "tiny", folder / "models" / "tiny"))


def _manifest(chance: random.Random, whole: Path, folder: Path) -> None:
    """Change the manifest, its own hash made right again, or its bytes."""
    package = _copy(whole, folder)
    file = package / _MANIFEST
    if chance.random() < 0.2:
        file.write_bytes(damage(chance, file.read_bytes()))
    elif chance.random() < 0.1:
        file.write_text(
            chance.choice(("[" * 3000, '{"a":' * 3000, "1" * 5000, "[1e400]", "[" + "9" * 400 + "]", "\ufeff{}"))
        )
    else:
        values = spoil(chance, json.loads(file.read_bytes()))
        _seal(values)
        file.write_text(json.dumps(values))
    _use(package, chance)


def _metadata(chance: random.Random, whole: Path, folder: Path) -> None:
    package = _copy(whole, folder)
    file = package / "configs/metadata.json"
    file.write_text(json.dumps(spoil(chance, json.loads(file.read_bytes()))))
    _list_again(package, "configs/metadata.json")
    _use(package, chance)


def _member(chance: random.Random, whole: Path, folder: Path) -> str | None:
    """Put something else in a file's place: damaged bytes, listed or not, a pipe, a link, a folder, a device."""
    package = _copy(whole, folder)
    member = chance.choice(
        (_MANIFEST, "models/stage1.safetensors", "models/stage1.safetensors", "docs/README.md", "LICENSE", "models")
    )
    file, what = package / member, chance.randrange(8)
    if what <= 3 and member != "models":
        before = file.read_bytes()
        file.write_bytes(damage(chance, before))
        if what <= 1 and member != _MANIFEST:
            _list_again(package, member)
        elif file.read_bytes() != before and member != _MANIFEST:
            _use(package, chance)
            return "a file that its hash does not fit was taken"
    else:
        shutil.rmtree(file) if file.is_dir() else file.unlink()
        made: tuple[Callable[[], object], ...] = (
            lambda: os.mkfifo(file),
            lambda: file.symlink_to(file.name),
            lambda: file.symlink_to("/dev/zero"),
            file.mkdir,
            lambda: file.symlink_to("/"),
            lambda: None,
        )
        chance.choice(made)()
    _use(package, chance)
    return None


def _installed(chance: random.Random, whole: Path, folder: Path) -> str | None:
    """Let a damaged folder stand among the installed packages: the others must still be listed, found and removed."""
    from BrainTumorVAESegLib.models.library import find_package, install_package, list_packages, remove_package

    bad = _copy(whole, folder).rename(folder / "models" / chance.choice(("bad", "a\nb", "\udcff", "x" * 200)))
    what = chance.randrange(5)
    if what == 0:
        (bad / _MANIFEST).unlink()
        os.mkfifo(bad / _MANIFEST)
    elif what == 1:
        (folder / "models" / "loop").symlink_to("loop")
    else:
        values = spoil(chance, json.loads((bad / _MANIFEST).read_bytes()))
        _seal(values)
        (bad / _MANIFEST).write_text(json.dumps(values))
    try:
        install_package(whole / "tiny")
    except Exception as error:
        if "installed already" not in str(error):
            raise
        return None  # the change left the name as it was
    if not any(entry.name == "tiny" for entry in list_packages(chance.random() < 0.5)):
        return "a good package is not listed"
    find_package("tiny")
    remove_package("tiny")
    return None


def _archive(chance: random.Random, whole: Path, folder: Path) -> None:
    """Install a zip whose bytes, directory or names are damaged."""
    from BrainTumorVAESegLib.models.library import install_package

    path, what = folder / "p.zip", chance.randrange(5)
    data = (whole / "tiny.zip").read_bytes()
    if what <= 1:
        path.write_bytes(damage(chance, data))
    elif what == 2:
        path.write_bytes(_directory(chance, data))
    elif what == 3:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted((whole / "tiny").rglob("*")):
                if file.is_file():
                    archive.write(file, f"tiny/{file.relative_to(whole / 'tiny')}")
            archive.writestr(f"tiny/{chance.choice(_NAMES)}", chance.choice((b"", b"x", bytes(50 << 20))))
    else:
        path = folder / chance.choice(("fifo", "loop", "none.zip", "a" * 300))
        if path.name == "fifo":
            os.mkfifo(path)
        elif path.name == "loop":
            path.symlink_to("loop")
    install_package(path)


def _directory(chance: random.Random, data: bytes) -> bytes:
    """Return a zip with a number of its central directory or end changed."""
    start = chance.choice((data.rfind(b"PK\1\2"), data.rfind(b"PK\5\6"), data.find(b"PK\1\2"), data.find(b"PK\3\4")))
    changed, at = bytearray(data), start + chance.randrange(4, 44)
    changed[at : at + 2] = struct.pack("<H", chance.choice((0, 1, 0xFFFF, 0x8000, 99, 12, 14)))
    return bytes(changed)


def _checkpoint(chance: random.Random, whole: Path, folder: Path) -> None:
    """Import a checkpoint that is damaged, holds itself, or tensors without their numbers."""
    from BrainTumorVAESegLib.exchange.importing import import_model

    path, what = folder / "c.pt", chance.randrange(8)
    if what <= 4:
        path.write_bytes(damage(chance, (whole / chance.choice(("new.pt", "old.pt"))).read_bytes()))
    elif what == 5:
        _strange(chance, whole, path)
    elif what == 6:
        path.write_bytes(_pickled(chance))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("c/data.pkl", pickle.dumps({"network_weights": 1, "trainer_name": "x"}, 2))
            archive.writestr("c/data/0", bytes(chance.choice((1, 300 << 20))))
            archive.writestr("c/version", "3\n")
    import_model(folder / "out", "imported", path)


def _strange(chance: random.Random, whole: Path, path: Path) -> None:
    """Save a state with something in it that no network holds."""
    import torch

    state = dict(torch.load(whole / "new.pt", weights_only=True)["state_dict"])
    name = chance.choice(sorted(state))
    strange: tuple[Callable[[], Any], ...] = (
        lambda: torch.empty(state[name].shape, device="meta"),
        lambda: torch.zeros(1).expand(10**6, 10**6),
        lambda: torch.zeros(4, 4).to_sparse(),
        lambda: torch.full_like(state[name], float("nan")),
        lambda: torch.zeros(()),
        lambda: state[name].double(),
        lambda: torch.zeros(0, 4, 3, 3, 3),
        lambda: "text",
        lambda: state[name].bool(),
        lambda: torch.quantize_per_tensor(torch.zeros(2), 1.0, 0, torch.qint8),
        lambda: state[name].to(torch.complex64),
    )
    state[name] = chance.choice(strange)()
    if chance.random() < 0.3:
        state[
            chance.choice((f"down_layers.0.{10**9}.conv1.conv.weight", "en_block1_999999999.conv1.weight", "x" * 10**6))
        ] = state[name]
    holder: dict[str, Any] = {"state_dict": state}
    if chance.random() < 0.3:
        holder = {"model": None}
        holder["model"] = holder
    torch.save(holder, path)


def _pickled(chance: random.Random) -> bytes:
    """Return a bare pickle that runs something, nests deeply, or holds a great number."""
    stream = io.BytesIO()
    pickle.dump(
        chance.choice((print, 10**5000, {"a": [1] * 10**5}, "x" * 10**6, b"", os.system, {"model": {}})), stream, 2
    )
    return chance.choice(
        (stream.getvalue(), b"\x80\x02" + b"]" * 5000 + b"a" * 4999 + b".", b"\x80\x02X\xff\xff\xff\x7fabc.")
    )


def _training(chance: random.Random, whole: Path, folder: Path) -> str | None:
    """Go on from a training's checkpoint or weights with one bit flipped."""
    import torch
    from BrainTumorVAESegLib.core.settings import StageSettings
    from BrainTumorVAESegLib.networks.nvnet import NvNet
    from BrainTumorVAESegLib.training.fit import checkpoints

    network = NvNet(StageSettings(filters=8, groups=4, blocks_down=(1, 1), blocks_up=(1,)))
    path = folder / chance.choice(("last.ckpt", "weights.safetensors"))
    if path.suffix == ".ckpt":
        checkpoints.save_state(path, {"step": 3, "module": network.state_dict()})
    else:
        checkpoints.save_weights(path, network)
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    if path.suffix == ".ckpt":
        checkpoints.load_state(path, torch.device("cpu"))
    else:
        checkpoints.read_weights(path)
    return f"a flipped bit in {path.name} was not seen"


def _seal(values: Any) -> None:
    """Make a manifest's own hash right, as a stranger would."""
    if isinstance(values, dict):
        rest = {key: value for key, value in values.items() if key != "sha256"}
        text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
        values["sha256"] = hashlib.sha256(text.encode("ascii")).hexdigest()


def _list_again(package: Path, member: str) -> None:
    """List a changed file in the manifest as if it had always been so."""
    file = package / _MANIFEST
    values, data = json.loads(file.read_bytes()), (package / member).read_bytes()
    values["files"][member] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    _seal(values)
    file.write_text(json.dumps(values))


def _use(package: Path, chance: random.Random) -> None:
    """List the packages, and read and install this one."""
    from BrainTumorVAESegLib.models.library import install_package, list_packages
    from BrainTumorVAESegLib.models.package import load_stage, read_package

    list_packages(hashes=chance.random() < 0.5)
    found = read_package(package)
    load_stage(found, 1)
    os.environ["BRAINTUMORVAESEG_MODELS"] = str(package.parents[1] / "others")
    install_package(package)
