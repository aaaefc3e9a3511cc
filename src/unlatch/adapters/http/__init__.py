"""The neutral HTTP interface of the ceremonies: what every web framework's door is made of.

`Door` answers a `Request` with an `Answer`; `Users` is what the host application lends.
"""

from unlatch.adapters.http.codes import HttpCode, Rejected
from unlatch.adapters.http.door import Door
from unlatch.adapters.http.exchange import Answer, Request, Route, SignedIn, SignedOut
from unlatch.adapters.http.session import Session
from unlatch.adapters.http.users import Users, new_user_handle

__all__ = [
    "Answer",
    "Door",
    "HttpCode",
    "Rejected",
    "Request",
    "Route",
    "Session",
    "SignedIn",
    "SignedOut",
    "Users",
    "new_user_handle",
]
