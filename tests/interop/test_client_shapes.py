"""The JSON that clients post, in the shapes that they have had; nothing inside differs, only what is around it."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from unlatch import RelyingParty, UserEntity
from unlatch.testing import EmulatedBrowser

USER = UserEntity(b"the handle of ada", "ada", "Ada")
RP = RelyingParty(id="example.org")


def _to_json(body):
    """`PublicKeyCredential.toJSON()` of Level 3."""


def _without_convenience_copies(body):
    """@simplewebauthn/browser where the browser lacks the getters: `undefined` members vanish in JSON."""
    for name in ("transports", "publicKey", "publicKeyAlgorithm", "authenticatorData"):
        if name != "authenticatorData" or "attestationObject" in body["response"]:
            body["response"].pop(name, None)


def _without_attachment(body):
    """Browsers that do not say what they used."""
    body.pop("authenticatorAttachment", None)


def _null_attachment(body):
    """`toJSON()` of a credential whose attachment is null, as some browsers write it."""
    body["authenticatorAttachment"] = None


def _null_user_handle(body):
    """Pages that copy `response.userHandle` without a look."""
    if "signature" in body["response"]:
        body["response"]["userHandle"] = None


def _future_members(body):
    """Members that do not exist yet, and transports that nobody has heard of."""
    body["somethingNew"] = {"a": [1]}
    body["response"]["somethingNew"] = True
    if "transports" in body["response"]:
        body["response"]["transports"].append("telepathy")


def _without_extension_results(body):
    """Libraries from before `getClientExtensionResults` mattered."""
    del body["clientExtensionResults"]


SHAPES = [
    _to_json,
    _without_convenience_copies,
    _without_attachment,
    _null_attachment,
    _null_user_handle,
    _future_members,
    _without_extension_results,
]


@pytest.mark.parametrize("form", [lambda body: body, json.dumps, lambda body: json.dumps(body, indent=1).encode()])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__.strip("_"))
def test_accepted(shape, form):
    def posted(body):
        body = deepcopy(body)
        shape(body)
        return form(body)

    browser = EmulatedBrowser("https://example.org")
    begun = RP.begin_registration(USER)
    record = RP.finish_registration(begun.state, posted(browser.create(begun.options.to_json()))).record
    begun = RP.begin_authentication(user=USER, records=[record])
    body = posted(browser.get(begun.options.to_json()))
    assert RP.finish_authentication(begun.state, body, record).user_handle == USER.id
