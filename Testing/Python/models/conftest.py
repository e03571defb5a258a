"""The tests of the model packages share the tiny package."""

from tinypackages import *  # noqa: F403  (its fixtures)
