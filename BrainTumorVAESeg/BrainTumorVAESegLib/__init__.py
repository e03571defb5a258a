"""Brain tumor segmentation from T1, T1ce, T2 and FLAIR with a two-stage, VAE-regularized network.

The rooms of the library, each importing only from those before it::

    core -> images, networks, measures -> cases, phantom, preparation -> models -> inference
        -> evaluation, exchange, reporting, trust -> training -> cli, worker, slicer

Importing this package imports nothing else: neither torch nor SimpleITK, so that Slicer can load the module at once.
"""

__version__ = "0.1.0"
