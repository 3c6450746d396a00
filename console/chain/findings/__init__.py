"""The rules, one module a link, and how they are put together: a cause stands once, its consequences in its text."""
