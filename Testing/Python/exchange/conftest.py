"""The tests of the exchange share the tiny package and small networks."""

from smallnetworks import *  # noqa: F403  (their fixtures)
from tinypackages import *  # noqa: F403
