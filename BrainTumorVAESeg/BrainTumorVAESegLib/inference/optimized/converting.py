"""A stage's network as OpenVINO's: the same weights and steps, in fp32 or, where asked for, in 8 bits."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ...networks.nvnet import NvNet
from .library import load_nncf, load_openvino
from .normalizing import spread_sums

_IN_8_BITS = re.compile(r"\.(down\.\d+|encoder\.\d+\.\d+\.conv\d|decoder\.[1-9]\d*\.(block|more\.\d+)\.conv\d)/")
"""Names of the convolutions that compute in 8 bits, after their places in `NvNet`."""
_SUMS = ("Add", "Multiply", "Interpolate", "GroupNormalization", "Sigmoid", "Relu")


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
    """Return `convert_stage`'s model, most convolutions in 8 bits, by the ranges in inputs (1, C, D, H, W) of one size.

    Stem, head, gates, the halving of channels and the finest level of the decoder stay in fp32, since their errors come
    through to the labels; so do sums, since those along the skips would be rounded at each block. Raises
    DependencyError where NNCF is missing.
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
            ignored_scope=nncf.IgnoredScope(names=_precise(sized), types=list(_SUMS), validate=False),
        )
    found.reshape([1, inputs[0].shape[1], -1, -1, -1])
    spread_sums(found)
    return found


def _precise(model: Any) -> list[str]:
    """Return the names of a model's convolutions that stay in fp32."""
    names = [node.get_friendly_name() for node in model.get_ops() if node.get_type_name() == "Convolution"]
    return [name for name in names if not _IN_8_BITS.search(name)]


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
