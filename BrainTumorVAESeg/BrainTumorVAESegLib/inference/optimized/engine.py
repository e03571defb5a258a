"""Runs a package's converted networks by OpenVINO on the processor, as `inference.engine` runs torch's."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...core.errors import Cancelled, DeviceError, PackageError
from ...models.package import ModelPackage
from ...networks.nvnet import NvNet, StageOutput
from ..cascade import Step
from ..device import CPU
from ..engine import told_of_half
from ..observation import Observation, Observer
from ..progress import Tracker
from ..slabs import count_work
from .library import load_openvino, openvino_core
from .storage import KINDS, OPENVINO, OPENVINO_INT8, Optimized, read_facts, read_networks

_DEVICE = "CPU"
_SIZES_KEPT = 2
"""Compiled networks of one stage that are kept: inputs of most cases have the same size."""
_PRECISIONS = {OPENVINO: ("auto", "fp32", "bf16"), OPENVINO_INT8: ("auto",)}
_WAIT_MS = 50
"""How often the wish to stop is asked for while a network runs."""


class OptimizedNetworks:
    """A package's converted networks, read once and compiled for each size of input that comes.

    files: their files' bytes by name. What was verified is what runs, whatever becomes of the files meanwhile. facts:
    what is known of them, where they were verified.
    """

    def __init__(self, files: Mapping[str, bytes], kind: str, facts: Optimized | None = None) -> None:
        self.kind, self.facts = kind, facts
        self._library = load_openvino()
        self._core = openvino_core()
        self._files = dict(files)
        self._models: dict[int, Any] = {}
        self._compiled: OrderedDict[tuple[int, tuple[int, ...], str], Any] = OrderedDict()
        self.rates: dict[int, float] = {}

    @classmethod
    def of(cls, package: ModelPackage, kind: str) -> OptimizedNetworks:
        """Read a package's networks. Raises PackageError (see `read_networks`), DependencyError, DeviceError."""
        load_openvino()
        facts, files = read_networks(package, kind)
        return cls(files, kind, facts)

    def are_current(self, package: ModelPackage, kind: str) -> bool:
        """Say whether they are those that are kept for a package and an engine by now."""
        try:
            return self.kind == kind and self.facts == read_facts(package, kind)
        except PackageError:
            return False

    @property
    def version(self) -> str:
        """OpenVINO's version."""
        return str(self._library.__version__).split("-")[0]

    @property
    def computes_bf16(self) -> bool:
        """Whether OpenVINO computes in bf16 on this processor."""
        return "BF16" in self._core.get_property(_DEVICE, "OPTIMIZATION_CAPABILITIES")

    def request(self, stage: int, shape: tuple[int, ...], precision: str = "f32") -> Any:
        """Return what runs a stage's network on an input of a shape (1, C, D, H, W), in OpenVINO's name of a type."""
        key = stage, shape, precision
        if key not in self._compiled:
            for old in [each for each in self._compiled if each[0] == stage][: 1 - _SIZES_KEPT]:
                del self._compiled[old]
            self._compiled[key] = self._compile(stage, shape, precision)
        self._compiled.move_to_end(key)
        return self._compiled[key]

    def _compile(self, stage: int, shape: tuple[int, ...], precision: str) -> Any:
        if stage not in self._models:
            names = [f"stage{stage}.{end}" for end in ("xml", "bin")]
            self._models[stage] = self._core.read_model(*(self._files[name] for name in names))
            for name in names:  # OpenVINO has copies of its own now
                del self._files[name]
        model = self._models[stage].clone()
        model.reshape(list(shape))
        # What is not of 8 bits is computed in fp32 on every processor unless bf16 was asked for, so that the answer
        # does not depend on it.
        wishes = {
            "INFERENCE_PRECISION_HINT": precision,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        }
        return self._core.compile_model(model, _DEVICE, wishes).create_infer_request()


class OpenVinoEngine:
    """Runs networks as `Engine` does, on the processor; `run` looks at the stage's number, not at torch's network.

    The whole input goes through at once, so that normalizations are those of the whole; the memory cannot be bounded.
    precision: `auto` is fp32; bf16 is for processors that compute in it, others stay with fp32, which `notes` tell.
    Raises DeviceError for a device, precision or memory limit that OpenVINO cannot give.
    """

    def __init__(
        self,
        networks: OptimizedNetworks,
        device: str = "auto",
        precision: str = "auto",
        memory: int | None = None,
        tracker: Tracker | None = None,
        observer: Observer | None = None,
    ) -> None:
        kind = networks.kind
        if device not in ("auto", CPU):
            raise DeviceError(f"The engine {kind} computes on the processor, not on {device}; use the engine torch.")
        if precision not in _PRECISIONS[kind]:
            raise DeviceError(f"The engine {kind} computes in {KINDS[kind]}, not in {precision}; use the engine torch.")
        if memory is not None:
            raise DeviceError(
                f"The engine {kind} cannot bound its memory; leave the limit out, or use the engine torch."
            )
        self.device = torch.device(CPU)
        self.reserved = 0
        self.tracker = tracker or Tracker()
        self.observer = observer
        self.notes: list[str] = []
        self._networks = networks
        self._half = precision == "bf16" and networks.computes_bf16
        if kind == OPENVINO_INT8:
            self.notes.append("The last network computed in 8 bits (OpenVINO int8), as was asked for.")
        elif precision == "bf16":
            # Its hint of a precision is for maps, sums and normalizations as well, not for the convolutions alone.
            whole = f"The networks computed in {precision} throughout (OpenVINO), as was asked for."
            self.notes.append(whole if self._half else told_of_half(CPU, precision, False))

    @property
    def description(self) -> str:
        """What computes, for people."""
        kind = "bf16" if self._half else KINDS[self._networks.kind]
        return f"cpu ({torch.get_num_threads()} threads, OpenVINO {self._networks.version} {kind})"

    def place(self, images: np.ndarray) -> Tensor:
        """Return images (4, z, y, x) where the cascade runs."""
        return torch.from_numpy(np.ascontiguousarray(images))

    def leave_device(self, reason: str) -> None:
        """There is no other device to go to. Raises DeviceError."""
        raise DeviceError(f"{reason}; use the engine torch.")

    def run(self, network: NvNet, x: Tensor, step: Step) -> Tensor:
        """Return the logits (1, 3, D, H, W), float32, of an input (1, C, D, H, W).

        Raises DeviceError where OpenVINO fails, Cancelled on the wish to stop.
        """
        shape = tuple(x.shape)
        work = count_work(network, shape[2:])
        try:
            request = self._networks.request(step.stage, shape, "bf16" if self._half else "f32")
            start = time.perf_counter()
            request.start_async({0: x.contiguous().numpy()}, share_inputs=True)
            self._wait(request, step.stage, work, start)
            answer, end, *gates = (torch.from_numpy(tensor.data.copy()) for tensor in request.output_tensors)
        except (RuntimeError, MemoryError) as error:
            reason = str(error).strip().splitlines()[-1] if str(error).strip() else "out of memory"
            raise DeviceError(f"{step}: OpenVINO failed ({reason}); use the engine torch.") from error
        self._networks.rates[step.stage] = work / (time.perf_counter() - start)
        self.tracker.advance(1.0)
        if self.observer is not None:
            self.observer(step, Observation.of(StageOutput(answer, tuple(gates), end=end)))
        return answer

    def _wait(self, request: Any, stage: int, work: float, start: float) -> None:
        """Wait for a request, telling how far it probably is by the pass before. Raises Cancelled."""
        rate = self._networks.rates.get(stage, 0.0)
        try:
            while not request.wait_for(_WAIT_MS):
                self.tracker.advance(min(rate * (time.perf_counter() - start) / work, 0.99))
        except Cancelled:
            request.cancel()
            request.wait_for(60_000)
            raise
