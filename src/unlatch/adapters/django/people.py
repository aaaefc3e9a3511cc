"""Django's users as the neutral handler knows them: by handle, by name, and made at sign-up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, router, transaction

from unlatch.adapters.django.database import translated
from unlatch.adapters.django.models import Credential, UserHandle
from unlatch.adapters.http import HttpCode, Rejected, Users, new_user_handle
from unlatch.wire.options import UserEntity

#: Makes and saves the user of a new account.
Maker = Callable[[UserEntity], Any]


def users(sign_up: bool | Maker) -> Users:
    """The functions that a `Door` asks.

    Args:
        sign_up: Whether accounts are made with passkeys, or what makes them.
    """
    make = sign_up if callable(sign_up) else _make

    def create(entity: UserEntity) -> None:
        with translated():
            try:
                # A savepoint: it survives the refusal.
                with transaction.atomic(using=router.db_for_write(get_user_model())):
                    user = make(replace(entity, name=_normal(entity.name)))
            except ValidationError as error:
                raise Rejected(HttpCode.USERNAME_INVALID, " ".join(error.messages)) from error
            except IntegrityError:
                raise Rejected(HttpCode.USERNAME_TAKEN) from None
            _link(user, entity.id)

    return Users(by_handle=_by_handle, by_name=_by_name, create=create if sign_up else None, key=_normal)


def entity_of(user: Any) -> UserEntity:
    """A user of Django in WebAuthn's words; one who has no handle yet gets one.

    Raises:
        Unavailable: The database did not answer.
    """
    with translated():
        handle, _ = UserHandle.objects.get_or_create(user=user, defaults={"value": new_user_handle().hex()})
    # Not every user model has a full name, and not every user a username.
    shown = user.get_full_name() if hasattr(user, "get_full_name") else ""
    name = str(user.get_username() or shown)
    return UserEntity(bytes.fromhex(handle.value), name, shown or name)


def current_user(request: Any) -> UserEntity | None:
    """Who is signed in."""
    return entity_of(request.user) if request.user.is_authenticated else None


def user_with(handle: bytes) -> Any:
    """The user with this handle, or None.

    Raises:
        Unavailable: The database did not answer.
    """
    # Where it was written: a replica may not know yet who has just signed up.
    handles = UserHandle.objects.using(router.db_for_write(UserHandle))
    with translated():
        found = handles.select_related("user").filter(value=handle.hex()).first()
    return None if found is None else found.user


def _by_handle(handle: bytes) -> UserEntity | None:
    """The user with a handle.

    Raises:
        Rejected: Somebody who is not active. Nobody is told that the passkey is unknown then: it may open the account
            again one day, and passkey managers would forget it.
    """
    user = user_with(handle)
    if not getattr(user, "is_active", True):
        raise Rejected(HttpCode.NOT_VERIFIED)
    return None if user is None else entity_of(user)


def _by_name(name: str) -> UserEntity | None:
    """The user with a name, active or not: their names are taken.

    Raises:
        Rejected: The model takes no such name, which is better said before somebody makes a passkey for it.
    """
    model: Any = get_user_model()
    normal = _normal(name)
    with translated():
        # As it was typed too: rows may be older than the model's idea of a normal form.
        user = _named(model, normal) or (_named(model, name) if name != normal else None)
    if user is not None:
        return entity_of(user)
    try:
        model._meta.get_field(model.USERNAME_FIELD).run_validators(normal)  # noqa: SLF001 - as above
    except ValidationError as error:
        raise Rejected(HttpCode.USERNAME_INVALID, " ".join(error.messages)) from error
    return None


def _normal(name: str) -> str:
    """A name in the form that the user model keeps."""
    model: Any = get_user_model()
    user = model(**{model.USERNAME_FIELD: model.normalize_username(name)})
    # Where it refuses, it may be for want of what a user with nothing but a name has not.
    with suppress(ValidationError, ObjectDoesNotExist):
        user.clean()
    manager = model._default_manager  # noqa: SLF001 - public in Django
    if model.get_email_field_name() == model.USERNAME_FIELD and hasattr(manager, "normalize_email"):
        return str(manager.normalize_email(user.get_username()))
    return str(user.get_username())


def _named(model: Any, name: str) -> Any:
    """The user with a name, by the model's own idea of which names are the same, or None."""
    manager = model._default_manager  # noqa: SLF001 - public in Django
    user = manager.filter(**{model.USERNAME_FIELD: name}).first()
    if user is None and hasattr(manager, "get_by_natural_key"):
        # The password's back end finds people so; a manager may pay no heed to capitals.
        with suppress(model.DoesNotExist, model.MultipleObjectsReturned):
            return manager.get_by_natural_key(name)
    return user


def _make(entity: UserEntity) -> Any:
    """A user with nothing but a name."""
    model: Any = get_user_model()
    user = model(**{model.USERNAME_FIELD: entity.name})
    user.set_unusable_password()
    user.clean_fields()
    user.clean()
    user.save()
    return user


def _link(user: Any, handle: bytes) -> None:
    """Give a new user the handle that the passkey knows, and the passkey its user."""
    UserHandle.objects.create(user=user, value=handle.hex())
    Credential.objects.filter(user_handle=handle.hex()).update(user=user)
