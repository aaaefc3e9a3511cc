"""Everything that is measured, one module a benchmark: ``python -m bench NAME``."""
