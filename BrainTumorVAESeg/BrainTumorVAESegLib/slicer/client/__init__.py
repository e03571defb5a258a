"""The other side of the worker: its process, the messages, files handed over, steps of long work."""
