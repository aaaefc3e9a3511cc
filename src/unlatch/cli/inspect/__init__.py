"""``unlatch inspect``: what pasted bytes are, and what is in them."""
