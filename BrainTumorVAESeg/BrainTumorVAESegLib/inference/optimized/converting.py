"""A stage's network as OpenVINO's: the same weights and steps, in fp32 or, where asked for, in 8 bits."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ...networks.nvnet import NvNet
from .library import load_nncf, load_openvino
from .normalizing import spread_sums


class _Answer(nn.Module):
    """A network whose answer is a flat tuple: logits, the encoder's end, the gates' weights, finest first."""

    def __init__(self, network: NvNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """(N, C, D, H, W) -> logits (N, 3, D, H, W), end (N, C', D/8, H/8, W/8), gates (N, 1, D', H', W')."""
        output = self.network(x)
        assert output.end is not None
        return (output.logits, output.end, *output.gates)


def convert_stage(network: NvNet) -> Any:
    """Return a network as an `openvino.Model` of any input size that the network takes, batch 1, fp32."""
    model = _converted(network)
    spread_sums(model)
    return model


def _converted(network: NvNet) -> Any:
    openvino = load_openvino()
    settings = network.settings
    sample = torch.zeros(1, settings.in_channels, *(4 * settings.unit,) * 3)
    with _quiet(), torch.inference_mode():
        model = openvino.convert_model(_Answer(network).eval(), example_input=sample)
    model.reshape([1, settings.in_channels, -1, -1, -1])
    return model


def quantize_stage(network: NvNet, inputs: Sequence[Tensor]) -> Any:
    """Return `convert_stage`'s model, its convolutions in 8 bits, by the ranges in inputs (1, C, D, H, W) of one size.

    Raises DependencyError where NNCF is missing.
    """
    nncf = load_nncf()
    sized = _converted(network)
    sized.reshape(list(inputs[0].shape))
    with _quiet():
        found = nncf.quantize(
            sized,
            nncf.Dataset([x.numpy() for x in inputs]),
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(inputs),
        )
    found.reshape([1, inputs[0].shape[1], -1, -1, -1])
    spread_sums(found)
    return found


def save_stage(model: Any, path: Path) -> None:
    """Write a model as `path` (.xml) and the file of its weights beside it (.bin), in the model's own precision."""
    load_openvino().save_model(model, str(path), compress_to_fp16=False)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the converters' own reports from a person's screen."""
    loggers = [logging.getLogger(name) for name in ("nncf", "openvino")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
