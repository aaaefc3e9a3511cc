"""Ceremonies of unlatch beside those of its peers, in one run: `make bench`."""
