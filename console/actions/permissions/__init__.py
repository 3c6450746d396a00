"""Mending owners and modes below a hub's directory."""
