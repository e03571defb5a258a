"""The module's own self test runs in the host, unchanged, with the real worker and the package that ships."""

from __future__ import annotations

import logging
from typing import Any

import pytest


@pytest.mark.slow
def test_the_self_test_passes(panel: Any, host: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        host.selfTests["BrainTumorVAESeg"](msec=1)
    assert "BrainTumorVAESegTest: all 5 steps passed" in caplog.text
