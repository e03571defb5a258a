"""Dask's workers: started on this machine or joined, and tasks handed out to them."""
