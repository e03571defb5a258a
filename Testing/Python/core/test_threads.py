from __future__ import annotations

from collections.abc import Iterator

import pytest
from BrainTumorVAESegLib.core.threads import limit_threads, thread_pool


@pytest.fixture(autouse=True)
def unlimited_after() -> Iterator[None]:
    limit_threads(None)
    yield
    limit_threads(None)


@pytest.mark.parametrize(
    ("most", "parts", "threads"), [(None, 4, 4), (2, 4, 2), (8, 4, 4), (1, 4, 1), (None, 0, 1), (2, 0, 1)]
)
def test_a_pool_has_a_thread_for_each_part_as_far_as_it_may(most, parts, threads):
    limit_threads(most)
    with thread_pool(parts) as pool:
        assert pool._max_workers == threads
        assert list(pool.map(abs, [-1, -2, -3])) == [1, 2, 3]
