"""How good a segmentation is: overlap, surfaces, lesions and volumes against the ground truth, by case and together.

`compare` scores one pair of label maps, `summarize` many; `score_package` and `score_predictions` read the files.
"""
