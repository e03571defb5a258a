"""The report's page: whole in itself, safe whatever names hold, and honest of what is not there."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from BrainTumorVAESegLib.core.errors import InputError, OutputError
from BrainTumorVAESegLib.core.geometry import Geometry
from BrainTumorVAESegLib.core.modalities import Modality
from BrainTumorVAESegLib.core.segmentation import Segmentation
from BrainTumorVAESegLib.core.volume import Study, Volume
from BrainTumorVAESegLib.images.dicom_patient import Patient
from BrainTumorVAESegLib.reporting.report.language import Language
from BrainTumorVAESegLib.reporting.report.writing import ReportOptions, write_report

NAMED = ReportOptions(identify=True, view3d=False)
_ASKS = {"src", "href", "xlink:href", "srcset", "data", "action", "poster", "background", "cite", "formaction"}


class Elements(HTMLParser):
    """Gathers a page's elements with their attributes, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def without_pictures(page: str) -> str:
    return re.sub(r'"data:[^"]*"', '""', page)


@pytest.mark.parametrize("language", Language)
def test_the_page_asks_for_nothing_beyond_itself(page, language: Language) -> None:
    text = page(ReportOptions(language, view3d=False))
    elements = Elements(text).elements
    addresses = [value for _, found in elements for name, value in found.items() if name in _ASKS]
    assert len(addresses) > 12 and all(
        address and address.startswith("data:image/png;base64,") for address in addresses
    )
    assert not {tag for tag, _ in elements} & {"script", "link", "iframe", "object", "embed", "base", "form"}
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert "url(" not in style and "@import" not in style and "http" not in style
    assert not re.search(r"(?:https?:)?//[a-z]", without_pictures(text))
    policy = [found["content"] for _, found in elements if found.get("http-equiv") == "Content-Security-Policy"]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_it_tells_volumes_ranges_lesions_images_notes_and_what_it_is_for(page, segmentation: Segmentation) -> None:
    text = Elements(page()).text
    volumes = segmentation.volumes_ml()
    assert f"WT Whole tumor {volumes['WT']:.1f} 10.0 – 900.0" in text
    assert f"ED Edema {volumes['ED']:.1f} –" in text
    assert "ET 1" in text and "WT 1" in text and "sum of their products" in text
    assert "40 × 44 × 34, 5 × 5 × 5 mm" in text and "cdcdcdcdcdcdcdcd" in text
    assert "the background is -1024, not 0; it is taken as 0." in text
    assert "5.1 ml that the tumor or its core encloses were filled." in text
    assert "made 1.2.3" in text and "ab" * 32 in text and "2026-11-28 09:30" in text
    assert "For research use only. Not a medical device." in text and "pre-operative glioma" in text
    assert "The 3D view is left out: it was not asked for." in text


def test_it_speaks_chinese(page) -> None:
    text = page(ReportOptions(Language.ZH, view3d=False))
    words = Elements(text).text
    assert '<html lang="zh-CN">' in text
    assert "仅供研究使用，并非医疗器械。" in words and "全肿瘤" in words and "背景值为 -1024" in words
    assert "填充了肿瘤或其核心所包围的 5.1 ml。" in words
    assert "Whole tumor" not in words and "For research" not in words


def test_names_are_withheld_unless_it_is_to_identify(page) -> None:
    patient = Patient("JANE DOE", "4711", "1950-01-02", "2026-01-01")
    silent = without_pictures(page(patient=patient))
    assert not re.search("DOE|JANE|4711|1950", silent)
    told = Elements(page(NAMED, patient=patient)).text
    assert "Case DOE_JANE_1950 Patient JANE DOE Patient ID 4711 Born 1950-01-02 Examined 2026-01-01" in told
    assert "DOE_JANE_1950_t1.nii.gz" in told


def test_a_file_named_in_a_sentence_is_withheld_too(page, summary) -> None:
    message = "the image is the same as that given for T1 (scans/DOE_JANE_1950_t1.nii.gz)."
    finding = {**summary["findings"][0], "code": "duplicate", "severity": "error", "message": message}
    text = Elements(page(said={"findings": [finding]})).text
    assert "the image is the same as that given for T1." in text and "DOE" not in text


def test_markup_and_control_characters_in_names_stay_text(page, summary) -> None:
    evil = '<script>alert("x")</script>\x1b[31m\x00\u202e&lt;'
    images = {"T1": {"file": evil, "sha256": "<b>"}, "T1ce": {"series": evil, "description": evil, "files": evil}}
    finding = {**summary["findings"][0], "message": evil, "advice": evil, "code": evil}
    package = {"name": evil, "version": evil, "sha256": evil}
    verdict = {"familiarity": evil, "reasons": [{"message": evil}], "unavailable": [evil]}
    said = {"name": evil, "images": images, "findings": [finding], "notes": [evil], "device": evil, "package": package,
            "versions": {evil: evil}, "input": verdict}  # fmt: skip
    text = page(NAMED, said=said, patient=Patient(evil, evil, evil, evil))
    assert "script" not in {tag for tag, _ in Elements(text).elements}
    assert "<script" not in text and "&lt;script&gt;" in text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", text)


def test_what_is_no_value_of_the_right_kind_is_passed_over(page) -> None:
    said = {
        key: 7 for key in ("findings", "notes", "images", "package", "versions", "input", "preparation", "timings_s")
    }
    text = Elements(page(said={**said, "volumes_ml": "x", "measures": 3, "intervals_ml": [1], "device": None})).text
    assert "WT Whole tumor" in text and "Not judged" in text


def test_an_empty_segmentation_is_said_and_has_no_outline(page, no_tumor: Segmentation) -> None:
    text = page(mask=no_tumor, said={"volumes_ml": no_tumor.volumes_ml(), "intervals_ml": {}})
    words = Elements(text).text
    assert "No tumor was found: the segmentation is empty." in words and "There is nothing to measure." in words
    assert text.count("<image") == 4 + 4  # the axial slice of each image, and two planes of two of them


def test_one_voxel_and_a_lesion_on_the_border_are_reported(page, no_tumor: Segmentation) -> None:
    labels = no_tumor.labels.copy()
    labels[17, 22, 20] = 3
    labels[-1, :6, :6] = labels[-2, :6, :6] = 3
    text = Elements(page(mask=replace(no_tumor, labels=labels), said={"volumes_ml": None})).text
    assert "ET 1" in text and "ET 2" in text and "5.0 × 5.0" in text


def test_an_edited_mask_is_measured_anew_and_the_ranges_are_left_out(page, segmentation: Segmentation) -> None:
    labels = segmentation.labels.copy()
    labels[labels == 3] = 2
    text = Elements(page(mask=replace(segmentation, labels=labels))).text
    assert "The mask was edited after it was segmented" in text
    assert "ET Enhancing tumor 0.0 –" in text and "900.0" not in text


def test_missing_images_and_other_grids_are_no_obstacle(page, phantom, segmentation: Segmentation) -> None:
    coarse = Geometry((20, 22, 9), (10.0, 10.0, 20.0), (0.0, 0.0, 0.0))
    flair = Volume(np.ones((9, 22, 20), np.int16), coarse)
    study = Study({Modality.T1CE: phantom.study[Modality.T1CE], Modality.FLAIR: flair})
    text = Elements(page(study=study)).text
    assert "T1ce (reference)" in text and "20 × 22 × 9, 10 × 10 × 20 mm" in text


def test_the_report_of_another_case_is_not_replaced(page, phantom, segmentation, summary, tmp_path: Path) -> None:
    page()
    page()  # its own is
    path = tmp_path / "report.html"
    volumes = {m: replace(v, array=v.array + np.float32(m is Modality.T1CE)) for m, v in phantom.study.volumes.items()}
    other, before = Study(volumes), path.read_bytes()
    with pytest.raises(OutputError, match=r"report\.html: is the report of another case \([0-9A-F-]+, this one is"):
        write_report(other, segmentation, summary, path)
    assert path.read_bytes() == before
    path.write_text("<html>a page of somebody</html>")
    with pytest.raises(OutputError, match="is no report of this program; choose another folder or name"):
        write_report(phantom.study, segmentation, summary, path)


def test_a_wrong_ending_or_grid_is_refused(phantom, segmentation, summary, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"report\.docx: a report is written as \.html or \.pdf"):
        write_report(phantom.study, segmentation, summary, tmp_path / "report.docx")
    elsewhere = replace(segmentation.geometry, origin=(1.0, 2.0, 3.0))
    with pytest.raises(InputError, match="not on the reference volume's grid"):
        write_report(phantom.study, replace(segmentation, geometry=elsewhere), summary, tmp_path / "report.html")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("language", Language)
def test_what_was_done_to_the_images_first_is_told(page, language: Language) -> None:
    moved = {"outcome": "registered", "before": 0.1, "after": 0.4, "moved_mm": 12.34, "turned_degrees": 3.21}
    said = {"preparation": {"alignments": {"T2": moved, "FLAIR": {"outcome": "kept"}, "T1": {"outcome": "aligned"}},
                            "mask": "HD-BET", "brain_ml": 1234.5, "unshaded": ["T1"]}}  # fmt: skip
    text = Elements(page(ReportOptions(language, view3d=False), said=said)).text
    told = {
        Language.EN: ("T2 was registered to the reference: moved by 12.3 mm, turned by 3.2°.", "FLAIR was left",
                      "T1 lay in place.", "The brain mask comes from HD-BET and has 1234 ml.",
                      "Strong shading was taken from T1."),
        Language.ZH: ("T2 已配准到参考图像：移动 12.3 mm，旋转 3.2°。", "FLAIR 保持原位", "脑掩膜来自 HD-BET"),
    }  # fmt: skip
    assert all(sentence in text for sentence in told[language])


@pytest.mark.parametrize(
    ("shading", "strong", "evened", "said"),
    [
        ("auto", [], ["T1", "T2"], ["Weak shading was taken from T1, T2."]),
        ("auto", ["T1"], ["T1", "T2"], ["Strong shading was taken from T1.", "Weak shading was taken from T2."]),
        ("auto", [], [], ["Shading was left in the images: too little is seen to tell it by."]),
        ("auto", [], None, []),
        ("off", [], [], []),
    ],
)
def test_shading_is_told_of_the_images_that_it_was_taken_from(page, shading, strong, evened, said) -> None:
    """A result of a former version says nothing of it (None), and neither does its report."""
    told = {"shading": shading, "unshaded": strong, **({} if evened is None else {"evened": evened})}
    text = Elements(page(ReportOptions(view3d=False), said={"preparation": told})).text
    assert re.findall(r"(?:Strong |Weak )?[Ss]hading was [^.]*\.", text) == said
