from __future__ import annotations

import pytest
from BrainTumorVAESegLib.core.modalities import (
    MODALITIES,
    Modality,
    is_brain_mask_name,
    is_segmentation_name,
    recognise_files,
    recognise_modality,
    strip_suffix,
)
from hypothesis import given
from hypothesis import strategies as st

T1, T1CE, T2, FLAIR = Modality.T1, Modality.T1CE, Modality.T2, Modality.FLAIR

DATA_SETS = {
    "BraTS2021_00006_t1.nii.gz": T1,
    "BraTS2021_00006_t1ce.nii.gz": T1CE,
    "BraTS2021_00006_t2.nii.gz": T2,
    "BraTS2021_00006_flair.nii.gz": FLAIR,
    "BraTS-SSA-00074-000-t1n.nii.gz": T1,
    "BraTS-SSA-00074-000-t1c.nii.gz": T1CE,
    "BraTS-SSA-00074-000-t2w.nii.gz": T2,
    "BraTS-SSA-00074-000-t2f.nii.gz": FLAIR,
    "UPENN-GBM-00055_11_T1.nii.gz": T1,
    "UPENN-GBM-00055_11_T1GD.nii.gz": T1CE,
    "UPENN-GBM-00055_11_T2.nii.gz": T2,
    "UPENN-GBM-00055_11_FLAIR.nii.gz": FLAIR,
    "UPENN-GBM-00055_11_T1GD_unstripped.nii.gz": T1CE,
    "BRATS_001_T1w": T1,
    "BRATS_001_T1gd": T1CE,
    "BRATS_001_t2w": T2,
    "TCGA-02-0003_1997.06.08_t1Gd.nii.gz": T1CE,
    "UCSF-PDGM-0004_T1c_bias.nii.gz": T1CE,
    "UCSF-PDGM-0004_T1.nii.gz": T1,
    "sub-01_ses-post_T1w.nii.gz": T1,
    "sub-01_ses-1_ce-gadolinium_T1w.nii.gz": T1CE,
    "sub-01_FLAIR.nii": FLAIR,
    "t1.nrrd": T1,
    "T1CE.mha": T1CE,
    "ct1.nii.gz": T1CE,
    "T2.nhdr": T2,
}
SERIES = {
    "AX T1 POST GAD": T1CE,
    "Ax T1 SE +C": T1CE,
    "AX T1 C+": T1CE,
    "T1 AX W/CONTRAST": T1CE,
    "AX T1 W CONTRAST": T1CE,
    "t1_mprage_sag_p2_iso_KM": T1CE,
    "t1_fl2d_tra_KM": T1CE,
    "t1_vibe_fs_tra_post": T1CE,
    "3D T1 BRAVO +C": T1CE,
    "AX 3D FSPGR POST": T1CE,
    "SAG MPRAGE POST": T1CE,
    "MPRAGE + GD": T1CE,
    "Gd T1 cor": T1CE,
    "CE-T1W": T1CE,
    "ceT1w": T1CE,
    "sT1W_3D_TFE_Gd": T1CE,
    "T1W_3D_TFE +C SENSE": T1CE,
    "AX T1 NO FS POST GAD": T1CE,
    "Pre-op T1 post contrast": T1CE,
    "T1 TRA nach KM": T1CE,
    "T1 3D apres injection": T1CE,
    "AX T1 FLAIR +C": T1CE,
    "AX POST GAD": T1CE,
    "Ax T1": T1,
    "T1 pre contrast": T1,
    "T1 precontrast": T1,
    "SAG T1 W/O": T1,
    "SAG T1 without contrast": T1,
    "Axial T1 non-contrast": T1,
    "T1 tra ohne KM": T1,
    "T1 nativ": T1,
    "eT1W_SE": T1,
    "WIP sT1W_3D_TFE SENSE": T1,
    "t1_mprage_sag_p2_iso": T1,
    "MPRAGE": T1,
    "SAG MP-RAGE": T1,
    "T1sag": T1,
    "3D T1 BRAVO": T1,
    "Sag T1 FSPGR 3D": T1,
    "Ax T1 FLAIR": T1,
    "T1 weighted": T1,
    "T1 postop": T1,
    "Ax T2 FSE": T2,
    "AX T2 PROPELLER": T2,
    "t2_tse_tra_512": T2,
    "T2W_TSE SENSE": T2,
    "dT2W_TSE": T2,
    "3D T2 SPACE": T2,
    "AX T2 POST": T2,
    "Ax T2 FLAIR": FLAIR,
    "FLAIR T2 ax": FLAIR,
    "T2 FLAIR POST GAD": FLAIR,
    "T2W_FLAIR": FLAIR,
    "FLAIR_longTR": FLAIR,
    "SAG CUBE FLAIR": FLAIR,
    "t2_tirm_tra_dark-fluid": FLAIR,
    "t2_space_dark-fluid_sag_p2_iso": FLAIR,
    "t2_spc_da-fl_sag": FLAIR,
    "T2 dark fluid": FLAIR,
    "t1_tirm_tra_dark-fluid_p2": T1,
    "AX T1 POST GD FLAIR": T1CE,
    "MEMPRAGE_4e_p2_1mm_iso RMS": T1,
    "t1_mprage_sag_1mm_iso_+K": T1CE,
    "t1_fl2d_tra_C": T1CE,
    "t1_fl2d_tra_brain_C": T1CE,
    "t1_fl2d_tra": T1,
}
IDENTIFIERS = {
    "P01_FL.nii.gz": FLAIR,
    "P01_T2_FL.nii.gz": FLAIR,
    "FL_01_t2.nii.gz": T2,
    "FL_01_t1.nii.gz": T1,
    "T1_patient_flair": FLAIR,
    "T2_N4_noneck_reduced_winsor_regtoFLAIR_brain_N4_regtoMNI.nii.gz": T2,
    "T1POST_N4_noneck_reduced_winsor_regtoFLAIR_brain_N4_regtoMNI.nii.gz": T1CE,
    "FLAIR_reg2T1.nii.gz": FLAIR,
    "T2_registered_to_T1.nii.gz": T2,
    "T2_in_T1_space.nii.gz": T2,
    "sub-01_space-T1w_FLAIR.nii.gz": FLAIR,
    "T2_patient_flair": FLAIR,
    "T2_patient_t1": T1,
    "contrast study t2": T2,
    "FLAIR_trial_07_t1ce": T1CE,
    "T12_subject_t2": T2,
    "1.5T AX T2": T2,
}
NOTHING = (
    "", "image.nii.gz", "BRATS_001.nii.gz", "AX DWI b1000", "ADC", "t2*_gre", "T2star map", "T2 GRE hemo", "SWI_mIP",
    "ep2d_perf_T1", "localizer", "CT head with contrast", "T1 pre and post", "T1 W/WO", "T1 with and without contrast",
    "T1map", "T1 subtraction", "TSE tra", "T1234", "t1_seg.nii.gz", "BraTS2021_00006_seg.nii.gz", "t2-label", "3D TOF",
    "T1_brainmask.nii.gz", "FLAIR_ROI", "t1c_mask", "sT2W/PD_TSE", "Axial PD-T2 TSE", "t2 weighted double echo",
    "DIR T2", "T2 EG TRA 256 NEW",
)  # fmt: skip


@pytest.mark.parametrize(("name", "modality"), [*DATA_SETS.items(), *SERIES.items(), *IDENTIFIERS.items()])
def test_a_name_tells_its_modality(name: str, modality: Modality) -> None:
    assert recognise_modality(name) is modality


@pytest.mark.parametrize("name", NOTHING)
def test_a_name_that_tells_nothing_or_too_much_is_not_guessed(name: str) -> None:
    assert recognise_modality(name) is None


@given(st.text(st.sampled_from("t12ce fairgdpos+*w/_-.seq"), max_size=30))
def test_any_name_is_either_recognised_or_not(name: str) -> None:
    assert recognise_modality(name) in (*MODALITIES, None)


def test_an_identifier_shared_by_all_files_is_left_out_of_account() -> None:
    found = recognise_files(f"contrast_001_{name}.nii.gz" for name in ("t1", "t1ce", "t2", "flair", "seg"))
    assert list(found.values()) == [T1, T1CE, T2, FLAIR, None]


def test_files_named_by_their_modality_alone_are_not_cut_short() -> None:
    assert recognise_files(["t1.nii.gz", "t1ce.nii.gz", "t2.nii.gz"]) == {
        "t1.nii.gz": T1,
        "t1ce.nii.gz": T1CE,
        "t2.nii.gz": T2,
    }


@pytest.mark.parametrize(
    "name",
    (
        "a_seg.nii.gz", "a-seg.nii", "a_segm.nrrd", "a_GT", "brain_mask.mha", "tumor label", "brainmask.nii.gz",
        "P1_tumorMask.nii.gz", "TumorSeg.nii.gz", "sub-01_dseg.nii.gz", "T1_brainmask.nii.gz", "a.seg.nrrd", "ROI.nii",
    ),
)  # fmt: skip
def test_names_of_segmentations_are_known(name: str) -> None:
    assert is_segmentation_name(name)


@pytest.mark.parametrize("name", ["T1_brainmask.nii.gz", "brain_mask.mha", "P1_BrainMask.nii", "skull_seg.nii.gz"])
def test_a_mask_of_the_brain_is_known_as_such(name: str) -> None:
    assert is_brain_mask_name(name) and is_segmentation_name(name)


@pytest.mark.parametrize("name", ["brain_tumor_seg.nii.gz", "BrainCase_01_seg.nii.gz", "tumorMask.nii", "brain_t1.nii"])
def test_what_is_no_mask_of_the_brain_is_not_taken_for_one(name: str) -> None:
    assert not is_brain_mask_name(name)


@pytest.mark.parametrize("name", ["a_t1.nii.gz", "segment12_flair", "unmasked_t2", "labelled", "BET_t1ce", "heroic"])
def test_names_of_images_are_not_taken_for_segmentations(name: str) -> None:
    assert not is_segmentation_name(name)


def test_the_order_is_fixed() -> None:
    assert [str(m) for m in MODALITIES] == ["T1", "T1ce", "T2", "FLAIR"]


@pytest.mark.parametrize(
    ("name", "stem"),
    [("a.b_t1.nii.gz", "a.b_t1"), ("A.NII.GZ", "A"), ("x.nrrd", "x"), ("case.txt", "case.txt"), ("1.2.3", "1.2.3")],
)
def test_only_image_endings_are_stripped(name: str, stem: str) -> None:
    assert strip_suffix(name) == stem
