"""A case from its images to its files, and many of them: here, or on Dask's workers anywhere."""
