"""The whole tool against a real Kubernetes, as its users run it."""
