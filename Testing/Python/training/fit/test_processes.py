"""Several processes that train together: started as torchrun does, over gloo, against one process."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import BrainTumorVAESegLib
import pytest
from BrainTumorVAESegLib.core.errors import TrainingError
from BrainTumorVAESegLib.training.fit import processes
from BrainTumorVAESegLib.training.fit.processes import Processes, choose_precision, draw_workers

SCRIPT = """
import sys
import torch
from pathlib import Path
from BrainTumorVAESegLib.core.settings import StageSettings
from BrainTumorVAESegLib.training.fit.fitting import Fit, fit_stage
from BrainTumorVAESegLib.training.fit.processes import Processes
from BrainTumorVAESegLib.training.settings import StageTraining
from BrainTumorVAESegLib.training.watch.watchers import TableWatcher

torch.set_num_threads(1)
folder, accumulate, stop_at = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])


class Played(torch.utils.data.Dataset):
    def __getitem__(self, number):
        if number == stop_at:
            raise InterruptedError("the power went out")
        with open(folder.with_suffix(f".{processes.rank}.asked"), "a") as file:
            print(number, file=file)
        x = torch.randn(4, 16, 16, 16, generator=torch.Generator().manual_seed(number))
        return {"input": x, "images": x, "target": (x[:3] > 0).float()}


processes = Processes("32-true", "cpu")
stage = StageSettings(
    filters=8, groups=4, blocks_down=(1, 1, 1, 1), field=(16,) * 3, vae_crop=(16,) * 3, latent=4, dropout=0.2
)
training = StageTraining(steps=6, learning_rate=1e-3, accumulate=accumulate, save_every=2, clip_gradient=1.0)
fit_stage(Fit("two", Played(), stage, training, folder, 1), processes, [TableWatcher()])
print("held out", processes.total_mean({"WT": torch.tensor(1.0 + processes.rank)}, 3), flush=True)
processes.close()
"""


def start(folder: Path, processes: int, accumulate: int, stop_at: int = -1) -> subprocess.CompletedProcess[str]:
    script = folder.parent / "train.py"
    script.write_text(SCRIPT)
    library = str(Path(BrainTumorVAESegLib.__file__).parents[1])
    launch = ["-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"] if processes > 1 else []
    return subprocess.run(
        [sys.executable, *launch, str(script), str(folder), str(accumulate), str(stop_at)],
        env={**os.environ, "PYTHONPATH": library, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )


def curve(folder: Path) -> list[list[float]]:
    with (folder / "losses.csv").open(newline="") as stream:
        return [[float(value) for key, value in row.items() if key != "seconds"] for row in csv.DictReader(stream)]


@pytest.mark.slow
def test_two_processes_train_as_one_that_adds_up_two_batches_and_go_on_after_a_kill(tmp_path):
    one, two, broken = (tmp_path / name for name in ("one", "two", "broken"))
    alone, both = start(one, 1, 2), start(two, 2, 1)
    assert (alone.returncode, both.returncode) == (0, 0), alone.stderr + both.stderr
    first, second = ([int(n) for n in two.with_suffix(f".{rank}.asked").read_text().split()] for rank in (0, 1))
    assert first[:6] == [0, 2, 4, 6, 8, 10] and second[:6] == [1, 3, 5, 7, 9, 11]
    assert len(curve(one)) == len(curve(two)) == 6
    for a, b in zip(curve(one), curve(two), strict=True):
        assert a == pytest.approx(b, rel=2e-4, abs=1e-5)
    assert both.stdout.count("{'WT': 1.0}") == 2, "(1 + 2) / 3 cases, in both"

    assert start(broken, 2, 1, stop_at=9).returncode != 0
    resumed = start(broken, 2, 1)
    assert resumed.returncode == 0, resumed.stderr
    assert curve(broken) == curve(two)


def test_one_process_is_the_first_and_only_one():
    alone = Processes("32-true", "cpu")
    assert (alone.rank, alone.count, alone.is_first, str(alone.device)) == (0, 1, True, "cpu")
    made = []
    assert alone.first_only(lambda: made.append(1) or len(made)) == 1


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, (1, 1)),
        ({"TORCHELASTIC_RUN_ID": "x", "LOCAL_WORLD_SIZE": "4", "WORLD_SIZE": "8"}, (4, 2)),
        ({"SLURM_NTASKS": "8", "SLURM_NNODES": "2", "SLURM_JOB_NAME": "train", "SLURM_NTASKS_PER_NODE": "4"}, (4, 2)),
        ({"SLURM_NTASKS": "8", "SLURM_NNODES": "2", "SLURM_JOB_NAME": "bash"}, (1, 1)),
    ],
    ids=["alone", "torchrun", "SLURM", "a shell within SLURM"],
)
def test_what_was_started_is_read_from_the_environment(monkeypatch, environment, expected):
    for name in [*os.environ]:
        if name.startswith(("SLURM_", "TORCHELASTIC_")):
            monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert processes._started_processes() == expected


@pytest.mark.parametrize(("cores", "expected"), [(1, 0), (2, 1), (64, 16)])
def test_the_cores_that_are_left_draw_the_samples(monkeypatch, cores, expected):
    monkeypatch.setattr(processes.os, "cpu_count", lambda: cores)
    monkeypatch.setattr(processes, "usable_cores", lambda: cores)
    assert draw_workers(-1) == expected
    monkeypatch.setattr(processes, "usable_cores", lambda: 1)
    assert draw_workers(-1) == 0, "a container may be allowed fewer than there are"
    assert draw_workers(3) == 3


@pytest.mark.parametrize(
    ("accelerator", "native", "expected"), [("cuda", False, "bf16"), ("cpu", True, "bf16"), ("cpu", False, "32")]
)
def test_half_precision_is_chosen_only_where_it_is_computed_in(monkeypatch, accelerator, native, expected):
    monkeypatch.setattr(processes, "cpu_computes_bf16", lambda: native)
    assert choose_precision("auto", accelerator).startswith(expected)
    assert choose_precision("32-true", accelerator) == "32-true"


def test_fp16_is_refused_where_it_cannot_train():
    assert choose_precision("16-mixed", "cuda") == "16-mixed"
    with pytest.raises(TrainingError, match="16-mixed needs a GPU; choose auto, bf16-mixed or 32-true"):
        choose_precision("16-mixed", "cpu")
