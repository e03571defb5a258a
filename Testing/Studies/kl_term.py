"""What the KL term does: the VAE branch of a package's stage 1 trained on from one start, with it and without.

    python Testing/Studies/kl_term.py fast --data DATA/train --held-out DATA/validation --out runs/kl-term --steps 100

The encoder and the decoder of the mask stay as they are; the branch alone learns, from the package's weights or from
random ones (--fresh), on the same samples in the same order. It lacks its finest level, and its target is the images
averaged to that, in a sixth of the time. With --minutes it stops after that many, and the same command goes on from
there. What is written: the table, and `kl-term.png`, the decoded images alone.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "BrainTumorVAESeg"))

from BrainTumorVAESegLib.cases.discovery import discover_cases
from BrainTumorVAESegLib.cases.labelled import LabelledCase
from BrainTumorVAESegLib.cases.reading import read_study
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.inference.fields import coarsen
from BrainTumorVAESegLib.models.library import find_package
from BrainTumorVAESegLib.models.package import ModelPackage, load_stage
from BrainTumorVAESegLib.networks.blocks import conv1
from BrainTumorVAESegLib.networks.losses import LossSettings, kl_divergence
from BrainTumorVAESegLib.networks.nvnet import NvNet
from BrainTumorVAESegLib.networks.vae import VaeBranch
from BrainTumorVAESegLib.preparation.preparing import prepare
from BrainTumorVAESegLib.reporting.latent import Strip, write_strips
from BrainTumorVAESegLib.trust.latent.codes import Cloud, walk
from BrainTumorVAESegLib.trust.latent.measuring import (
    given_back,
    mean_given_back,
    mean_smoothness,
    smoothness,
    telling_slice,
)
from BrainTumorVAESegLib.trust.reconstructing import Reconstructor

SEED = 15
RATE = 2e-3
SAVE_EVERY = 10
DRAWS = 5
NUDGE = 0.5
WALK_STEPS = 5


@dataclass(frozen=True)
class Variant:
    """A way to train the branch. kl: whether the KL term counts. sample: decode a sample of the code, not its mean."""

    name: str
    title: str
    kl: bool
    sample: bool


VARIANTS = (
    Variant("autoencoder", "without KL, a point decoded", kl=False, sample=False),
    Variant("vae", "with KL, a sample decoded", kl=True, sample=True),
)


def look(reconstructor: Reconstructor, package: ModelPackage, cases: Sequence[LabelledCase], folder: Path) -> None:
    """Keep what the branch sees of each case and of its mirror image, and the encoder's end of both, in fp16."""
    modalities = package.settings.channels
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        path = folder / f"{case.name}.npz"
        if path.is_file():
            continue
        print(f"look at {case.name}", flush=True)
        prepared = prepare(read_study(case.images, name=case.name), package.settings.preprocessing, modalities)
        views = [reconstructor.look(images) for images in (prepared.images, prepared.images[..., ::-1].copy())]
        values = {"seen": [view.seen[0] for view in views], "end": [view.end[0] for view in views]}
        np.savez(path, **{key: torch.stack(each).half().numpy() for key, each in values.items()})


def new_branch(package: ModelPackage, fresh: bool = False) -> VaeBranch:
    """Return the branch without its finest level: the package's, with a new last layer, or random weights throughout.

    What is random is the same at each call.
    """
    torch.manual_seed(SEED)
    branch = NvNet(package.settings.stage1).vae if fresh else load_stage(package, 1, with_vae=True).vae
    assert branch is not None
    branch.levels = branch.levels[:-1]
    branch.head = conv1(2 * branch.head.in_channels, branch.head.out_channels)
    return branch.requires_grad_(True)


def train(branch: VaeBranch, variant: Variant, samples: Sequence[Path], folder: Path, until: int, steps: int) -> None:
    """Train a new branch as a variant until it has made some of its steps, from where its state in the folder ends."""
    losses = LossSettings()
    optimizer = torch.optim.Adam(branch.parameters(), lr=RATE)
    state, done = folder / f"{variant.name}.pt", 0
    if state.is_file():
        kept = torch.load(state, weights_only=True)
        branch.load_state_dict(kept["branch"])
        optimizer.load_state_dict(kept["optimizer"])
        done = kept["done"]
    if done >= until:
        return
    for step in range(done, until):
        seen, features = _sample(samples, step)
        torch.manual_seed(SEED + step)
        optimizer.param_groups[0]["lr"] = RATE * (1 - step / steps) ** 0.9
        latent = branch.encode(features)
        l2 = F.mse_loss(branch.decode(latent.sample() if variant.sample else latent.mean), coarsen(seen, 2))
        kl = kl_divergence(latent, seen[0, 0].numel())
        optimizer.zero_grad()
        (losses.l2 * l2 + (losses.kl * kl if variant.kl else 0)).backward()
        optimizer.step()
    torch.save({"branch": branch.state_dict(), "optimizer": optimizer.state_dict(), "done": until}, state)
    print(f"{variant.name}: step {until}, L2 {l2:.4f}, KL {kl:.6f}", flush=True)


def _sample(paths: Sequence[Path], step: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what is seen, (1, 4, D, H, W), and the encoder's end of the sample of a step: each once in a round."""
    both = 2 * len(paths)
    number = int(np.random.default_rng((SEED, step // both)).permutation(both)[step % both])
    with np.load(paths[number // 2]) as values:
        seen, end = (torch.from_numpy(values[key][number % 2][None]).float() for key in ("seen", "end"))
    return seen, end


class Trained:
    """A trained branch, and what it makes of the cases: codes (n, latent) and images (n, 4, z, y, x)."""

    def __init__(self, branch: VaeBranch, variant: Variant, folder: Path, learned: Sequence[Path]) -> None:
        self.branch = branch
        self.branch.load_state_dict(torch.load(folder / f"{variant.name}.pt", weights_only=True)["branch"])
        codes = np.stack([self.encode(path)[0] for path in learned])
        self.cloud = Cloud(codes.mean(axis=0), codes.std(axis=0))
        self.average = self.decode(self.cloud.mean[None])[0]

    def encode(self, path: Path) -> tuple[np.ndarray, np.ndarray]:
        """Return a case's code and its spread, (latent,) each."""
        with np.load(path) as values, torch.inference_mode():
            latent = self.branch.encode(torch.from_numpy(values["end"][:1]).float())
        return latent.mean[0].numpy(), latent.spread[0].numpy()

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Return the images of codes."""
        with torch.inference_mode():
            return np.stack([self.branch.decode(torch.from_numpy(code[None]))[0].numpy() for code in codes])


def measure(trained: Trained, held_out: Sequence[Path]) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Return what is told of a branch, and the images of the figure by the name of their row."""
    codes, spreads = (np.stack(each) for each in zip(*map(trained.encode, held_out), strict=True))
    images, seen = trained.decode(codes), [_seen(path) for path in held_out]
    errors = [mean_given_back(each) for each in zip(
        *(given_back(one, image, trained.average) for one, image in zip(seen, images, strict=True)), strict=True
    )]  # fmt: skip
    prior = Cloud.prior(codes.shape[1])
    drawn, near = trained.decode(prior.draw(DRAWS, SEED)), trained.decode(trained.cloud.draw(DRAWS, SEED))
    shaken = trained.decode(codes + NUDGE * prior.draw(len(codes), SEED + 1))
    apart = np.mean([_distance(one, other) for one, other in combinations(images, 2)])
    walks = mean_smoothness([smoothness(trained.decode(walk(*ends, WALK_STEPS))) for ends in pairwise(codes)])
    told = {f"explained, {name}": each.explained for name, each in zip(MODALITIES, errors, strict=True)} | {
        "size of the codes (RMS)": float(np.sqrt(np.mean(codes**2))),
        "spread of a number": float(spreads.mean()),
        "prior draws' likeness to the average head": _likeness(drawn, trained.average),
        "draws like the training codes: the same": _likeness(near, trained.average),
        "the cases given back: the same": _likeness(images, trained.average),
        f"change by a nudge of {NUDGE} SD of the prior": float(
            np.mean([_distance(one, other) for one, other in zip(images, shaken, strict=True)]) / apart
        ),
        "walk: length": walks.length,
        "walk: largest step": walks.largest_step,
        "walk: contrast midway": walks.contrast,
        "blend: contrast midway": walks.blend_contrast,
    }  # fmt: skip
    return told, {"given back": images[:DRAWS], "from the prior": drawn, "near the cases": near}


def tell(make: Callable[[], VaeBranch], folder: Path, learned: Sequence[Path], held_out: Sequence[Path]) -> None:
    """Print the table of all variants, and write the figure."""
    found = [measure(Trained(make(), variant, folder, learned), held_out) for variant in VARIANTS]
    print(f"\n| | {' | '.join(variant.title for variant in VARIANTS)} |", "|---" * (1 + len(VARIANTS)) + "|", sep="\n")
    for name in found[0][0]:
        print(f"| {' | '.join([name, *(f'{told[name]:.3f}' for told, _ in found)])} |")
    place = telling_slice(np.concatenate([rows["given back"] for _, rows in found]))
    strips = [
        Strip(f"{name},\n{variant.name}", rows[name][:, MODALITIES.index(Modality.FLAIR), place])
        for name in found[0][1]
        for variant, (_, rows) in zip(VARIANTS, found, strict=True)
    ]
    write_strips(folder / "kl-term.png", "FLAIR, decoded by branches trained with and without the KL term", strips)


def _seen(path: Path) -> np.ndarray:
    """Return what the branch sees of a case, (4, z, y, x), averaged to the voxels of its images."""
    with np.load(path) as values:
        return np.asarray(coarsen(torch.from_numpy(values["seen"][:1]).float(), 2)[0].numpy())


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(one - other))))


def _likeness(images: np.ndarray, average: np.ndarray) -> float:
    """Return the mean correlation of images with the average code's."""
    return float(np.mean([np.corrcoef(image.ravel(), average.ravel())[0, 1] for image in images]))


def main(arguments: Sequence[str]) -> None:
    """Look at the cases, then train each variant, as far as the time goes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--fresh", action="store_true", help="start from random weights and not from the package's")
    parser.add_argument("--minutes", type=float, default=1e9)
    given = parser.parse_args(arguments)
    end = time.monotonic() + 60 * given.minutes
    package, cases, held_out = find_package(given.model), discover_cases(given.data), discover_cases(given.held_out)
    look(Reconstructor(package), package, [*cases, *held_out], given.out / "seen")
    samples = [given.out / "seen" / f"{case.name}.npz" for case in cases]
    make = partial(new_branch, package, given.fresh)
    done = 0
    while done < given.steps and time.monotonic() < end:
        done = min(done + SAVE_EVERY, given.steps)
        for variant in VARIANTS:
            train(make(), variant, samples, given.out, done, given.steps)
    if done < given.steps:
        print("not done: give the same command to go on")
    else:
        tell(make, given.out, samples, [given.out / "seen" / f"{case.name}.npz" for case in held_out])


if __name__ == "__main__":
    main(sys.argv[1:])
