"""Brain tumor segmentation from T1, T1ce, T2 and FLAIR with a two-stage, VAE-regularized network.

The rooms of the library, each importing only from those before it::

    core -> images, networks, measures -> cases, phantom, preparation -> models -> inference
        -> evaluation, exchange, reporting, trust -> training -> cli, worker, slicer

Importing this package imports nothing else: neither torch nor SimpleITK, so that Slicer can load the module at once.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - Slicer 5.8, to which a person can add the module's folder, has 3.9
    raise ImportError(
        "BrainTumorVAESeg needs 3D Slicer 5.10 or later (Python 3.11 or later); this is Python {}.{}. Install a newer"
        " 3D Slicer.".format(*sys.version_info)
    )

__version__ = "0.1.0"
