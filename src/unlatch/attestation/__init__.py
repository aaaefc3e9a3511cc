"""Attestation: one file a statement format (section 8), and the policy that says what a statement is worth."""
