"""Does a sign-in stay as fast when there are a million passkeys? `python -m bench.scale`."""
