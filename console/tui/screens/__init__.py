"""The screens, one a file; all but the first are imported when they are first opened."""
