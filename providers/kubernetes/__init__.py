"""Kubernetes: sessions, fast lists and narrow structs. What speaks to an API server is here and nowhere else."""
