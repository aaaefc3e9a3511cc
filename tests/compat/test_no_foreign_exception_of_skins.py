"""Whatever a page sends, the skins let out their own errors alone; whatever an old row holds, `NotImportable`."""

import json
from contextlib import suppress
from copy import deepcopy
from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from compat.registrar import ORIGIN, RP, Registrar, user
from honest import authentication_body, record, registration_body
from unlatch.compat import warp
from unlatch.compat.importing import HandleForm, NotImportable, attested_credential_data, make_record
from unlatch.compat.warp import codecs
from unlatch.compat.webauthn_rp import errors, parsers
from unlatch.compat.webauthn_rp.backends import CredentialsBackend
from unlatch.wire import base64url

EXAMPLES = settings(derandomize=True, max_examples=150)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["AA", "AA==", "-_8", "+/8="]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
HONEST = st.sampled_from([registration_body(), authentication_body()])


@st.composite
def broken(draw):
    """An honest body with one member, somewhere, replaced or taken away, or with one byte of it changed."""
    body = deepcopy(draw(HONEST))
    parts = [(body, name) for name in body] + [(body["response"], name) for name in body["response"]]
    holder, name = draw(st.sampled_from(parts))
    kind = draw(st.sampled_from(["value", "gone", "byte"]))
    if kind == "gone":
        del holder[name]
    elif kind == "byte" and isinstance(holder[name], str):
        data = bytearray(holder[name].encode())
        data[draw(st.integers(0, len(data) - 1))] ^= 1 << draw(st.integers(0, 6))
        holder[name] = data.decode()
    else:
        holder[name] = draw(VALUES)
    return body


@EXAMPLES
@given(broken())
def test_webauthn_rp(body):
    registrar, stored = Registrar(), record()
    registrar.rows[stored.id] = [stored.public_key, None, user(stored.user_handle)]
    backend = CredentialsBackend(registrar)
    expected = {"rp": RP, "expected_challenge": bytes(32), "expected_origin": ORIGIN}
    for form in (body, json.dumps(body)):
        with suppress(errors.WebAuthnRPError):
            credential = parsers.parse_public_key_credential(form)
            for handle, more in (
                (backend.handle_credential_attestation, {"user": user()}),
                (backend.handle_credential_assertion, {}),
            ):
                try:
                    handle(credential=credential, **expected, **more)
                except errors.InternalError as error:
                    raise AssertionError(form) from error
                except errors.WebAuthnRPError:
                    continue


@EXAMPLES
@given(broken())
def test_warp(body):
    person = SimpleNamespace(entity_id=b"x", entity_name="x", entity_display_name="x", credentials={})
    site = SimpleNamespace(entity_id="example.org", entity_name="x", origin=ORIGIN)
    for text in (json.dumps(body), json.dumps({**body, "extensions": body.get("clientExtensionResults")})):
        with suppress(warp.Error):
            cred = warp.attestation_credential_from_json(text)
            warp.finish_registration(site, {}.get, warp.start_registration(site, person), cred)
        with suppress(warp.Error):
            cred = warp.assertion_credential_from_json(text)
            warp.finish_authentication(site, lambda _: person, warp.start_authentication(), cred)


@EXAMPLES
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "challenge",
                "user",
                "rp",
                "timeout",
                "allowCredentials",
                "excludeCredentials",
                "authenticatorSelection",
                "extensions",
            ]
        ),
        VALUES,
    )
)
def test_options_of_warp(value):
    for read in (warp.creation_options_from_json, warp.request_options_from_json):
        with suppress(warp.Error):
            read(json.dumps(value))


@EXAMPLES
@given(st.binary(max_size=80))
def test_bytes(data):
    for read in (codecs.decode_authenticator_data, codecs.unmarshal_attestation_object, codecs.decode_cose_key):
        with suppress(warp.Error):
            read(data)
    for parse in (
        parsers.parse_cose_key,
        parsers.parse_client_data,
        parsers.parse_extensions,
        parsers.parse_authenticator_data,
    ):
        with suppress(errors.WebAuthnRPError):
            parse(data)
    with suppress(NotImportable):
        attested_credential_data(data)


@EXAMPLES
@given(
    st.dictionaries(
        st.sampled_from(["credential_id", "public_key", "user", "sign_count", "transports", "aaguid", "created_at"]),
        VALUES | st.binary(max_size=20) | st.just(base64url.encode(record().public_key)),
    ),
    st.sampled_from(HandleForm),
)
def test_rows(values, handle):
    sound = {"credential_id": b"x", "public_key": record().public_key, "user": b"x"}
    with suppress(NotImportable):
        made = make_record(**{**sound, **values}, rp_id="example.org", handle=handle)
        assert type(made).from_json(made.to_json()) == made
