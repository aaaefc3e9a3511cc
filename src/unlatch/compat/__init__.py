"""Older interfaces as thin skins over this library, and importers for what they stored."""
