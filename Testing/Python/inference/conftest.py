"""The tests of the inference share small networks."""

from smallnetworks import *  # noqa: F403  (their fixtures)
