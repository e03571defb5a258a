from __future__ import annotations

from types import SimpleNamespace

import pytest
from BrainTumorVAESegLib.cohort.cluster.joining import remote_client, require_library
from BrainTumorVAESegLib.core.errors import ClusterError


def _client(scheduler: str | None, workers: str | None, own: str | None = "1.0"):
    def node(version: str | None) -> dict:
        return {"packages": {"braintumorvaeseg": version}}

    told = {"client": node(own), "scheduler": node(scheduler), "workers": {"tcp://a:1": node(workers)}}
    return SimpleNamespace(get_versions=lambda packages: told)


@pytest.mark.parametrize(
    ("scheduler", "workers", "said"),
    [
        ("0.9", "1.0", r"The scheduler has braintumorvaeseg 0\.9, this command 1\.0"),
        ("1.0", "1.1", r"The worker tcp://a:1 has braintumorvaeseg 1\.1, this command 1\.0"),
        ("1.0", None, r"The worker tcp://a:1 has no braintumorvaeseg, this command 1\.0"),
    ],
)
def test_another_version_is_refused_with_both(scheduler, workers, said):
    with pytest.raises(ClusterError, match=said):
        require_library(_client(scheduler, workers))


def test_the_same_version_is_taken_and_what_is_not_installed_cannot_be_told():
    require_library(_client("1.0", "1.0"))
    require_library(_client(None, None, own=None))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://x", "no address"])
def test_a_scheduler_that_does_not_answer_is_told_with_its_address(address):
    with pytest.raises(ClusterError, match=f"{address}: no scheduler answers there"), remote_client(address, 0.5):
        pass
