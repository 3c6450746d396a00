"""Looks inside: what is on a share, seen through the same path that users' servers take, and changed in nothing."""
