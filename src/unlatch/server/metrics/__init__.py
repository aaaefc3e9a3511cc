"""What a monitoring system asks for: counts and times, never who, never a secret.

Metrics have a listener of their own, off unless it is asked for, so that no proxy passes them on to the world by
mistake. The processes of one server write to files in one folder, which the listener adds up.
"""

from typing import Final

#: Where in the scope of a request the codes are left that its answer stands for, where somebody counts them.
CODES: Final = "unlatch.codes"
