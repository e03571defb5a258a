"""What must be installed beside the module, what is, and how it comes."""
