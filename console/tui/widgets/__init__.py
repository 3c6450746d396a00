"""The widgets: they draw lines and report keys."""
