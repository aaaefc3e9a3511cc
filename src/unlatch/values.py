"""Values: frozen, slotted records, as `dataclasses` makes them, but cheap to define and cheap to make.

A frozen dataclass pays one call of ``object.__setattr__`` for each field of each object, and a millisecond for each
class, which a program that verifies one signature pays for a hundred classes. Here each class has a *draft*: a twin
with the same slots, whose attributes may be assigned. An object begins as a draft, gets its fields by plain
assignments, and then becomes one of the frozen class, which is one assignment more.

What is known of dataclasses holds: keyword-only fields, defaults, `__post_init__`, equality, hash, `repr`, pattern
matching, inheritance. `dataclasses.fields`, `replace` and `asdict` work on values; `replace` is here as well, for
those who must not load `dataclasses`. A subclass is decorated too.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from types import FunctionType, MethodType
from typing import Any, ParamSpec, TypeVar, cast, dataclass_transform, overload

T = TypeVar("T")
P = ParamSpec("P")

_REQUIRED: Any = object()


class Field:
    """What the class body says of a field, beside its type; made by `field`."""

    __slots__ = ("compare", "default", "factory", "init", "repr")

    def __init__(self, default: Any, factory: Callable[[], Any] | None, *, init: bool, shown: bool, compare: bool):
        self.default, self.factory = default, factory
        self.init, self.repr, self.compare = init, shown, compare


def field(
    *,
    default: Any = _REQUIRED,
    default_factory: Callable[[], Any] | None = None,
    init: bool = True,
    repr: bool = True,
    compare: bool = True,
) -> Any:
    """A field that is more than a name and a default; the arguments mean what they mean in `dataclasses.field`."""
    return Field(default, default_factory, init=init, shown=repr, compare=compare)


@overload
def frozen(cls: type[T], /) -> type[T]: ...
@overload
def frozen(*, kw_only: bool = False) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T] | None = None, /, *, kw_only: bool = False) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a class of annotated fields a value class.

    Args:
        cls: The class; None where the decorator is written with arguments.
        kw_only: Whether its fields are given by name alone.
    """
    if cls is None:
        return lambda decorated: _make(decorated, kw_only=kw_only)
    return _make(cls, kw_only=kw_only)


def replace(original: T, /, **changes: Any) -> T:
    """A new value with some fields changed, judged by `__post_init__` like any other.

    Raises:
        TypeError: No such field, or one that is not given but computed.
    """
    for name, item in cast("Any", original).__value_fields__.items():
        if item.init and name not in changes:
            changes[name] = getattr(original, name)
    return type(original)(**changes)


def maker(cls: Callable[P, T]) -> Callable[P, T]:
    """What makes values of `cls`, for hot places: fields may be given by position, even of a class that wants names.

    Python 3.11 takes longer to match a keyword than to assign the field, so a call with twenty of them takes five times
    as long. Whoever gives fields by position writes one a line, in the order of the class.
    """
    value_class: Any = cls
    if value_class.__new__ is value_class.__value_unwritten__:
        value_class.__new__ = _written(value_class)
    constructor = value_class.__new__
    code, defaults = constructor.__code__, constructor.__kwdefaults__ or {}
    count = 1 + code.co_kwonlyargcount
    if count > 1:
        if code.co_varnames[count - len(defaults) : count] != tuple(defaults):
            raise TypeError(f"a field of {cls!r} without default stands behind one with a default")
        code = code.replace(co_argcount=count, co_kwonlyargcount=0)
        constructor = FunctionType(code, constructor.__globals__, argdefs=tuple(defaults.values()))
    return cast("Callable[P, T]", MethodType(constructor, cls))


def _make(cls: type[T], *, kw_only: bool) -> type[T]:
    """The frozen class that takes the place of `cls`, as a class with slots cannot be given them later."""
    body = dict(cls.__dict__)
    own = {name: _declared(body.pop(name, _REQUIRED)) for name in body.get("__annotations__", ())}
    inherited: dict[str, Field] = getattr(cls, "__value_fields__", {})
    fields = {**inherited, **own}
    slots = tuple(own)
    for name in ("__dict__", "__weakref__"):
        body.pop(name, None)
    names = tuple(name for name, item in fields.items() if item.compare)
    body = {
        **_METHODS,
        **body,
        "__slots__": slots,
        "__match_args__": () if kw_only else tuple(name for name, item in fields.items() if item.init),
        "__value_fields__": fields,
        "__value_key__": attrgetter(*names) if names else type,
        "__dataclass_fields__": _DataclassFields(),
        "__signature__": _Signature(),
    }
    metaclass: Any = type(cls)
    made = metaclass(cls.__name__, cls.__bases__, body)
    made.__value_kw_only__ = kw_only
    made.__new__ = _first_call(made)
    return cast("type[T]", made)


def _declared(given: Any) -> Field:
    return given if isinstance(given, Field) else Field(given, None, init=True, shown=True, compare=True)


def _first_call(made: Any) -> Callable[..., Any]:
    """What stands for `__new__` until there is a first value: of the classes that a program loads it needs a third."""

    def __new__(cls: Any, *arguments: Any, **named: Any) -> Any:  # noqa: N807 - it stands where a class has it
        made.__new__ = _written(made)
        return made.__new__(cls, *arguments, **named)

    made.__value_unwritten__ = __new__
    return __new__


def _written(made: Any) -> FunctionType:
    """`__new__` of a value class, written out for its fields: what takes no loop takes a fifth of the time."""
    fields = made.__value_fields__
    # Its own `__new__`, not that of a value class that it inherits from: a draft begins empty.
    twin = {"__slots__": made.__slots__, "__setattr__": object.__setattr__, "__new__": object.__new__}
    if "__orig_bases__" in made.__dict__:
        twin["__orig_bases__"] = made.__orig_bases__
    draft = type(made)(made.__name__, made.__bases__, twin)
    names: dict[str, Any] = {"_draft": draft, "_default": _REQUIRED}
    parameters = ["cls", *(["*"] if made.__value_kw_only__ and fields else [])]
    lines = ["self = _draft()"]
    for name, item in fields.items():
        if not item.init:
            continue
        if item.factory is not None:
            names[f"_make_{name}"] = item.factory
            parameters.append(f"{name}=_default")
            lines.append(f"self.{name} = _make_{name}() if {name} is _default else {name}")
            continue
        if item.default is not _REQUIRED:
            names[f"_default_{name}"] = item.default
        parameters.append(name if item.default is _REQUIRED else f"{name}=_default_{name}")
        lines.append(f"self.{name} = {name}")
    lines.append("self.__class__ = cls")
    if hasattr(made, "__post_init__"):
        lines.append("self.__post_init__()")
    text = f"def __new__({', '.join(parameters)}):\n " + "\n ".join(lines) + "\n return self"
    exec(text, names)  # noqa: S102 - built from the names of fields alone
    constructor = cast("FunctionType", names["__new__"])
    constructor.__qualname__ = f"{made.__qualname__}.__new__"
    constructor.__module__ = made.__module__
    return constructor


class _Signature:
    """`__signature__`, for those who ask a class what it takes."""

    __slots__ = ()

    def __get__(self, instance: object, owner: Any) -> Any:
        import inspect

        parameters = list(inspect.signature(_written(owner)).parameters.values())
        return inspect.Signature(parameters[1:])


def _frozen(self: Any, name: str, *_: object) -> None:
    raise AttributeError(f"a {type(self).__name__} is never changed; make another one (field {name!r})")


def _equal(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return self.__value_key__(self) == self.__value_key__(other)


def _hash(self: Any) -> int:
    return hash(self.__value_key__(self))


def _repr(self: Any) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name, item in self.__value_fields__.items() if item.repr)
    return f"{type(self).__qualname__}({shown})"


def _reduce(self: Any) -> tuple[Any, ...]:
    return _restore, (type(self), {name: getattr(self, name) for name in self.__value_fields__})


def _restore(cls: type[T], contents: dict[str, Any]) -> T:
    """A copy, or what comes out of a pickle: the fields as they were, computed ones included."""
    restored = object.__new__(cls)
    for name, content in contents.items():
        object.__setattr__(restored, name, content)
    return restored


class _DataclassFields:
    """`__dataclass_fields__`, for `dataclasses` and whatever knows it; made when somebody asks."""

    __slots__ = ()

    def __get__(self, instance: object, owner: Any) -> dict[str, Any]:
        import dataclasses

        described: list[Any] = []
        for name, item in owner.__value_fields__.items():
            options = {"init": item.init, "repr": item.repr, "compare": item.compare, "kw_only": True}
            if item.factory is not None:
                options["default_factory"] = item.factory
            elif item.default is not _REQUIRED:
                options["default"] = item.default
            described.append((name, owner.__annotations__.get(name, object), dataclasses.field(**options)))
        made: Any = dataclasses.make_dataclass(owner.__name__, described)
        return cast("dict[str, Any]", made.__dataclass_fields__)


_METHODS: dict[str, Any] = {
    "__setattr__": _frozen,
    "__delattr__": _frozen,
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _repr,
    "__reduce__": _reduce,
    "__replace__": replace,
}
