"""Makes a hub's directory and what is in it from the start, and takes away what is still empty."""
