"""The Textual front end: screens, widgets and styles."""
