from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from BrainTumorVAESegLib.core.threads import beside, limit_threads, thread_pool, timed


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


@pytest.mark.parametrize(("most", "here"), [(None, False), (2, False), (1, True)])
def test_a_work_beside_another_has_a_thread_of_its_own_where_there_may_be_two(most, here):
    limit_threads(most)
    with beside(threading.get_ident) as result:
        assert (result() == threading.get_ident()) is here


def test_a_timed_work_tells_its_own_seconds_wherever_it_runs():
    with beside(timed(lambda: time.sleep(0.05))) as waited:
        assert waited()[1] >= 0.05
    assert timed(lambda: "made")()[0] == "made"
