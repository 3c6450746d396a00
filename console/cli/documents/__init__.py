"""Turns the state of the fleet, looks and runs into what the JSON contract says."""
