"""What a network's pass leaves beside its logits, for maps and for the input check: small, and computed anyway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from ..networks.nvnet import StageOutput
from .cascade import Step


@dataclass(frozen=True)
class Observation:
    """One pass's encoder end (1, C, D/8, H/8, W/8) and its gates' coarse weights, finest first, (1, 1, D', H', W').

    float32 on the CPU; of the first member where a stage has several.
    """

    end: Tensor
    gates: tuple[Tensor, ...] = ()

    @classmethod
    def of(cls, output: StageOutput) -> Observation:
        """Take what a stage answered."""
        assert output.end is not None
        return cls(output.end.float().cpu(), tuple(gate.float().cpu() for gate in output.gates))


Observer = Callable[[Step, Observation], None]
"""Is shown the observation of each step of the cascade."""
