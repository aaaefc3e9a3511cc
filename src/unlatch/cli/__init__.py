"""The command `unlatch`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line; without the packages that it needs, say what to install."""
    try:
        from unlatch.cli.commands import unlatch
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        sys.exit("unlatch: The command line needs one more package: pip install 'unlatch[cli]'")
    unlatch()
