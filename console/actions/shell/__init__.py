"""A shell with a hub's homes mounted."""
