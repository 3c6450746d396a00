"""Measurements, side by side in one run: ratios, never verdicts of the test suite."""
