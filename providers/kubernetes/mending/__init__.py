"""Mends owners and modes below a hub's directory: tells what is wrong, and changes exactly what was approved."""
