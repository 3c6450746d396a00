"""The chain: links, how they join, and which findings follow. Pure."""
