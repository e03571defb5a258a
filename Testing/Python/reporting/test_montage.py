"""The montage: a picture of every study that can be segmented, or one line and no file."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib", reason="the extra [report] is not installed")

from BrainTumorVAESegLib.core.errors import InputError, OutputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.labels import LABELS, REGIONS
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.images.itk import resample
from BrainTumorVAESegLib.phantom.phantom import Phantom, PhantomSettings, make_phantom
from BrainTumorVAESegLib.reporting.montage import NOTICE, draw_montage, write_montage
from matplotlib.figure import Figure
from matplotlib.image import imread

PLANES = ("axial", "coronal", "sagittal")


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(PhantomSettings(size=(64, 64, 48), spacing=3.0))


@pytest.fixture
def segmentation(phantom: Phantom) -> Segmentation:
    return Segmentation(phantom.labels, phantom.study.reference_volume.geometry)


@pytest.fixture
def no_tumor(phantom: Phantom) -> Segmentation:
    return Segmentation(np.zeros_like(phantom.labels), phantom.study.reference_volume.geometry)


def words(figure: Figure) -> str:
    texts = [text.get_text() for text in figure.texts]
    texts += [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    return "\n".join(texts)


def has_color(pixels: np.ndarray, color: tuple[float, float, float]) -> bool:
    """Say whether some pixels have the color's hue strongly: outlines are drawn over gray."""
    return bool((np.abs(pixels[..., :3] - color).max(axis=-1) < 0.12).sum() > 20)


def test_it_is_one_png_of_page_size_with_the_labels_colors(
    phantom: Phantom, segmentation: Segmentation, tmp_path: Path
) -> None:
    path = tmp_path / "montage.png"
    write_montage(phantom.study, segmentation, path)
    head = path.read_bytes()[:24]
    width, height = struct.unpack(">II", head[16:24])
    assert head[:8] == b"\x89PNG\r\n\x1a\n" and 1000 < width < 2500 and 1000 < height < 2500
    pixels = imread(path)
    assert all(has_color(pixels, label.color) for label in LABELS)
    assert list(tmp_path.iterdir()) == [path]


def test_the_legend_tells_volumes_and_the_notice_stands_below(phantom: Phantom, segmentation: Segmentation) -> None:
    text = words(draw_montage(phantom.study, segmentation, "A title", PLANES))
    volumes = segmentation.volumes_ml()
    assert all(f"{label.name}: {volumes[label.key]:.1f} ml" in text for label in LABELS)
    assert f"{REGIONS[0].name}: {volumes['WT']:.1f} ml" in text
    assert NOTICE in text and "A title" in text


def test_an_empty_segmentation_says_so_and_draws_no_labels(
    phantom: Phantom, no_tumor: Segmentation, tmp_path: Path
) -> None:
    figure = draw_montage(phantom.study, no_tumor, "", PLANES)
    assert "No tumor found" in words(figure) and not figure.legends
    assert len(figure.axes) == 3 * 4
    write_montage(phantom.study, no_tumor, tmp_path / "montage.png")
    pixels = imread(tmp_path / "montage.png")[..., :3]
    assert np.ptp(pixels, axis=-1).max() < 0.02


def test_volumes_on_grids_of_their_own_are_shown_in_place(phantom: Phantom, segmentation: Segmentation) -> None:
    t2 = phantom.study[Modality.T2]
    thick = Geometry((100, 100, 24), (1.95, 1.95, 6.0), t2.geometry.origin)
    moved = Volume(resample(t2.array, t2.geometry, thick), thick)
    other = Study({**phantom.study.volumes, Modality.T2: moved})
    column = list(Modality).index(Modality.T2)
    first, second = (
        np.asarray(draw_montage(study, segmentation, "", ("coronal",)).axes[column].images[0].get_array())
        for study in (phantom.study, other)
    )
    assert first.shape == second.shape
    assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.85


def test_a_study_without_some_modality_has_one_column_fewer(phantom: Phantom, segmentation: Segmentation) -> None:
    fewer = Study({m: v for m, v in phantom.study.volumes.items() if m is not Modality.T1})
    assert len(draw_montage(fewer, segmentation, "", ("axial",)).axes) == 2 * 3


def test_an_unknown_plane_is_named(phantom: Phantom, segmentation: Segmentation, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="oblique"):
        write_montage(phantom.study, segmentation, tmp_path / "montage.png", planes=("oblique",))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_none_is_told_in_one_line(
    phantom: Phantom, segmentation: Segmentation, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError) as caught:
        write_montage(phantom.study, segmentation, tmp_path / "file" / "montage.png", planes=("axial",))
    assert "montage.png" in str(caught.value) and "\n" not in str(caught.value)


def test_a_failure_while_writing_leaves_the_old_picture_and_nothing_else(
    phantom: Phantom, segmentation: Segmentation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "montage.png"
    path.write_bytes(b"old")

    def fill_the_disk(figure: Figure, target: Path, **_: object) -> None:
        Path(target).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", fill_the_disk)
    with pytest.raises(OutputError, match="No space left"):
        write_montage(phantom.study, segmentation, path, planes=("axial",))
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]
