"""What case folders, lists and data sets look like, and how a case is read."""
