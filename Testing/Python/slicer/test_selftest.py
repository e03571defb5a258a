"""The module's own self test runs in the host, unchanged, with the real worker and the package that ships."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest


@pytest.mark.slow
def test_the_self_test_passes_within_a_minute(panel: Any, host: Any, caplog: pytest.LogCaptureFixture) -> None:
    start = time.monotonic()
    with caplog.at_level(logging.INFO):
        host.selfTests["BrainTumorVAESeg"](msec=1)
    assert "BrainTumorVAESegTest: all 5 steps passed" in caplog.text
    assert time.monotonic() - start < 60
