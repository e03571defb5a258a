"""An answer as DICOM objects, through highdicom: segmentations (SEG), and a report of the measures (SR)."""
