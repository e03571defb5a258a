"""What a network's pass leaves beside its logits, for maps and for the input check: small, and computed anyway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from ..networks.nvnet import StageOutput
from .cascade import Step


@dataclass(frozen=True)
class Observation:
    """One pass's encoder end and its gates' weights, of the first member where a stage has several.

    They stay where they were computed until somebody asks for them.
    """

    on_device: Tensor
    gates_on_device: tuple[Tensor, ...] = ()

    @classmethod
    def of(cls, output: StageOutput) -> Observation:
        """Take what a stage answered."""
        assert output.end is not None
        return cls(output.end, output.gates)

    @cached_property
    def end(self) -> Tensor:
        """The encoder's end (1, C, D/8, H/8, W/8), float32 on the CPU."""
        return self.on_device.float().cpu()

    @cached_property
    def gates(self) -> tuple[Tensor, ...]:
        """The gates' coarse weights, finest first, (1, 1, D', H', W'), float32 on the CPU."""
        return tuple(gate.float().cpu() for gate in self.gates_on_device)


Observer = Callable[[Step, Observation], None]
"""Is shown the observation of each step of the cascade."""
