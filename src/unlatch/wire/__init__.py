"""Bytes and JSON to values and back: standard library only, no policy, no clock, no keys but as numbers."""
