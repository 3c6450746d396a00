"""A real Kubernetes for the tests: built from Go modules, started as one node, ended with the test run."""
