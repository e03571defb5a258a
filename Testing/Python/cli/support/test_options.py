"""How texts of options are read."""

from __future__ import annotations

import pytest
import typer
from BrainTumorVAESegLib.cli.support.options import Numbering, Precision, parse_device, parse_memory
from BrainTumorVAESegLib.core.labels import LabelConvention
from BrainTumorVAESegLib.inference.engine import PRECISIONS


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1500000000", 1_500_000_000),
        ("1.5G", 3 * 2**29),
        ("800M", 800 * 2**20),
        ("800MB", 800 * 2**20),
        ("2 GiB", 2**31),
        (" 512k ", 512 * 1024),
        ("1T", 2**40),
    ],
)
def test_a_size_of_memory_is_read_in_powers_of_1024(text: str, size: int) -> None:
    assert parse_memory(text) == size


@pytest.mark.parametrize("text", ["", "G", "-1G", "0", "0.1", "1.5X", "1,5G", "1 000M", "1.5GG", "nan"])
def test_what_is_no_size_of_memory_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is no size of memory"):
        parse_memory(text)


@pytest.mark.parametrize(
    ("text", "device"), [("auto", "auto"), ("CPU", "cpu"), ("cuda", "cuda"), ("cuda:12", "cuda:12")]
)
def test_a_device_is_read(text: str, device: str) -> None:
    assert parse_device(text) == device


@pytest.mark.parametrize("text", ["", "gpu", "cuda:", "cuda:-1", "cuda:a", "cpu:0"])
def test_what_is_no_device_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is no device"):
        parse_device(text)


def test_the_choices_are_those_of_the_library() -> None:
    assert [each.value for each in Numbering] == [each.value for each in LabelConvention]
    assert [each.value for each in Precision] == list(PRECISIONS)
