"""Segment many cases on a SLURM cluster, each job a worker; the same command goes on where it was ended.

    pip install 'braintumorvaeseg[cohort]' dask-jobqueue
    python Examples/cohort_on_slurm.py --script                  shows the job's script and ends
    python Examples/cohort_on_slurm.py cases --out results --jobs 8

Cases, results and package lie where every node sees them. What a job asks for stands in cluster/jobqueue.yaml.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import dask
import yaml
from BrainTumorVAESegLib.cases.searching import find_cases
from BrainTumorVAESegLib.cohort.running import segment_cohort
from BrainTumorVAESegLib.models.library import find_package
from dask_jobqueue import SLURMCluster
from distributed import Client

SETTINGS = Path(__file__).parent / "cluster" / "jobqueue.yaml"


def main() -> None:
    """Start jobs and segment the cases on them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path, nargs="?", help="a folder of cases, or a list in CSV or JSON")
    parser.add_argument("--out", type=Path, default=Path("results"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--script", action="store_true", help="show the job's script and end")
    arguments = parser.parse_args()
    dask.config.update(dask.config.config, yaml.safe_load(SETTINGS.read_text()))
    with SLURMCluster(scheduler_options={"dashboard_address": ":0"}) as cluster:
        if arguments.script:
            print(cluster.job_script())
            return
        cluster.scale(jobs=arguments.jobs)
        cases, faults = find_cases([arguments.cases])
        for fault in faults:
            print(f"{fault.case}: {fault.message}")
        with Client(cluster) as client:
            for outcome in segment_cohort(cases, find_package(), client, arguments.out):
                print(f"{outcome.name}: {outcome.state} {outcome.message}")


if __name__ == "__main__":
    main()
