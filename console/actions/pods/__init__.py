"""Ending pods: a user's stuck server, helper pods that were left behind."""
