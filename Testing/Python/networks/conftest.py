"""Fixtures of the networks' tests: the numbers that the networks must reproduce."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def golden_folder() -> Path:
    """The folder of golden values, which lies beside the repository; a test is skipped where it is absent."""
    folder = Path(__file__).resolve().parents[3].parent / "shared" / "golden"
    if not folder.is_dir():
        pytest.skip("no golden values: ../shared/golden, beside the repository, is absent")
    return folder
