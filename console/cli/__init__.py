"""The headless front end: data on stdout, narration on stderr."""
