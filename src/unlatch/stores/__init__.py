"""Where ceremonies wait and credentials live: a protocol (`unlatch.stores.protocols`) and its implementations."""
