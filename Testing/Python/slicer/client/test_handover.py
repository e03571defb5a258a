"""Volumes go into the shared folder in short steps, whole or not at all."""

from __future__ import annotations

import stat
import time
from collections.abc import Iterator

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError, OutputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import MODALITIES, Modality
from BrainTumorVAESegLib.core.volume import Study, Volume


@pytest.fixture
def handover(host):
    from BrainTumorVAESegLib.slicer.client import handover

    return handover


@pytest.fixture
def exchange(handover, tmp_path) -> Iterator:
    made = handover.Exchange(tmp_path / "temporary files é")
    yield made
    made.remove()


def volume_of(array: np.ndarray, source: str = "node") -> Volume:
    z, y, x = array.shape
    return Volume(array, Geometry((x, y, z), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)), source)


@pytest.fixture
def four_volumes() -> Study:
    rng = np.random.default_rng(0)
    return Study({m: volume_of(rng.normal(size=(9, 10, 11)).astype(np.float32), f"node {m}") for m in MODALITIES})


@pytest.mark.parametrize("dtype", ["int16", "uint8", ">i2", "float32", "float64", "bool", "uint32"])
@pytest.mark.parametrize("piece", [1, 100, 1 << 20])
def test_an_array_is_read_back_as_it_was(handover, tmp_path, dtype, piece):
    array = np.random.default_rng(0).integers(0, 100, (7, 5, 6)).astype(dtype)
    for view in (array, array[:, ::2], array.transpose(2, 0, 1)):
        shares = list(handover.pieces(view, tmp_path / "a.npy", piece))
        back = np.load(tmp_path / "a.npy", mmap_mode="r")
        np.testing.assert_array_equal(back, view)
        assert back.dtype == array.dtype
        assert shares == sorted(shares) and shares[-1] == 1


def test_an_empty_array_is_written_too(handover, tmp_path):
    list(handover.pieces(np.zeros((0, 3, 4)), tmp_path / "a.npy"))
    assert np.load(tmp_path / "a.npy").shape == (0, 3, 4)


def test_the_file_appears_whole_or_not_at_all(handover, tmp_path):
    steps = handover.pieces(np.zeros((8, 8, 8)), tmp_path / "a.npy", piece=512)
    assert next(steps) == pytest.approx(1 / 8)
    assert not (tmp_path / "a.npy").exists()
    steps.close()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_nothing_and_says_so(handover, exchange, four_volumes, full_disk):
    with full_disk(), pytest.raises(OutputError, match="cannot be written"):
        list(handover.hand_over(four_volumes, exchange))
    assert list(exchange.folder.iterdir()) == []


def test_voxels_that_are_no_numbers_are_refused(handover, tmp_path):
    with pytest.raises(InputError, match="no numbers"):
        list(handover.pieces(np.zeros((2, 2, 2), object), tmp_path / "T1.npy"))


def finish(steps) -> tuple[list[float], object]:
    """Run a generator to its end; return what it yielded and what it returned."""
    shares = []
    while True:
        try:
            shares.append(next(steps))
        except StopIteration as end:
            return shares, end.value


def test_a_study_is_handed_over_with_all_that_a_message_needs(handover, exchange, four_volumes):
    shares, files = finish(handover.hand_over(four_volumes, exchange))
    assert shares == sorted(shares) and shares[-1] == 1
    assert files.reference is Modality.T1CE and tuple(files.volumes) == MODALITIES
    for modality, file in files.volumes.items():
        np.testing.assert_array_equal(np.load(file.file), four_volumes[modality].array)
        assert file.geometry == four_volumes[modality].geometry and file.source == f"node {modality}"


def test_a_study_handed_over_by_half_leaves_nothing(handover, exchange, four_volumes):
    steps = handover.hand_over(four_volumes, exchange)
    for _ in range(3):
        next(steps)
    steps.close()
    assert list(exchange.folder.iterdir()) == []


def test_a_second_study_leaves_the_first_ones_files_alone(handover, exchange, four_volumes):
    _, first = finish(handover.hand_over(four_volumes, exchange))
    _, second = finish(handover.hand_over(four_volumes, exchange))
    paths = {v.file for files in (first, second) for v in files.volumes.values()}
    assert len(paths) == 8
    exchange.forget(first)
    assert {str(path) for path in exchange.folder.iterdir()} == {v.file for v in second.volumes.values()}


def test_the_folder_is_private_and_can_be_cleared_and_removed(exchange):
    assert stat.S_IMODE(exchange.folder.stat().st_mode) == 0o700
    exchange.new_path("T1").write_bytes(b"x")
    exchange.forget(exchange.new_path("never written"))
    (exchange.folder / "maps").mkdir()
    (exchange.folder / "maps" / "uncertainty.npy").write_bytes(b"x")
    exchange.clear()
    assert exchange.folder.is_dir() and not list(exchange.folder.iterdir())
    exchange.remove()
    exchange.remove()
    exchange.clear()
    assert not exchange.folder.exists()


def test_a_folder_that_cannot_be_made_fails_in_a_sentence(handover, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        handover.Exchange(tmp_path / "file")


def test_long_paths_of_any_letters(handover, tmp_path):
    place = tmp_path
    for _ in range(8):
        place = place / ("画像 é " + "x" * 60)
    exchange = handover.Exchange(place)
    list(handover.pieces(np.ones((2, 2, 2)), exchange.new_path("T1")))
    assert len(str(exchange.folder)) > 400 and len(list(exchange.folder.iterdir())) == 1


def test_labels_come_back_and_only_on_their_grid(handover, tmp_path):
    labels = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)
    grid = volume_of(labels).geometry
    np.save(tmp_path / "labels.npy", labels)
    np.testing.assert_array_equal(handover.read_labels(tmp_path / "labels.npy", grid), labels)
    for wrong in (labels[1:], labels.astype(np.int64)):
        np.save(tmp_path / "wrong.npy", wrong)
        with pytest.raises(OutputError, match="not on the grid"):
            handover.read_labels(tmp_path / "wrong.npy", grid)
    with pytest.raises(OutputError, match="cannot be read"):
        handover.read_labels(tmp_path / "nothing.npy", grid)
    (tmp_path / "torn.npy").write_bytes((tmp_path / "labels.npy").read_bytes()[:100])
    with pytest.raises(OutputError, match="cannot be read"):
        handover.read_labels(tmp_path / "torn.npy", grid)


def test_no_step_takes_long(handover, exchange):
    """By the CPU's time and the median, since disks and neighbors vary."""
    study = Study({m: volume_of(np.zeros((155, 240, 240), np.int16)) for m in MODALITIES})
    steps, spent = handover.hand_over(study, exchange), []
    while True:
        start = time.thread_time()
        if next(steps, None) is None:
            break
        spent.append(time.thread_time() - start)
    assert len(spent) >= 16
    assert sorted(spent)[len(spent) // 2] < 0.05
