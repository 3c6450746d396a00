"""What the screens say, as lines of words with roles: pure functions of the snapshot. No widget, no I/O."""
