"""Fixtures of the networks' tests: the numbers that the networks must reproduce."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch


@pytest.fixture(scope="session")
def golden_folder() -> Path:
    """The folder of golden values, which lies beside the repository; a test is skipped where it is absent."""
    folder = Path(__file__).resolve().parents[3].parent / "shared" / "golden"
    if not folder.is_dir():
        pytest.skip("no golden values: ../shared/golden, beside the repository, is absent")
    return folder


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """One thread for tiny networks: two would mostly wait for each other where other programs run as well."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
