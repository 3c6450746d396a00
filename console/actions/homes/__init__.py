"""Moving what is in homes, and homes themselves: aside, into the trash, to another name. Nothing is deleted."""
