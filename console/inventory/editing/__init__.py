"""Changes files that people wrote, in place: only what has to change changes, every other byte stays."""
