"""The codes of the server: those of every HTTP interface of this package."""

from unlatch.adapters.http.codes import HttpCode as ServerCode
from unlatch.adapters.http.codes import Rejected

__all__ = ["Rejected", "ServerCode"]
