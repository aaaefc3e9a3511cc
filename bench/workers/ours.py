"""This library, by itself or with its key objects kept ready; and the floor, which parses nothing.

Usage: ``python ours.py unlatch|kept|floor|signature``.
"""

from __future__ import annotations

import sys
from typing import Any

from loop import Cannot, Work, serve

from unlatch import (
    CeremonyState,
    CredentialRecord,
    KeyCache,
    Policy,
    RelyingParty,
    UserEntity,
    UserVerification,
    __version__,
)


def unlatch(task: dict[str, Any], *, keys: KeyCache | None = None) -> Work:
    """JSON text in, verified result out; or options out, as JSON text; or a state to text and back."""
    policy = Policy(algorithms=(task["algorithm"],), user_verification=UserVerification.REQUIRED)
    site = RelyingParty(id=task["rp_id"], name="Example", origins=[task["origin"]], policy=policy, key_cache=keys)
    body = task["body"].encode()
    if task["kind"] == "authentication":
        state, record = CeremonyState.from_json(task["state"]), CredentialRecord.from_json(task["record"])
        return lambda: site.finish_authentication(state, body, record)
    if keys is not None:
        raise Cannot("only sign-ins use kept keys")
    if task["kind"] == "registration" and task["format"] == "none":
        state = CeremonyState.from_json(task["state"])
        return lambda: site.finish_registration(state, body)
    if task["kind"] == "registration":
        from unlatch.cli.bench.ceremonies import Recorded

        recorded = Recorded.from_json(task["recorded"])
        trusting, state = recorded.relying_party, recorded.state
        return lambda: trusting.finish_registration(state, body)
    return _others(site, task)


def _others(site: RelyingParty, task: dict[str, Any]) -> Work:
    user = UserEntity(b"a user handle of thirty-two byte", name="ada", display_name="Ada")
    record = CredentialRecord.from_json(task["record"])
    state = CeremonyState.from_json(task["state"])

    def registration_options() -> str:
        return site.begin_registration(user, exclude=[record]).options.to_text()

    def authentication_options() -> str:
        return site.begin_authentication(user=user, records=[record]).options.to_text()

    def state_there_and_back() -> CeremonyState:
        return CeremonyState.from_json(state.to_json())

    works: dict[str, Work] = {
        "registration options": registration_options,
        "authentication options": authentication_options,
    }
    return works.get(task["kind"], state_there_and_back)


def floor(task: dict[str, Any], *, name: str) -> Work:
    """The bare signature, with the key to build or with the key at hand."""
    from unlatch.cli.bench import own
    from unlatch.cli.bench.ceremonies import Recorded

    return own.floors(Recorded.from_json(task["recorded"]))[name]


def main(mode: str) -> None:
    """Be the worker for one of the four."""
    if mode == "unlatch":
        serve(__version__, unlatch)
    elif mode == "kept":
        serve(__version__, lambda task: unlatch(task, keys=KeyCache(64)))
    else:
        import cryptography

        from unlatch.cli.bench.own import FLOOR, FLOOR_KEY_AT_HAND

        name = FLOOR if mode == "floor" else FLOOR_KEY_AT_HAND
        serve(cryptography.__version__, lambda task: floor(task, name=name))


if __name__ == "__main__":
    # The mode is taken off: what follows is for the loop.
    main(sys.argv.pop(1))
