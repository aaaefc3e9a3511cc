"""Attestation: one file a statement format, and the policy that says what a verdict is worth."""
