"""The report of a result and of two compared: a page of one file, in English or Chinese, and the same as a PDF."""
