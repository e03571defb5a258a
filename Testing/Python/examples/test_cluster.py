"""The examples' settings of clusters, held against the programs that read them; no cluster is needed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from distributed.cli import dask_scheduler, dask_worker

CLUSTER = Path(__file__).resolve().parents[3] / "Examples" / "cluster"


def _pods() -> dict[str, dict]:
    documents = list(yaml.safe_load_all((CLUSTER / "kubernetes.yaml").read_text()))
    pods = [document["spec"]["template"] for document in documents if document["kind"] == "Deployment"]
    return {pod["spec"]["containers"][0]["name"]: pod for pod in pods}


def test_the_slurm_job_starts_one_worker_of_one_thread_with_what_the_settings_ask_for(run_example):
    script = run_example("cohort_on_slurm.py", "--script").splitlines()
    asked = yaml.safe_load((CLUSTER / "jobqueue.yaml").read_text())["jobqueue"]["slurm"]
    assert f"#SBATCH --cpus-per-task={asked['cores']}" in script and f"#SBATCH -t {asked['walltime']}" in script
    (line,) = [line for line in script if "dask_worker" in line]
    words = line.split()
    words = words[words.index("distributed.cli.dask_worker") + 1 :]
    context = dask_worker.main.make_context("dask worker", words)
    assert "--nworkers" not in words and context.params["nthreads"] == 1
    assert context.params["scheduler"].startswith("tcp://")
    assert int(context.params["death_timeout"]) == asked["death-timeout"]


@pytest.mark.parametrize(("name", "program"), [("scheduler", dask_scheduler.main), ("worker", dask_worker.main)])
def test_dask_takes_the_command_lines_of_the_pods(name, program):
    args = _pods()[name]["spec"]["containers"][0]["args"]
    assert args[:2] == ["dask", name]
    assert program.make_context(name, args[2:]).params["port" if name == "scheduler" else "nthreads"]


def test_the_pods_workers_find_their_scheduler_and_the_data():
    documents = list(yaml.safe_load_all((CLUSTER / "kubernetes.yaml").read_text()))
    (service,) = [document for document in documents if document["kind"] == "Service"]
    pods = _pods()
    assert service["spec"]["selector"] == pods["scheduler"]["metadata"]["labels"]
    address = f"tcp://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"
    worker = pods["worker"]["spec"]
    assert address in worker["containers"][0]["args"]
    mounts = {mount["name"] for mount in worker["containers"][0]["volumeMounts"]}
    assert mounts == {volume["name"] for volume in worker["volumes"]}
