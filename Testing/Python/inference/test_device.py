"""The device: what is wished for, what there is, and how much memory is free."""

from __future__ import annotations

import pytest
import torch
from BrainTumorVAESegLib.core.errors import DeviceError
from BrainTumorVAESegLib.inference import device
from BrainTumorVAESegLib.inference.device import choose_device, cuda_problem, describe_device, free_memory


@pytest.fixture
def no_cuda(monkeypatch):
    """A machine without a GPU, whatever this one has."""
    monkeypatch.setattr(device, "cuda_problem", lambda name="cuda": "There is no GPU.")


def test_the_cpu_is_given_where_it_is_wished_for():
    assert choose_device("cpu") == torch.device("cpu")


def test_auto_falls_back_to_the_cpu(no_cuda):
    assert choose_device("auto") == torch.device("cpu")


def test_auto_takes_a_gpu_that_works(monkeypatch):
    monkeypatch.setattr(device, "cuda_problem", lambda name="cuda": None)
    assert choose_device("auto") == torch.device("cuda")
    assert choose_device("cuda:1") == torch.device("cuda:1")


@pytest.mark.parametrize("wish", ["cuda", "cuda:0"])
def test_a_gpu_wished_for_in_vain_is_an_error_that_says_why_and_what_to_do(no_cuda, wish):
    with pytest.raises(DeviceError, match=r"There is no GPU\. .*the device cpu"):
        choose_device(wish)


@pytest.mark.parametrize("wish", ["gpu", "cuda:", "cuda:one", "", "CPU"])
def test_an_unknown_device_is_an_error_that_names_the_known_ones(wish):
    with pytest.raises(DeviceError, match="choose auto, cpu, cuda, cuda:N or mps"):
        choose_device(wish)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA GPU")
def test_the_problem_of_a_machine_without_cuda_is_told():
    assert "CPU alone" in cuda_problem() or "no CUDA GPU" in cuda_problem()
    with pytest.raises(DeviceError, match="the device cpu"):
        choose_device("cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA GPU")
def test_a_gpu_number_that_is_too_high_is_an_error():
    with pytest.raises(DeviceError, match=r"There is no cuda:99; this machine has \d+"):
        choose_device("cuda:99")


def test_the_description_names_the_threads():
    count = torch.get_num_threads()
    expected = "cpu (1 thread)" if count == 1 else f"cpu ({count} threads)"
    assert describe_device(torch.device("cpu")) == expected


def test_free_memory_is_between_a_little_and_the_impossible():
    free = free_memory(torch.device("cpu"))
    assert free is None or 2**24 < free < 2**45
