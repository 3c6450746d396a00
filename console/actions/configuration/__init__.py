"""Files of the configuration tree that actions edit, commit and deploy."""
