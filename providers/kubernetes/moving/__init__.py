"""Renames inside a hub's directory."""
