"""What `unlatch.values` makes: as frozen as dataclasses, and known to `dataclasses`."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import Any, Generic, TypeVar

import pytest

from unlatch.values import field, frozen, maker, replace

T = TypeVar("T")


@frozen
class Point:
    """A place."""

    x: int
    y: int = 7

    def sum(self) -> int:
        return self.x + self.y


@frozen
class Place(Point):
    """A point with a name."""

    name: str = ""


@frozen(kw_only=True)
class Account:
    name: str
    secret: str = field(default="none", repr=False)
    tags: list[str] = field(default_factory=list)
    size: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("an account has a name")
        object.__setattr__(self, "size", len(self.name))


@frozen
class Box(Generic[T]):
    content: T


@frozen
class Nothing:
    """A value without fields."""


@frozen
class Proud:
    x: int

    def __repr__(self) -> str:
        return "proud"


def test_fields_are_given_by_place_or_name() -> None:
    assert (Point(1).x, Point(1).y, Point(1, 2).y, Point(y=3, x=4).x) == (1, 7, 2, 4)
    assert Place(1, 2, "here").sum() == 3
    assert str(inspect.signature(Point)) == "(x, y=7)"
    assert Point.__doc__ == "A place."
    assert Box[int](5).content == 5


FALSE_ARGUMENTS: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
    (Point, (), {}),
    (Point, (1, 2, 3), {}),
    (Point, (1,), {"z": 1}),
    (Point, (1,), {"x": 1}),
    (Account, ("ada",), {}),
    (Account, (), {}),
    (Account, (), {"name": "ada", "size": 3}),
    (Nothing, (1,), {}),
]


@pytest.mark.parametrize(("kind", "arguments", "named"), FALSE_ARGUMENTS)
def test_false_arguments(kind: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        kind(*arguments, **named)


@frozen(kw_only=True)
class Mixed:
    size: int = 1
    name: str


def test_a_maker_refuses_what_positions_cannot_say() -> None:
    assert Mixed(name="ada").size == 1
    with pytest.raises(TypeError, match="without default stands behind"):
        maker(Mixed)


def test_a_constructor_is_written_with_the_first_value() -> None:
    @frozen
    class Fresh:
        x: int

    unwritten = Fresh.__new__
    with pytest.raises(TypeError):
        Fresh(1, 2)  # type: ignore[call-arg]  # that is the point
    assert Fresh.__new__ is not unwritten
    assert (Fresh(1).x, unwritten(Fresh, 2).x, Fresh(x=3).x) == (1, 2, 3)


def test_a_maker_takes_fields_by_position_too() -> None:
    make: Any = maker(Account)
    assert (
        make("ada", "s", ["t"])
        == make(name="ada", tags=["t"], secret="s")
        == Account(name="ada", secret="s", tags=["t"])
    )
    assert type(make("ada")) is Account
    for arguments, named in (((), {}), (("ada", "s", [], 3), {}), (("ada",), {"name": "ada"}), (("ada",), {"size": 3})):
        with pytest.raises(TypeError):
            make(*arguments, **named)


@pytest.mark.parametrize("name", ["x", "y", "other", "__class__"])
def test_nothing_changes(name: str) -> None:
    for value in (Point(1, 2), Place(1, 2), copy.copy(Point(1, 2)), replace(Point(1), y=2), maker(Point)(1, 2)):
        with pytest.raises(AttributeError, match="never changed"):
            setattr(value, name, 3)
        with pytest.raises(AttributeError, match="never changed"):
            delattr(value, name)
        assert (value.x, value.y) == (1, 2)
        assert not hasattr(value, "__dict__")


def test_equality_is_of_class_and_fields() -> None:
    assert Point(1) == Point(1, 7)
    assert hash(Point(1)) == hash(Point(1, 7))
    assert Point(1) != Point(2)
    assert Point(1) != Point(1, 2)
    assert Point(1, 2) != Place(1, 2), "another class"
    assert Place(1, 2) != Place(1, 2, "x")
    assert Box((1,)) == Box((1,))
    assert Point(1).__eq__((1, 7)) is NotImplemented
    assert Nothing() == Nothing()
    assert len({Nothing(), Nothing(), Point(1), Point(1)}) == 2
    one, other = Account(name="ada"), Account(name="ada")
    object.__setattr__(other, "size", 99)
    assert one == other, "size is not compared"
    assert one != Account(name="ada", secret="other")


def test_repr_shows_what_may_be_shown() -> None:
    assert repr(Place(1, name="here")) == "Place(x=1, y=7, name='here')"
    assert repr(Account(name="ada", secret="x")) == "Account(name='ada', tags=[], size=3)"
    assert repr(Proud(1)) == "proud"
    assert repr(Nothing()) == "Nothing()"


def test_a_factory_is_called_for_each_value() -> None:
    one, other = Account(name="ada"), Account(name="ada")
    assert one.tags == []
    assert one.tags is not other.tags
    assert Account(name="ada", tags=["x"]).tags == ["x"]


def test_every_way_to_make_one_is_judged() -> None:
    account = Account(name="ada")
    assert account.size == 3
    assert replace(account, name="alan").size == 4
    for make in (
        lambda: Account(name=""),
        lambda: maker(Account)(name=""),
        lambda: replace(account, name=""),
        lambda: dataclasses.replace(account, name=""),
    ):
        with pytest.raises(ValueError, match="has a name"):
            make()
    for changes in ({"size": 1}, {"unknown": 1}):
        with pytest.raises(TypeError):
            replace(account, **changes)


def test_replace_changes_what_it_is_told() -> None:
    account = Account(name="ada", secret="s", tags=["t"])
    changed = replace(account, secret="new")
    assert (changed.name, changed.secret, changed.tags) == ("ada", "new", ["t"])
    assert account.secret == "s"
    assert replace(Place(1, 2, "here"), x=3) == Place(3, 2, "here")


def test_copies_are_equal() -> None:
    for value in (Place(1, 2, "here"), Account(name="ada", tags=["x"]), Nothing()):
        for twin in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
            assert twin == value
            assert type(twin) is type(value)
    assert pickle.loads(pickle.dumps(Account(name="ada"))).size == 3


def test_dataclasses_knows_them() -> None:
    account = Account(name="ada", tags=["x"])
    assert dataclasses.is_dataclass(account)
    assert [(item.name, item.init, item.repr, item.compare) for item in dataclasses.fields(Account)] == [
        ("name", True, True, True),
        ("secret", True, False, True),
        ("tags", True, True, True),
        ("size", False, True, False),
    ]
    assert dataclasses.fields(Account)[1].default == "none"
    assert dataclasses.fields(Account)[2].default_factory is list
    assert dataclasses.fields(Place)[0].default is dataclasses.MISSING
    assert dataclasses.asdict(account) == {"name": "ada", "secret": "none", "tags": ["x"], "size": 3}
    assert dataclasses.replace(Place(1, 2, "here"), y=5) == Place(1, 5, "here")


def test_patterns_match() -> None:
    match Place(1, 2, "here"):
        case Place(x, y, "here"):
            assert (x, y) == (1, 2)
        case _:
            pytest.fail("no match")
    assert Account.__match_args__ == ()


def test_a_subclass_is_decorated_too() -> None:
    class Undecorated(Point):
        pass

    with pytest.raises(TypeError, match="layout"):
        Undecorated(1)
