"""The messages between panel and worker: what comes out is what went in, and what is no message is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from BrainTumorVAESegLib.core.answers import (
    Checked,
    Explained,
    Failed,
    Measured,
    Probed,
    Progress,
    Ready,
    Released,
    Segmented,
    Written,
)
from BrainTumorVAESegLib.core.errors import BrainTumorVAESegError, OutputError, ProtocolError, VersionError, WorkerError
from BrainTumorVAESegLib.core.findings import Finding, Severity
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.inspection import Contribution, DoubtfulSlice, MapFile, StageChange
from BrainTumorVAESegLib.core.measures import MOST_LESIONS, Burden, Diameters, Lesion, Measures, Side
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.preparation import (
    Alignment,
    Needs,
    Outcome,
    PreparationOptions,
    Prepared,
    Register,
    Shading,
    Strip,
)
from BrainTumorVAESegLib.core.protocol import PROTOCOL, decode, encode
from BrainTumorVAESegLib.core.requests import (
    Check,
    Explain,
    Export,
    Measure,
    Probe,
    Quit,
    Release,
    Report,
    Segment,
    Stop,
    StudyFiles,
    VolumeFile,
    Warm,
)
from BrainTumorVAESegLib.core.transform import Transform
from BrainTumorVAESegLib.core.verdict import Familiarity, Reason, Verdict
from hypothesis import given
from hypothesis import strategies as st

GRID = Geometry((4, 5, 6), (1.0, 1.5, 2.0), (-3.0, 0.1, 7.0), (0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0))
STUDY = StudyFiles({Modality.T1CE: VolumeFile("/tmp/画像 é/1-T1ce.npy", GRID, "Bücher\n2")}, Modality.T1CE, "case 1")
MASKED = StudyFiles(STUDY.volumes, brain=VolumeFile("/tmp/brain.npy", GRID, "Brain"))
FINDING = Finding("swapped", Severity.WARNING, "T1 and T2 look swapped.", "Choose again.", Modality.T1)
LESION = Lesion(
    1, 4.5, (1.0, -2.0, 3.5), 7,
    Diameters(31.2, 22.0, 686.4, 81, ((0.0, 0.5, 3.5), (31.2, 0.5, 3.5)), ((9.0, -8.0, 3.5), (9.0, 14.0, 3.5))),
    33.1, True, True, None, Side("left", 0.98, 1.5),
)  # fmt: skip
MEASURES = Measures(
    {"WT": 12.5, "ET": 4.5}, Burden("ET", (LESION,), 686.4, 2, 0.01), Burden("WT", (), 0.0), 0.25, None, None, 0, 3.5
)
NOWHERE = Finding("missing", Severity.ERROR, "nothing is there.")
MESSAGES = (
    Check(STUDY, (Modality.T2,), 3),
    Probe("cuda:1", 4),
    Segment(STUDY, "/models/fast", "/tmp/2-labels.npy", "cpu", "fp32", 2**33, True, 5),
    Explain(5, "/tmp/3 maps", ("uncertainty", "change-WT"), 7),
    Explain(5, "/tmp/3 maps", id=9, contributions=True),
    Explain(5, "/tmp/3 maps", ("information",), id=11, mirror=8),
    Stop(11),
    Check(MASKED, preparation=PreparationOptions(Register.AFFINE, Strip.SYNTHSTRIP, Shading.OFF)),
    Segment(MASKED, "/models/fast", "/tmp/2-labels.npy", preparation=PreparationOptions(), brain="/tmp/3-brain.npy"),
    Measure(STUDY, "/tmp/4-labels.npy", 8),
    Report(5, "/tmp/6-labels.npy", "/out/报告.html", "zh", True, 9),
    Export(5, "/tmp/7-labels.npy", {Modality.T1CE: ("/db/1.dcm", "/db/2.dcm")}, "/out", "7_T1", 10),
    Release(6),
    Warm(),
    Quit(),
    Ready("0.1.0", 4711, "3.12.10"),
    Progress(5, "stage 1", 0.25),
    Checked(3, (FINDING, NOWHERE)),
    Checked(4, (), Needs((Modality.T2,), (Modality.T1, Modality.T2))),
    Probed(4, "cuda:0", "cuda:0 (NVIDIA H200)", True, None, 2**36, 2**37, True, False, "2.13.0"),
    Segmented(
        5, "/tmp/2-labels.npy", {"WT": 12.5, "ET": 0.0}, True, (FINDING,), ("a note",), {"check": 0.1}, "cpu",
        (((-1, 2, 3), (80, 80, 80)),), "fast", "0.1.0", "ab12",
        Verdict(Familiarity.UNUSUAL, (Reason("noise", "T1 is noisy.", 99.5, Modality.T1),)), {"WT": (11.0, 14.0)},
        Prepared(
            {
                Modality.T1: Alignment(Outcome.ALIGNED, 0.8, 0.8),
                Modality.T2: Alignment(Outcome.REGISTERED, 0.5, 0.75, 15.0, 4.5, Transform()),
            },
            "HD-BET", 1432.5, (Modality.T1,),
        ),
        "/tmp/3-brain.npy", MEASURES,
    ),
    Explained(
        7, 5, (MapFile("uncertainty", "Uncertainty", "bit", "inferno", 0.0, 1.0, "/tmp/3 maps/uncertainty.npy"),),
        {"change-WT": "This package has no second stage."}, (DoubtfulSlice(81, (1.5, -2.0, 3.0), 40, 0.25),),
        (StageChange("WT", 10, 3, 0.01, 0.003),), (Contribution("T2", "nothing", {"WT": 0.5}, {"WT": -3.5}),),
    ),
    Measured(8, MEASURES),
    Written(10, ("/out/7_T1_labels.dcm",), ("A note.",)),
    Released(6),
    Failed(None, "CheckError", "nothing is there.", 4, (NOWHERE,)),
)  # fmt: skip


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_out_as_it_went_in(message):
    line = encode(message)
    assert decode(line) == message
    assert line.isascii() and line.count(b"\n") == 1 and line.endswith(b"\n")


@given(st.text(), st.text(), st.floats(allow_nan=False, allow_infinity=False), st.none() | st.integers(0, 2**63))
def test_any_text_and_number_passes(path, name, fraction, memory):
    study = StudyFiles({Modality.T1: VolumeFile(path, GRID, name)}, name=name)
    segment = Segment(study, path, path, memory=memory)
    assert decode(encode(segment)) == segment
    assert decode(encode(Progress(1, name, fraction))) == Progress(1, name, fraction)


def test_a_path_that_is_no_unicode_passes():
    odd = b"/tmp/\xff.npy".decode("utf-8", "surrogateescape")
    assert decode(encode(Probe(odd))).device == odd


def test_numbers_of_numpy_are_sent_as_plain_ones():
    told = Progress(np.int64(3), "stage 1", np.float64(0.5))
    assert decode(encode(told)) == Progress(3, "stage 1", 0.5)


def test_a_number_that_is_not_finite_is_not_sent():
    with pytest.raises(ProtocolError, match="cannot be sent"):
        encode(Progress(1, "stage 1", float("nan")))


def values(message) -> dict:
    return json.loads(encode(message))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"Loading weights ... done",
        b"[1, 2]",
        b"{}",
        b'{"type":"Reformat"}',
        b'{"type":["Quit"]}',
        b'{"type":"Progress","id":1,"stage":"a","fraction":NaN}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
    ids=lambda line: str(line[:12]),
)
def test_a_line_that_is_no_message_is_refused(line):
    with pytest.raises(ProtocolError):
        decode(line)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": True}, "Segment.id"),
        ({"id": 1.5}, "Segment.id"),
        ({"memory": "8G"}, "Segment.memory"),
        ({"surprise": 1}, "no surprise"),
        ({"study": []}, "Segment.study"),
        ({"study": {"volumes": {"PET": {}}}}, "key of Segment.study.volumes"),
        ({"study": {"volumes": {"T1": {"file": "a"}}}}, "lacks geometry"),
        ({"study": {"volumes": {"T1": {"file": "a", "geometry": {"size": [1]}}}}}, "size has 1 values, not 3"),
    ],
)
def test_a_field_of_a_wrong_kind_is_refused_and_named(change, words):
    line = json.dumps({**values(MESSAGES[2]), **change})
    with pytest.raises(ProtocolError, match=words):
        decode(line)


def test_a_grid_that_is_none_is_refused():
    sent = values(MESSAGES[0])
    sent["study"]["volumes"]["T1ce"]["geometry"]["spacing"] = [1, 0, 1]
    with pytest.raises(ProtocolError, match="spacing"):
        decode(json.dumps(sent))


def test_a_refused_request_still_tells_its_id():
    with pytest.raises(ProtocolError) as caught:
        decode(b'{"type":"Segment","id":17}')
    assert caught.value.id == 17


def test_no_more_lesions_pass_than_are_measured():
    sent = values(Measured(8, MEASURES))
    sent["measures"]["enhancing"]["lesions"] *= MOST_LESIONS + 1
    with pytest.raises(ProtocolError, match=f"Measured.measures.enhancing is not valid: .*{MOST_LESIONS} at most"):
        decode(json.dumps(sent))


def test_another_protocol_is_told_apart_from_nonsense():
    line = json.dumps({"type": "Ready", "protocol": PROTOCOL + 1, "something": "new"})
    with pytest.raises(VersionError, match=f"protocol {PROTOCOL + 1}"):
        decode(line)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("OutputError", OutputError),
        ("WorkerError", WorkerError),
        ("ZeroDivisionError", BrainTumorVAESegError),
        ("json", BrainTumorVAESegError),
    ],
)
def test_a_failure_becomes_the_error_that_it_was(kind, expected):
    error = Failed(1, kind, "the disk is full.").error()
    assert type(error) is expected and str(error) == "the disk is full."
