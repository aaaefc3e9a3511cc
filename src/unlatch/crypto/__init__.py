"""Signatures, certificates and revocation: the only floor that touches `cryptography`."""
