"""Names of the older library that have nothing to do here: asking for one says what to use instead."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, NoReturn, ParamSpec, TypeVar

from unlatch.compat.webauthn_rp.errors import UnimplementedError

P = ParamSpec("P")
T = TypeVar("T")
_POLICY = (
    "all registered algorithms and formats are built in; use unlatch.Policy and unlatch.AttestationPolicy, given to "
    "CredentialsBackend(policy=...), to say which are accepted"
)


def refuse_name(module: str, name: str, instead: dict[str, str]) -> NoReturn:
    """For a module's `__getattr__`.

    Raises:
        ImportError: A name that is gone, with its replacement. (An AttributeError would lose the sentence in
            ``from module import name``.)
        AttributeError: Any other name.
    """
    if name in instead:
        raise ImportError(f"{module}.{name} is gone: {instead[name]}.", name=module)
    raise AttributeError(f"module {module!r} has no attribute {name!r}")


class Fixed(Generic[P, T]):
    """A function that could be extended by `register` in the older library, and no longer can."""

    def __init__(self, function: Callable[P, T], instead: str = _POLICY) -> None:
        self._function = function
        self._instead = instead
        update_wrapper(self, function)

    def __call__(self, *arguments: P.args, **named: P.kwargs) -> T:
        """Call the function."""
        return self._function(*arguments, **named)

    def register(self, *arguments: Any, **named: Any) -> NoReturn:  # noqa: ARG002 - whatever was registered, none is taken
        """Refuse, whatever is registered.

        Raises:
            UnimplementedError: Always; it names the replacement.
        """
        self._refuse("register")

    def dispatch(self, *arguments: Any, **named: Any) -> NoReturn:  # noqa: ARG002 - as above
        """Refuse as `register` does."""
        self._refuse("dispatch")

    @property
    def registry(self) -> NoReturn:
        """Refuse as `register` does."""
        self._refuse("registry")

    def _refuse(self, name: str) -> NoReturn:
        raise UnimplementedError(f"{self._function.__name__}.{name} is gone: {self._instead}.")
