"""Filestores: one protocol, value types, and one file for each backend."""
