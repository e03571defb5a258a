"""What `fuzz.py` is made of: the kinds of inputs, and how they are tried in processes of their own."""
