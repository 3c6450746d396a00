"""Observes every cluster side by side and holds the newest snapshot."""
