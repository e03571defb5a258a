from __future__ import annotations

from types import SimpleNamespace

import dask.system
import pytest
import torch
from BrainTumorVAESegLib.cohort.cluster import local
from BrainTumorVAESegLib.cohort.cluster.local import LocalPlan, case_memory, plan_workers
from BrainTumorVAESegLib.cohort.settings import CohortOptions
from BrainTumorVAESegLib.core.errors import ClusterError, DeviceError

GIB = 2**30


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    def make(cpus: int = 8, free: int | None = 64 * GIB, gpus: int = 0, need: int = GIB) -> None:
        monkeypatch.setattr(dask.system, "CPU_COUNT", cpus)
        monkeypatch.setattr(local, "available_memory", lambda: free)
        monkeypatch.setattr(local, "case_memory", lambda package: need)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
        monkeypatch.setattr(local.metadata, "version", lambda name: "2.9.0+cu128")
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    return make


def _plan(device: str = "auto", *counts: int | None, **options: int) -> LocalPlan:
    return plan_workers(None, CohortOptions(device=device, **options), *counts)


def test_with_memory_enough_there_is_a_process_for_each_core(machine):
    machine(cpus=8)
    assert _plan() == LocalPlan(8, 1, (), 8 * GIB)


def test_memory_bounds_the_processes_and_they_share_the_cores(machine):
    machine(cpus=8, free=6 * GIB)
    assert _plan() == LocalPlan(3, 2, (), 2 * GIB)
    machine(cpus=8, free=GIB // 2)
    assert _plan().workers == 1


def test_the_memory_that_a_person_grants_counts(machine):
    machine(cpus=8, free=10 * GIB)
    assert _plan("auto", memory=4 * GIB).workers == 2


def test_there_are_no_more_processes_than_cases_and_as_many_as_asked_for(machine):
    machine(cpus=8)
    assert _plan("auto", None, 3).workers == 3
    assert _plan("auto", 12, 100).workers == 12


def test_there_is_a_process_for_each_gpu(machine):
    machine(cpus=8, gpus=2)
    assert _plan() == LocalPlan(2, 4, ("0", "1"), None)
    assert _plan("cuda:1") == LocalPlan(1, 8, ("1",), None)
    assert _plan("auto", 4).gpus == ("0", "1", "0", "1")
    assert _plan("cpu").gpus == ()


def test_the_gpus_that_the_environment_grants_are_taken(machine, monkeypatch):
    machine(gpus=2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7")
    assert _plan().gpus == ("5", "7")


def test_a_torch_that_knows_no_gpu_is_not_asked_for_one(machine, monkeypatch):
    machine(cpus=2, gpus=2)
    monkeypatch.setattr(local.metadata, "version", lambda name: "2.9.0+cpu")
    assert _plan().gpus == () and _plan("cuda").gpus == ("0", "1")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_told_at_once():
    with pytest.raises(DeviceError):
        _plan("cuda")


def test_a_packages_memory_grows_with_its_networks(package):
    assert 2**20 < case_memory(package) < GIB


def test_processes_that_end_while_they_start_are_started_again():
    answers = iter([RuntimeError("Nanny failed to start."), "a cluster"])

    def start() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert local._started(start) == "a cluster"


def test_processes_that_never_start_are_told():
    def start() -> None:
        raise RuntimeError("Nanny failed to start.")

    with pytest.raises(ClusterError, match=r"cannot be started here \(Nanny failed to start\.\)"):
        local._started(start)


def test_a_place_whose_process_is_lost_is_filled_again():
    asked = []
    cluster = SimpleNamespace(workers={0: "a"}, worker_spec={0: {}, 1: {}}, scale=asked.append)
    local.mend(SimpleNamespace(cluster=cluster))
    assert asked == [2]
    cluster.workers[1] = "b"
    local.mend(SimpleNamespace(cluster=cluster))
    local.mend(SimpleNamespace(cluster=None))
    assert asked == [2]
