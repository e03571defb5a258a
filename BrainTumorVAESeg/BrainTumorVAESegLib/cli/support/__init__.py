"""What several commands share: options, inputs, running, the screen, what is written and shown."""
