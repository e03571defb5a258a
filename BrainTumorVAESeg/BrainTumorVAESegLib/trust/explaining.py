"""The maps of a segmented study, each made when it is asked for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from ..core.errors import InputError
from ..core.inspection import (
    ATTENTION,
    CHANGE,
    CONTRIBUTIONS,
    FREE,
    INFORMATION,
    MAP_BY_KEY,
    MIRROR,
    MOST_MIRRORINGS,
    PROBABILITY,
    RECONSTRUCTION,
    RESIDUAL,
    STAGE1,
    UNCERTAINTY,
    Contribution,
    Cost,
    DoubtfulSlice,
    Map,
    MapKind,
    StageChange,
    choose_maps,
)
from ..core.labels import REGIONS
from ..core.volume import Volume
from ..inference.progress import Listener, Question, part_of
from ..inference.segmenting import Evidence, Options, Result, Segmenter
from ..preparation.restoring import restore, restore_map
from .attention import attention_map
from .contributions import contributions, replacements
from .doubtful import doubtful_slices
from .flipping import Flipped
from .mirroring import contributions_cost, mirror, mirroring_cost
from .probabilities import region_probabilities, uncertainty
from .reconstructing import NO_BRANCH, Reconstructor
from .stages import change_maps, count_changes

NO_SECOND_STAGE = "Stage 2 did not run, so it changed nothing and its gates saw nothing."
NO_GATES = "This package's second stage has no attention gates."
NO_FLIPS = "Mirrored images were not answered: ask for it by inspect --flips, in Slicer by its button in Inspect."

_BELOW = 0.02
"""Of its range, that a gate's colors begin below it."""


class Explanation:
    """What can be looked at of one result.

    Nothing is computed before it is asked for; what several maps share is computed once. reconstructor: of the result's
    package, to be used for one study after another; loaded when it is needed where None. flipped: the answers to the
    images mirrored, for the map of their disagreement, where they are there; else `mirror` makes them. Raises
    InputError where the result was made without `Options.keep_evidence`.
    """

    def __init__(
        self, result: Result, reconstructor: Reconstructor | None = None, flipped: Flipped | None = None
    ) -> None:
        if result.evidence is None:
            raise InputError("The result was made without what maps are made from; segment with keep_evidence.")
        self._result = result
        self._evidence: Evidence = result.evidence
        self._reconstructor = reconstructor
        self.flipped = flipped
        self._contributions: tuple[Contribution, ...] | None = None

    def unavailable(self, kind: MapKind) -> str | None:
        """Say in a sentence why a map cannot be made, or None where it can."""
        if kind.group in (CHANGE, ATTENTION) and not self._evidence.prediction.regions:
            return NO_SECOND_STAGE
        if kind.group == ATTENTION and _level(kind) >= self._gates:
            return NO_GATES
        if kind.group == INFORMATION and self.flipped is None:
            return NO_FLIPS
        if kind.group in (RECONSTRUCTION, RESIDUAL):
            if not self._result.package.has_vae:
                return NO_BRANCH
            name = _suffix(kind)
            if name not in [str(modality) for modality in self._evidence.prepared.modalities]:
                return f"This package reads no {name}."
        return None

    def maps(self, names: Sequence[str] = ()) -> Iterator[Map]:
        """Make the maps of some keys and groups (all where none is named), those left out that cannot be made.

        Raises InputError on an unknown name.
        """
        for kind in choose_maps(names):
            if self.unavailable(kind) is None:
                yield self.map(kind.key)

    def map(self, key: str) -> Map:
        """Make a map. Raises InputError, saying why, where it cannot be made or is not known."""
        kind = MAP_BY_KEY.get(key) or choose_maps([key])[0]
        reason = self.unavailable(kind)
        if reason is not None:
            raise InputError(f"{kind.name}: {reason}")
        make: dict[str, Callable[[MapKind], np.ndarray]] = {
            PROBABILITY: lambda kind: self._regions[_region(kind)],
            UNCERTAINTY: lambda kind: uncertainty(self._regions),
            STAGE1: lambda kind: self._stage1_labels.astype(np.float32),
            CHANGE: lambda kind: self._changes[_region(kind)].astype(np.float32),
            ATTENTION: self._attention,
            RECONSTRUCTION: lambda kind: self._restored(self._vae_images[0][self._channel(kind)]),
            RESIDUAL: lambda kind: self._restored(self._vae_images[1][self._channel(kind)]),
            INFORMATION: lambda kind: self._information(),
        }
        array = make[kind.group](kind)
        low, high = _range(array) if kind.group == ATTENTION else (kind.low, kind.high)
        return Map(kind, low, high, Volume(array, self._evidence.reference, kind.name))

    def contributions(
        self,
        segmenter: Segmenter,
        options: Options = Options(),  # noqa: B008  (frozen)
        progress: Listener | None = None,
        cancelled: Question | None = None,
    ) -> tuple[Contribution, ...]:
        """Replace one sequence after another and answer anew: two passes of the networks for each, no cleaning.

        That is done once and kept. segmenter: of the result's package. Raises what `Segmenter.segment` does.
        """
        if self._contributions is not None:
            return self._contributions
        prepared, prediction = self._evidence.prepared, self._evidence.prediction
        thresholds = self._result.package.settings.thresholds
        has_vae = self._result.package.has_vae
        passes = len(replacements(prepared.images, has_vae))
        steps = itertools.count()

        def answer(images: np.ndarray) -> np.ndarray:
            listener = part_of(progress, next(steps), passes)
            return segmenter.predict(images, options, listener, cancelled).labels(thresholds)

        made = contributions(
            answer,
            prepared.images,
            prediction.labels(thresholds),
            prepared.modalities,
            prepared.geometry.voxel_volume,
            self._vae_images[0] if has_vae else None,
        )
        self._contributions = tuple(made)
        return self._contributions

    def mirror(
        self,
        segmenter: Segmenter,
        answers: int = MOST_MIRRORINGS,
        options: Options = Options(),  # noqa: B008  (frozen)
        progress: Listener | None = None,
        cancelled: Question | None = None,
    ) -> Flipped:
        """Answer the mirrored images, unless there are as many answers, and keep that; see `mirroring.mirror`."""
        if not self._is_mirrored(answers):
            self.flipped = mirror(self._result, segmenter, answers, options, progress, cancelled)
        assert self.flipped is not None
        return self.flipped

    def _is_mirrored(self, answers: int) -> bool:
        return self.flipped is not None and len(self.flipped.counts) >= answers

    @property
    def costs(self) -> Mapping[str, Cost]:
        """What `mirror`, of all mirrorings, and `contributions` would take, by their names in `core.inspection`.

        What is kept takes nothing.
        """
        mirrored, replaced = self._is_mirrored(MOST_MIRRORINGS), self._contributions is not None
        return {
            MIRROR: FREE if mirrored else mirroring_cost(self._result),
            CONTRIBUTIONS: FREE if replaced else contributions_cost(self._result),
        }

    @cached_property
    def changes(self) -> tuple[StageChange, ...]:
        """What stage 2 won and lost of each region; none where it did not run."""
        if not self._evidence.prediction.regions:
            return ()
        return count_changes(self._changes, self._evidence.reference.voxel_volume)

    @cached_property
    def doubtful(self) -> tuple[DoubtfulSlice, ...]:
        """The slices of the reference to look at, the most doubtful first."""
        return doubtful_slices(self._result.segmentation.labels, self._regions, self._evidence.reference)

    @cached_property
    def _regions(self) -> np.ndarray:
        prediction = self._evidence.prediction
        regions = region_probabilities(prediction.probabilities, prediction.channels)
        return np.stack([self._restored(region) for region in regions])

    @cached_property
    def _stage1_labels(self) -> np.ndarray:
        return self._labels(self._evidence.prediction.stage1, self._result.package.settings.stage1_thresholds)

    @cached_property
    def _changes(self) -> np.ndarray:
        thresholds = self._result.package.settings.thresholds
        return change_maps(self._stage1_labels, self._labels(self._evidence.prediction.probabilities, thresholds))

    @property
    def _gates(self) -> int:
        """How many gates were seen."""
        return min(
            (len(seen.gates) for step, seen in self._evidence.observations.items() if step.stage == 2), default=0
        )

    @cached_property
    def _vae_images(self) -> tuple[np.ndarray, np.ndarray]:
        """What the VAE branch gives back, and what it was given less that, (4, z, y, x) each on the prepared grid."""
        if self._reconstructor is None:
            self._reconstructor = Reconstructor(self._result.package)
        prepared, reader = self._evidence.prepared, self._reconstructor
        end = next((seen.end for step, seen in self._evidence.observations.items() if step.stage == 1), None)
        view = reader.look(prepared.images, end)
        given_back = reader.decode(reader.encode(view).mean)
        images = [
            reader.on_prepared_grid(values, view.box, prepared.brain.shape) * prepared.brain
            for values in (given_back, view.seen - given_back)
        ]
        return images[0], images[1]

    def _attention(self, kind: MapKind) -> np.ndarray:
        evidence = self._evidence
        steps = sorted((step for step in evidence.observations if step.stage == 2), key=lambda step: step.region)
        weights = [evidence.observations[step].gates[_level(kind)] for step in steps]
        brain = evidence.prepared.brain
        z, y, x = brain.shape
        return self._restored(attention_map(weights, evidence.prediction.regions, (z, y, x)) * brain)

    def _information(self) -> np.ndarray:
        assert self.flipped is not None
        return self._restored(self.flipped.information)

    def _labels(self, probabilities: np.ndarray, thresholds: tuple[float, ...]) -> np.ndarray:
        evidence = self._evidence
        channels = evidence.prediction.channels
        return restore(probabilities, channels, thresholds, evidence.prepared, evidence.reference).labels

    def _channel(self, kind: MapKind) -> int:
        return [str(modality) for modality in self._evidence.prepared.modalities].index(_suffix(kind))

    def _restored(self, values: np.ndarray) -> np.ndarray:
        return restore_map(values, self._evidence.prepared, self._evidence.reference)


def explain(result: Result) -> Explanation:
    """Return what can be looked at of a result that was made with `Options(keep_evidence=True)`.

    `explain(result).map("uncertainty")` is a map, `.maps(["change", "residual"])` are several, `.doubtful` the slices
    to look at first, `.changes` what stage 2 won and lost.
    """
    return Explanation(result)


def _suffix(kind: MapKind) -> str:
    return kind.key.partition("-")[2]


def _level(kind: MapKind) -> int:
    return int(_suffix(kind)) - 1


def _region(kind: MapKind) -> int:
    return [region.key for region in REGIONS].index(_suffix(kind))


def _range(values: np.ndarray) -> tuple[float, float]:
    """Return what is just below the least of what is not 0, and its 99th percentile; 0 and 1 where they do not differ.

    Colors are clear at their low end: there an image that is bright would look like much of what is least.
    """
    inside = values[values != 0]
    low, high = (float(inside.min()), float(np.percentile(inside, 99))) if inside.size else (0.0, 0.0)
    return (max(low - _BELOW * (high - low), 0.0), high) if high > low else (0.0, 1.0)
