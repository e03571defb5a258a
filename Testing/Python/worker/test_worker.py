"""The worker as a process: it answers as the library does, one request at a time, whatever comes in between."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from BrainTumorVAESegLib.core.answers import Checked, Failed, Probed, Progress, Released, Segmented
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.requests import Check, Probe, Segment, StudyFiles, Warm
from BrainTumorVAESegLib.inference.segmenting import Options, segment
from BrainTumorVAESegLib.preparation.checks import check


@pytest.fixture
def labels(tmp_path) -> str:
    return str(tmp_path / "labels.npy")


def test_it_is_ready_and_checks_without_torch(start_worker, files, study):
    worker = start_worker()
    told = worker.ask(Check(files, id=1))
    assert [f.code for f in told.findings] == [f.code for f in check(study)]
    loaded = Path(f"/proc/{worker.process.pid}/maps").read_text()
    assert "libtorch" not in loaded


def test_a_warm_worker_has_torch_before_it_is_asked(start_worker, files):
    worker = start_worker()
    worker.say(Warm())
    worker.ask(Probe(id=1))
    assert "libtorch" in Path(f"/proc/{worker.process.pid}/maps").read_text()


def test_it_segments_as_the_library_does(warm_worker, files, study, package, labels):
    warm_worker.say(Segment(files, str(package.folder), labels, device="cpu", id=7))
    heard = warm_worker.hear_until(lambda message: isinstance(message, Segmented))
    told: Segmented = heard[-1]
    result = segment(study, package, Options("cpu"))
    np.testing.assert_array_equal(np.load(labels), result.segmentation.labels)
    assert told.volumes_ml == pytest.approx(result.segmentation.volumes_ml())
    assert told.tumor_found and told.volumes_ml["WT"] > 0
    assert told.notes == result.notes
    assert told.regions == tuple((box.start, box.size) for box in result.regions)
    assert (told.package, told.package_version, told.sha256) == (package.name, package.version, package.sha256)
    assert set(result.timings) < set(told.timings)
    progress = heard[:-1]
    assert all(isinstance(p, Progress) and p.id == 7 for p in progress)
    assert progress[0].stage == "load the model"
    fractions = [p.fraction for p in progress]
    assert fractions == sorted(fractions) and fractions[-1] > 0.9


def test_a_probe_tells_of_the_device(warm_worker):
    told = warm_worker.ask(Probe("auto", 3))
    assert told.torch == torch.__version__ and told.description
    assert told.cuda == (told.problem is None) == (told.device != "cpu")
    assert told.cpu_build == (torch.version.cuda is None)
    assert 0 < told.free <= told.total


def test_a_device_that_is_not_there_is_told_and_not_an_error(warm_worker):
    told = warm_worker.ask(Probe("cuda:99", 3))
    assert isinstance(told, Probed) and not told.wish_met and told.device == "cpu" and told.problem


def test_a_missing_torch_is_told_by_the_probe_and_stops_a_segmentation(start_worker, files, tiny, labels):
    without = "import sys; sys.modules['torch'] = None; from BrainTumorVAESegLib.worker.__main__ import main; main()"
    worker = start_worker(program=("-c", without))
    told = worker.ask(Probe(id=1))
    assert told.torch == "" and told.problem == "PyTorch is not installed."
    failed = worker.ask(Segment(files, str(tiny.folder), labels, id=2))
    assert failed.kind == "DependencyError" and "torch is not installed" in failed.message
    assert isinstance(worker.ask(Check(files, id=3)), Checked)


def test_a_replaced_package_is_read_anew(warm_worker, files, write_tiny, tmp_path, labels):
    folder = tmp_path / "tiny"
    for version in ("1.0", "2.0"):
        shutil.rmtree(folder, ignore_errors=True)
        write_tiny(folder, version)
        told = warm_worker.ask(Segment(files, str(folder), labels, device="cpu", id=1))
        assert told.package_version == version


def test_a_package_is_converted_once_for_openvino_and_the_answer_says_what_computed(
    start_worker, files, tiny, labels, tmp_path, monkeypatch
):
    pytest.importorskip("openvino")
    monkeypatch.setenv("BRAINTUMORVAESEG_MODELS", str(tmp_path / "models"))
    worker = start_worker()
    request = Segment(files, str(tiny.folder), labels, device="cpu", id=1, engine="openvino", force=True)
    for stages in (["convert the model"], []):
        worker.say(request)
        heard = worker.hear_until(lambda message: isinstance(message, Segmented))
        assert [each.stage for each in heard[:-1] if each.stage == "convert the model"][:1] == stages
        assert "OpenVINO" in heard[-1].device and heard[-1].timings["convert"] > 0
    refused = worker.ask(replace(request, device="cuda", id=2))
    assert isinstance(refused, Failed) and "computes on the processor, not on cuda" in refused.message


def test_a_removed_package_fails_in_a_sentence(warm_worker, files, tiny, labels):
    request = Segment(files, str(tiny.folder), labels, device="cpu", id=1)
    assert isinstance(warm_worker.ask(request), Segmented)
    shutil.rmtree(tiny.folder)
    failed = warm_worker.ask(request)
    assert failed.kind == "PackageError" and "does not exist" in failed.message
    assert isinstance(warm_worker.ask(Check(files, id=2)), Checked)


def test_findings_stop_it_unless_forced(warm_worker, files, tiny, labels):
    alike = StudyFiles({**files.volumes, Modality.T2: files.volumes[Modality.FLAIR]}, files.reference)
    request = Segment(alike, str(tiny.folder), labels, device="cpu", id=1)
    failed = warm_worker.ask(request)
    assert failed.kind == "CheckError" and failed.exit_code == 4
    assert "--force" not in failed.message
    assert any(finding.severity == "error" for finding in failed.findings)
    assert not Path(labels).exists()
    assert isinstance(warm_worker.ask(replace(request, force=True)), Segmented)


@pytest.mark.parametrize(
    "line",
    [
        b"hello\n",
        b"{}\n",
        b'{"type":"Quit","why":1}\n',
        b"\xff\x00\n",
        b"[1\n",
        b"[" * 3000 + b"\n",
        b'{"type":"Segment","memory":1' + b"0" * 400 + b"}\n",
        b'{"type":"' + b"x" * (9 << 20) + b'"}\n',
    ],
    ids=lambda line: line[:12].decode("latin-1"),
)
def test_a_malformed_line_is_answered_and_passed_over(warm_worker, files, line):
    warm_worker.say(line)
    failed = warm_worker.hear()
    assert isinstance(failed, Failed) and failed.id is None and failed.kind == "ProtocolError"
    assert len(failed.message) < 300
    assert isinstance(warm_worker.ask(Check(files, id=1)), Checked)


def test_a_malformed_request_fails_under_its_id(warm_worker):
    warm_worker.say(b'{"type":"Segment","id":5}\n')
    assert warm_worker.hear().id == 5


def test_an_answer_is_no_request(warm_worker):
    warm_worker.say(Released(4))
    assert "no request" in warm_worker.hear().message


def test_requests_wait_for_each_other(warm_worker, files):
    for id in (1, 2, 3):
        warm_worker.say(Check(files, id=id))
    assert [warm_worker.hear().id for _ in range(3)] == [1, 2, 3]


def test_a_volume_that_is_gone_or_does_not_fit_is_named(warm_worker, files, study, tmp_path):
    t2 = files.volumes[Modality.T2]
    for file in (str(tmp_path / "nothing.npy"), __file__):
        broken = StudyFiles({**files.volumes, Modality.T2: replace(t2, file=file)})
        failed = warm_worker.ask(Check(broken, id=1))
        assert failed.kind == "InputError" and "node T2" in failed.message
    np.save(tmp_path / "flat.npy", study[Modality.T2].array[0])
    flat = StudyFiles({**files.volumes, Modality.T2: replace(t2, file=str(tmp_path / "flat.npy"))})
    assert "node T2" in warm_worker.ask(Check(flat, id=1)).message


def test_an_array_of_objects_is_never_unpickled(warm_worker, files, tmp_path):
    np.save(tmp_path / "odd.npy", np.array([[[{}]]], dtype=object))
    odd = replace(files.volumes[Modality.T2], file=str(tmp_path / "odd.npy"))
    failed = warm_worker.ask(Check(StudyFiles({**files.volumes, Modality.T2: odd}), id=1))
    assert failed.kind == "InputError"


def test_paths_may_be_long_and_of_any_letters(warm_worker, study, write_files, write_tiny, tmp_path):
    place = tmp_path / "Überprüfung 画像 (1)"
    for _ in range(8):
        place = place / ("x" * 60 + " é")
    labels = str(place / "Ergebnis 結果.npy")
    files = write_files(study, place)
    package = write_tiny(place / "Modell")
    assert isinstance(warm_worker.ask(Segment(files, str(package.folder), labels, "cpu", id=1)), Segmented)
    assert np.load(labels).shape == study.reference_volume.array.shape
