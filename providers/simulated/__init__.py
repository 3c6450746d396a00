"""The embedded fleet: the same protocols over a world in memory."""
