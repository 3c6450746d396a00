"""Kubernetes: sessions, fast lists and narrow structs. The only place that imports the kubernetes package."""
