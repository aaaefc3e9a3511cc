"""``python -m unlatch.cli``."""

from unlatch.cli import main

main()
