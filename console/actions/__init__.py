"""Guided actions: plan, approve, run, verify, record, undo; once for both front ends."""
