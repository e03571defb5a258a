"""Cases on real workers on the loopback, one of which is killed; nothing depends on how long anything takes."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dask
import pytest
from BrainTumorVAESegLib.cases.searching import find_cases
from BrainTumorVAESegLib.cohort.cluster import local
from BrainTumorVAESegLib.cohort.cluster.distribution import Distribution
from BrainTumorVAESegLib.cohort.cluster.joining import require_library, require_package, threads_for
from BrainTumorVAESegLib.cohort.cluster.local import LocalPlan, local_client
from BrainTumorVAESegLib.cohort.outcome import Outcome, State
from BrainTumorVAESegLib.cohort.places import Places
from BrainTumorVAESegLib.cohort.records import read_record
from BrainTumorVAESegLib.cohort.running import make_tasks, segment_cohort
from BrainTumorVAESegLib.cohort.settings import CohortOptions
from BrainTumorVAESegLib.core.errors import ClusterError
from cohorts import deadly
from distributed import Client

OPTIONS = CohortOptions(threads=1)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with local_client(LocalPlan(workers=2, threads=1)) as client:
        yield client


@pytest.fixture(scope="module")
def right(twelve, package) -> dict[str, float]:
    """Volumes of the whole brain, computed in this process."""
    outcomes = segment_cohort(find_cases([twelve])[0][:3], package)
    volumes = [outcome.summary["volumes_ml"]["WT"] for outcome in outcomes]
    return {f"P{number:03d}": volumes[number % 3] for number in range(12)}


def _kill_one(client: Client) -> None:
    processes = client.run(os.getpid)
    os.kill(next(iter(processes.values())), signal.SIGKILL)


def _inodes(out: Path) -> dict[Path, int]:
    return {path: path.stat().st_ino for path in (out / "cases").glob("*/P*")}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_what_a_terminal_sends_to_all_is_left_to_the_command(client):
    before = client.run(os.getpid)
    for process in before.values():
        os.kill(process, signal.SIGINT)
    assert client.run(os.getpid) == before
    assert client.run(signal.getsignal, signal.SIGINT) == dict.fromkeys(before, signal.SIG_IGN)
    masks = client.run(signal.pthread_sigmask, signal.SIG_BLOCK, [])  # inherited, so from the process's first moment
    assert all(signal.SIGINT in mask for mask in masks.values())


def test_ctrl_c_while_processes_start_ends_them_and_waits_for_that(monkeypatch):
    start, clusters = local._started, []

    def interrupted(*arguments: object) -> object:
        signal.raise_signal(signal.SIGINT)
        clusters.append(start(*arguments))
        return clusters[0]

    monkeypatch.setattr(local, "_started", interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may ignore it
    try:
        with pytest.raises(KeyboardInterrupt), local_client(LocalPlan(workers=1, threads=1)):
            pytest.fail("there was a Ctrl-C")
    finally:
        signal.signal(signal.SIGINT, before)
    assert [cluster.status.name for cluster in clusters] == ["closed"]


def test_twelve_cases_survive_a_killed_worker_none_twice_and_none_missing(client, twelve, package, right, tmp_path):
    cases = find_cases([twelve])[0]
    outcomes: list[Outcome] = []
    for outcome in segment_cohort(cases, package, client, tmp_path, OPTIONS):
        outcomes.append(outcome)
        if len(outcomes) == 2:
            _kill_one(client)
    assert sorted(outcome.name for outcome in outcomes) == sorted(right)
    assert {outcome.name: outcome.row["WT_ml"] for outcome in outcomes} == right
    assert all(outcome.state.is_finished for outcome in outcomes)
    places = Places(tmp_path)
    assert {name: read_record(places, name).row["WT_ml"] for name in right} == right
    before = _inodes(tmp_path)
    again = list(segment_cohort(cases, package, client, tmp_path, OPTIONS))
    assert {outcome.state for outcome in again} == {State.KEPT} and len(again) == 12
    assert _inodes(tmp_path) == before


def test_a_case_that_kills_its_worker_three_times_is_set_aside_and_stops_no_other(client, twelve, package, tmp_path):
    cases = find_cases([twelve])[0][:3]
    outcomes = Distribution(client, deadly).run(make_tasks(cases, package, tmp_path, OPTIONS))
    states = {outcome.name: outcome.state for outcome in outcomes}
    assert states.pop("P000") is State.SET_ASIDE
    assert sorted(states) == ["P001", "P002"] and all(state.is_finished for state in states.values())


def test_workers_of_another_version_are_refused_with_both_versions(client, twelve, package, tmp_path):
    fitting = list(make_tasks(find_cases([twelve])[0][:2], package, tmp_path, OPTIONS))
    tasks = [replace(task, library="0.0.1") for task in fitting]
    with pytest.raises(ClusterError, match=r"has braintumorvaeseg .*, this command 0\.0\.1"):
        list(Distribution(client).run(tasks))
    with pytest.raises(ClusterError, match="ffffffffffff"):
        require_package(client, replace(fitting[0], package=replace(fitting[0].package, sha256="f" * 64)))


def test_processes_keep_the_memory_of_one_case_for_the_next(client):
    for name, value in (("MALLOC_TRIM_THRESHOLD_", "2147483647"), ("MALLOC_MMAP_MAX_", "0")):
        assert set(client.run(os.getenv, name).values()) == {value}


def test_the_environment_is_as_before_once_the_processes_have_ended(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    before = dict(os.environ)
    with local_client(LocalPlan(workers=1, threads=1)):
        pass
    assert dict(os.environ) == before


def test_workers_and_a_scheduler_of_this_version_are_taken(client):
    require_library(client)
    assert threads_for(client) >= 1


def test_a_lost_scheduler_is_told_and_what_is_finished_stays(twelve, package, tmp_path):
    cases = find_cases([twelve])[0]
    seen = []
    soon = dask.config.set({"distributed.comm.timeouts.connect": "5s"})
    with (
        soon,
        local_client(LocalPlan(workers=1, threads=1)) as client,
        pytest.raises(ClusterError, match="the same command"),
    ):
        for outcome in segment_cohort(cases, package, client, tmp_path, OPTIONS):
            seen.append(outcome.name)
            if len(seen) == 2:
                client.cluster.close()
    assert len(seen) < 12
    assert all(read_record(Places(tmp_path), name) is not None for name in seen)
