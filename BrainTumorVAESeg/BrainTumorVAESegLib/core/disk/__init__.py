"""Files and folders: fit paths, guarded reading, claims, what is written beside and moved into place."""
