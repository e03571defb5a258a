"""Plain data: modalities, labels, volumes, studies, settings, findings and errors. Needs numpy alone."""
