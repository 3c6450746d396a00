"""A fleet of real hubs on the real cluster, each broken in one way."""
