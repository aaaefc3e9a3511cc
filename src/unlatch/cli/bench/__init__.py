"""Measuring ceremonies: what a registration and a sign-in cost on this machine, beside the bare signature."""
