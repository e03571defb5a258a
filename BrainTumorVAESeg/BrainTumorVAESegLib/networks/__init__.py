"""The two stages' networks and their losses (torch)."""
