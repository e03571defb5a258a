"""Fixtures of the tests of the host itself."""

from slicerhost.fixtures import *  # noqa: F403
