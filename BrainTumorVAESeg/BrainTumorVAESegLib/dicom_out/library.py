"""The one place that says how highdicom comes; the modules that build objects import it when they are imported."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from ..core.errors import DependencyError


def require_highdicom() -> None:
    """Raise DependencyError, saying what to install, where highdicom is missing; nothing is imported."""
    if importlib.util.find_spec("highdicom") is None:
        raise DependencyError("highdicom is not installed; pip install 'braintumorvaeseg[dicom]'.")


@contextmanager
def quietly() -> Iterator[None]:
    """Keep what pydicom and highdicom say of other people's headers off the screen: what matters is said by us."""
    logger = logging.getLogger("highdicom")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
