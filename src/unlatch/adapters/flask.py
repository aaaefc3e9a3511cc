"""Passkeys for Flask: an extension with a blueprint, and a decorator for views that need a recent verification.

```python
unlatch = Unlatch(users=Users(by_handle=..., by_name=..., create=...), db=db)
unlatch.init_app(app)  # or Unlatch(app, ...)
```

Configuration, each key in `app.config`:

* ``UNLATCH_RP_ID``: the domain; needed, unless a `RelyingParty` is given.
* ``UNLATCH_RP_NAME``, ``UNLATCH_ORIGINS``: as `RelyingParty`; the origin is https on the RP ID when left out.
* ``UNLATCH_URL_PREFIX``: where the routes are, ``/webauthn``.
* ``UNLATCH_CONFIRM_WITHIN``: seconds, 600; None asks for no confirmation.
* ``UNLATCH_TELL_UNKNOWN``, ``UNLATCH_ENROLL_PAGE``, ``UNLATCH_MANAGE_PAGE``: as `Door`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar

from flask import Blueprint, Flask, Response, current_app, request, session
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge

from unlatch.adapters.http import Answer, Door, HttpCode, Rejected, Request, Route, Session, SignedIn, SignedOut, Users
from unlatch.adapters.http.admission import expect_length
from unlatch.adapters.http.door import module
from unlatch.adapters.http.session import KEY
from unlatch.adapters.http.users import Found
from unlatch.adapters.http.visit import CONFIRM_WITHIN
from unlatch.ceremonies.policy import Policy
from unlatch.ceremonies.relying_party import RelyingParty
from unlatch.codes import Code
from unlatch.errors import Malformed, Misconfigured
from unlatch.stores.requests import Stores
from unlatch.wire.options import UserEntity
from unlatch.wire.strict_json import MAX_BYTES

if TYPE_CHECKING:
    from unlatch.decoys import Decoys
    from unlatch.stores.protocols import CeremonyStore, CredentialStore

P = ParamSpec("P")
R = TypeVar("R")
SignInHook = TypeVar("SignInHook", bound=Callable[[SignedIn], object])
SignOutHook = TypeVar("SignOutHook", bound=Callable[[], object])

_EXTENSION = "unlatch"


class Database(Protocol):
    """What is used of Flask-SQLAlchemy's ``db``: its session, and the metadata that its migrations see."""

    @property
    def session(self) -> Any:
        """The session of the current request."""
        ...

    @property
    def metadata(self) -> Any:
        """The `MetaData` of the application's models."""
        ...


@dataclass(frozen=True, slots=True)
class _State:
    """What belongs to one application."""

    door: Door
    prefix: str


class Unlatch:
    """The extension. One object may serve several applications, each with its own configuration."""

    def __init__(
        self,
        app: Flask | None = None,
        *,
        users: Users,
        db: Database | None = None,
        credentials: CredentialStore | None = None,
        ceremonies: CeremonyStore | None = None,
        rp: RelyingParty | None = None,
        decoys: Decoys | None = None,
        current_user: Callable[[], Found] | None = None,
    ) -> None:
        """Set the extension up; with an application, `init_app` at once.

        Args:
            app: The application, or None for a factory.
            users: The application's users.
            db: Flask-SQLAlchemy's object: passkeys and ceremonies are kept in its session's transaction, which is
                committed after each request to the routes. The tables are added to its metadata.
            credentials: Where records are kept, instead of `db`.
            ceremonies: Where ceremonies wait, instead of `db`.
            rp: The relying party, instead of the configuration.
            decoys: See `unlatch.decoys`.
            current_user: Who is signed in, by the application's own idea of it, such as Flask-Login's; left out, the
                extension keeps that in the session by itself.

        Raises:
            Misconfigured: No place to keep passkeys or ceremonies.
        """
        if db is None and (credentials is None or ceremonies is None):
            raise Misconfigured("Unlatch needs a place to keep passkeys: db=..., or credentials=... and ceremonies=...")
        self._users = users
        self._db = db
        self._credentials = credentials
        self._ceremonies = ceremonies
        self._rp = rp
        self._decoys = decoys
        self._current_user = current_user
        self._sign_in_hooks: list[Callable[[SignedIn], object]] = []
        self._sign_out_hooks: list[Callable[[], object]] = []
        if db is not None:
            from unlatch.stores.sqlalchemy import add_tables

            add_tables(db.metadata)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Register the routes with an application, as its configuration says.

        Raises:
            Misconfigured: The configuration cannot work.
        """
        config = app.config
        door = Door(
            self._rp or _relying_party(config),
            users=self._users,
            decoys=self._decoys,
            confirm_within=config.get("UNLATCH_CONFIRM_WITHIN", CONFIRM_WITHIN),
            tell_unknown=config.get("UNLATCH_TELL_UNKNOWN", False),
            enroll=config.get("UNLATCH_ENROLL_PAGE"),
            manage=config.get("UNLATCH_MANAGE_PAGE"),
        )
        prefix = config.get("UNLATCH_URL_PREFIX", "/webauthn")
        app.extensions[_EXTENSION] = _State(door, prefix)
        blueprint = Blueprint(_EXTENSION, __name__, url_prefix=prefix)
        for route in Route:
            path = route.path.replace("{", "<").replace("}", ">")
            view = partial(self._view, route)
            blueprint.add_url_rule(
                path, route.name.lower(), view, methods=[route.method], provide_automatic_options=False
            )
        blueprint.add_url_rule("/unlatch.js", "module", _module)
        app.register_blueprint(blueprint)
        for document in door.documents:
            app.add_url_rule(
                document.path,
                f"{_EXTENSION}:{document.path}",
                partial(Response, document.body, mimetype=document.media_type),
            )
        app.register_error_handler(Rejected, _refuse)

    def on_sign_in(self, hook: SignInHook) -> SignInHook:
        """Decorate a function that is called with each `SignedIn`, for example to call `flask_login.login_user`.

        It may still turn the person away, by raising `Rejected` or with `flask.abort`: nobody is signed in then.
        """
        self._sign_in_hooks.append(hook)
        return hook

    def on_sign_out(self, hook: SignOutHook) -> SignOutHook:
        """Decorate a function that is called when somebody signs out by the route."""
        self._sign_out_hooks.append(hook)
        return hook

    def current_user(self) -> UserEntity | None:
        """Who is signed in."""
        if self._current_user is not None:
            found = self._current_user()
        else:
            handle = _kept().user
            found = None if handle is None else self._users.by_handle(handle)
        if found is not None and not isinstance(found, UserEntity):
            raise Misconfigured("The functions of Users and current_user return a UserEntity or None, here and now.")
        return found

    def after_first_factor(self, user: UserEntity) -> None:
        """Note that somebody has given the right password and is to present a passkey now.

        The page then signs in with ``secondFactor: true``; `on_sign_in` says when that is done. Until then nobody is
        signed in.
        """
        _keep(_state().door.after_first_factor(_kept(), user))

    def forget(self) -> None:
        """Forget what the session says of passkeys: call it where the application signs people out by itself."""
        _keep(Session())

    def passkey_required(
        self, *, max_age: int = 600, purpose: str | None = None
    ) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Decorate a view that needs somebody who was verified by a passkey recently.

        The view may be ``async def``, where Flask takes those (``flask[async]``).

        Whoever was not is answered with a problem document, code ``not_signed_in`` or ``confirmation_needed``; handle
        `Rejected` with an error handler of your own to answer with a page.

        Args:
            max_age: Seconds that count as recent.
            purpose: What must have been confirmed by a step-up; None where the sign-in itself will do.
        """

        def decorate(view: Callable[P, R]) -> Callable[P, R]:
            @wraps(view)
            def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
                _state().door.expect_confirmed(_kept(), self.current_user(), max_age=max_age, purpose=purpose)
                # As Flask itself calls views: one that is `async def` is awaited.
                answer: R = current_app.ensure_sync(view)(*args, **kwargs)
                return answer

            return guarded

        return decorate

    def _view(self, route: Route, passkey_id: str = "") -> Response:
        door = _state().door
        try:
            answer = self._answer(door, route, passkey_id)
        except HTTPException:  # a hook has called `abort`: that is the application's answer
            self._roll_back()
            raise
        except Exception as error:  # noqa: BLE001 - whatever broke around the door is answered as what breaks inside
            self._roll_back()
            answer = door.problem(error, where=f"{request.method} {request.path}")
        return _response(answer)

    def _answer(self, door: Door, route: Route, passkey_id: str) -> Answer:
        asked = Request(
            route=route,
            body=_body(),
            content_type=request.headers.get("content-type"),
            origin=request.headers.get("origin"),
            fetch_site=request.headers.get("sec-fetch-site"),
            passkey_id=passkey_id,
            confirm_last=request.args.get("confirm_last") == "true",
            session=_kept(),
            current_user=self._current_user,
        )
        answer = door.answer(asked, self._stores())
        try:
            self._tell(answer)
            if not answer.is_final:
                self._roll_back()
            elif self._db is not None:
                self._db.session.commit()
        except BaseException:
            # Somebody whose sign-in was not kept is not signed in.
            session.clear()
            raise
        if answer.session is not None:
            _keep(answer.session)
        return answer

    def _tell(self, answer: Answer) -> None:
        """Let the application act on what happened."""
        if isinstance(answer.event, SignedIn):
            _regenerate()
            for hook in self._sign_in_hooks:
                hook(answer.event)
        elif isinstance(answer.event, SignedOut):
            for leave in self._sign_out_hooks:
                leave()

    def _roll_back(self) -> None:
        if self._db is not None:
            self._db.session.rollback()

    def _stores(self) -> Stores:
        credentials, ceremonies = self._credentials, self._ceremonies
        if self._db is not None:
            from unlatch.stores.sqlalchemy import SqlCeremonies, SqlCredentials

            connection = self._db.session.connection()
            credentials = credentials or SqlCredentials(connection)
            ceremonies = ceremonies or SqlCeremonies(connection)
        if credentials is None or ceremonies is None:
            raise Misconfigured("no stores")
        return Stores(credentials, ceremonies)


def _relying_party(config: dict[str, Any]) -> RelyingParty:
    rp_id = config.get("UNLATCH_RP_ID")
    if not rp_id:
        raise Misconfigured(
            "Set UNLATCH_RP_ID to the domain of the site, for example 'example.org', or to 'localhost' together with "
            "UNLATCH_ORIGINS=['http://localhost:5000'] while you develop."
        )
    return RelyingParty(
        id=rp_id,
        name=config.get("UNLATCH_RP_NAME", ""),
        origins=config.get("UNLATCH_ORIGINS", ()),
        policy=Policy.passkey(),
    )


def _state() -> _State:
    state = current_app.extensions.get(_EXTENSION)
    if not isinstance(state, _State):
        raise Misconfigured("This application has no passkeys yet: call init_app on the extension.")
    return state


def _body() -> bytes:
    """What was sent, one byte beyond the limit at most; the application's own limit may be smaller."""
    expect_length(request.headers.get("content-length"))
    try:
        return request.stream.read(MAX_BYTES + 1)
    except RequestEntityTooLarge as error:
        raise Malformed(Code.TOO_LARGE, "", "more than MAX_CONTENT_LENGTH") from error
    except (ClientDisconnected, OSError) as error:  # gone in the middle, or chunks that are none
        raise Rejected(HttpCode.REQUEST_MALFORMED) from error


def _kept() -> Session:
    return Session.from_json(session.get(KEY))


def _keep(kept: Session) -> None:
    written = kept.to_json()
    if written:
        session[KEY] = written
    else:
        session.pop(KEY, None)


def _regenerate() -> None:
    """A new id for the session, where sessions have ids: who knew the old one is not let in."""
    regenerate = getattr(current_app.session_interface, "regenerate", None)
    if regenerate is not None:
        regenerate(session)


def _refuse(error: Rejected) -> Response:
    return _response(_state().door.problem(error, where=f"{request.method} {request.path}"))


def _module() -> Response:
    response = Response(module(), mimetype="text/javascript")
    response.headers["cache-control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, list(answer.headers))
