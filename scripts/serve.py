"""Becomes the server, in the foreground of the terminal, so that Ctrl-C reaches it and nothing else.

`make` would answer Ctrl-C with an error of its own, although the server stops cleanly. So the server becomes its own
process group and takes the terminal: it alone gets the signal, ends with exit code 0, and `make` has nothing to report.
"""

import os
import signal
import sys
from pathlib import Path


def take_terminal() -> None:
    """Make this process the foreground process group of its terminal, if it has one."""
    if not sys.stdin.isatty() or os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp():
        return
    # A suspended server would leave the terminal to nobody: `make` does not hear of it.
    signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    os.setpgid(0, 0)
    handler = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(sys.stdin.fileno(), os.getpid())
    signal.signal(signal.SIGTTOU, handler)


take_terminal()
program = Path(sys.executable).with_name("unlatch")
os.execv(program, [str(program), "serve", *sys.argv[1:]])
