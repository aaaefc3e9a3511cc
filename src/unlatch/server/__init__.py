"""The passkey server: pages and a JSON interface on top of the library."""
