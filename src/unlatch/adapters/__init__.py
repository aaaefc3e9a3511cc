"""Doors: the ceremonies behind the web frameworks that people use."""
