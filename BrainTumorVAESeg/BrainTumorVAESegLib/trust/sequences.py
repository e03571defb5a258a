"""Which sequence each image is: swapped, repeated and mislabeled images named, by a linear model of simple features.

An assignment says of each image which sequence it is. Its score is a sum over the images of what speaks for that
sequence, and over the pairs of images of what speaks for the two sequences together; the model is a multinomial
logistic regression over all assignments. Since the images' order does not matter to it, what it learned of untouched
studies holds for every order of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from ..core.modalities import MODALITIES, Modality
from ..core.verdict import Reason
from .features import IMAGE_FEATURES, PAIR_FEATURES

KINDS = len(MODALITIES)
SAME_IMAGE = 0.96
"""Correlation from which on two images are one; T1 and T1ce of one study, the most alike, reach 0.95."""
SAME_DETAIL, SAME_DETAIL_OF_T1 = 0.6, 0.85
"""Likeness in detail (see `likeness`) from which on two images are one that was changed; T1 and T1ce reach 0.78."""
REPEATED = 10.0
"""By how much the log-likelihood of an assignment that gives two images one sequence must be ahead of all others."""


@dataclass(frozen=True)
class SequenceModel:
    """The linear model, flat in C order.

    image_mean, image_sd: (`IMAGE_FEATURES`,). pair_mean, pair_sd: (`PAIR_FEATURES`,). image_weights: (4,
    `IMAGE_FEATURES`), a row for each sequence. pair_weights: (4, 4, `PAIR_FEATURES`), of which the first sequence
    comes before the second or is the same.
    """

    image_mean: tuple[float, ...]
    image_sd: tuple[float, ...]
    pair_mean: tuple[float, ...]
    pair_sd: tuple[float, ...]
    image_weights: tuple[float, ...]
    pair_weights: tuple[float, ...]

    def __post_init__(self) -> None:
        sizes = [len(self.image_mean), len(self.image_sd), len(self.image_weights) // KINDS]
        pairs = [len(self.pair_mean), len(self.pair_sd), len(self.pair_weights) // KINDS**2]
        if set(sizes) != {IMAGE_FEATURES} or set(pairs) != {PAIR_FEATURES}:
            raise ValueError("the model of sequences is of another version's features")


def assignments(images: int) -> np.ndarray:
    """Return all ways to say of images which sequence each is, (4 ** images, images)."""
    return np.array(list(product(range(KINDS), repeat=images)))


def score_assignments(model: SequenceModel, singles: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the log-likelihood of each of `assignments`, from what `features.features_of` tells of n images."""
    ways = assignments(len(singles))
    alone = (singles - model.image_mean) / model.image_sd @ np.reshape(model.image_weights, (KINDS, -1)).T
    weights = np.reshape(model.pair_weights, (KINDS, KINDS, -1))
    joint = np.einsum("stf,rqf->strq", (pairs - model.pair_mean) / model.pair_sd, weights)
    scores = alone[np.arange(len(singles)), ways].sum(1)
    for first in range(len(singles)):
        for second in range(first + 1, len(singles)):
            one, two = ways[:, first], ways[:, second]
            forward, backward = joint[first, second][one, two], joint[second, first][two, one]
            scores += np.where(one < two, forward, np.where(one > two, backward, (forward + backward) / 2))
    scores -= scores.max()
    return np.asarray(scores - np.log(np.exp(scores).sum()))


def judge_sequences(
    model: SequenceModel | None,
    singles: np.ndarray,
    pairs: np.ndarray,
    modalities: Sequence[Modality],
    alike: np.ndarray | None = None,
) -> tuple[Reason, ...]:
    """Name what is wrong with the sequences of n images given as these modalities; nothing where all is right.

    Without a model only an image that was given twice is named. alike: `likeness` of each two, (n, n).
    """
    if len(modalities) < 2:
        return ()
    apart = list(modalities) if model is None else _likeliest(model, singles, pairs, repeated=np.inf)
    twice = _name_twice(pairs, modalities, alike, apart)
    if twice or model is None:
        return tuple(twice)
    return _name(_likeliest(model, singles, pairs), modalities)


def _name_twice(
    pairs: np.ndarray, modalities: Sequence[Modality], alike: np.ndarray | None, apart: Sequence[Modality]
) -> list[Reason]:
    """Name images that were given twice, as they are or changed.

    apart: the likeliest sequence of each if no two are of one: T1 and T1ce may be much alike without being a copy.
    """
    reasons = []
    for first, second in combinations(range(len(modalities)), 2):
        names = f"{modalities[first]} and {modalities[second]}"
        bare = {apart[first], apart[second]} == {Modality.T1, Modality.T1CE}
        if pairs[first, second, 0] >= SAME_IMAGE:
            reasons.append(Reason("duplicate", f"{names} hold the same image."))
        elif alike is not None and alike[first, second] >= (SAME_DETAIL_OF_T1 if bare else SAME_DETAIL):
            message = f"{names} hold the same image, with other contrast, noise or place."
            reasons.append(Reason("duplicate", message))
    return reasons


def _likeliest(
    model: SequenceModel, singles: np.ndarray, pairs: np.ndarray, repeated: float = REPEATED
) -> list[Modality]:
    """Return the likeliest sequence of each image; the same one twice only where that is so far ahead."""
    ways = assignments(len(singles))
    scores = score_assignments(model, singles, pairs)
    repeats = np.array([len(set(way)) < len(way) for way in ways])
    best = ways[int(np.argmax(scores - np.where(repeats, repeated, 0)))]
    return [MODALITIES[kind] for kind in best]


def _name(found: Sequence[Modality], modalities: Sequence[Modality]) -> tuple[Reason, ...]:
    given = list(modalities)
    reasons, named = [], set()
    for place, (is_like, called) in enumerate(zip(found, given, strict=True)):
        if is_like is called or place in named:
            continue
        other = given.index(is_like) if is_like in given else place
        if found[other] is called and other != place:
            named.add(other)
            reasons.append(Reason("swapped", f"{called} and {is_like} look swapped.", modality=called))
        else:
            reasons.append(Reason("mislabeled", f"What was given as {called} looks like {is_like}.", modality=called))
    return tuple(reasons)
