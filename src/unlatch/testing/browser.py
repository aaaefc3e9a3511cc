"""An emulated browser: options JSON in, response JSON out, as `navigator.credentials` and `toJSON()` would do it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from unlatch.terms import CeremonyKind
from unlatch.testing import extensions
from unlatch.testing.authenticator import SoftwareAuthenticator
from unlatch.testing.errors import ClientError
from unlatch.testing.faults.catalogue import named
from unlatch.testing.faults.fault import Deviation
from unlatch.testing.points import Point
from unlatch.testing.scene import Scene
from unlatch.wire import base64url, cbor

# Section 5.2.1.1: for these a client must be able to return a SubjectPublicKeyInfo.
_SPKI_ALGORITHMS = frozenset((-7, -8, -257))


class EmulatedBrowser:
    """A browser tab on one origin with one authenticator plugged in.

    Args:
        origin: Origin of the calling page, for example ``"https://example.org"``; an app's origin
            (``"android:apk-key-hash:..."``) is taken as entitled to every RP ID.
        authenticator: Who makes and uses credentials; a default `SoftwareAuthenticator` if None.
        top_origin: Origin of the top-level page when the caller is in a cross-origin frame.
        cross_origin: Whether the caller is in a cross-origin frame; True without `top_origin` is what a
            Level 2 client reports.
        related_to: RP IDs whose ``/.well-known/webauthn`` lists this origin.
    """

    def __init__(
        self,
        origin: str,
        authenticator: SoftwareAuthenticator | None = None,
        *,
        top_origin: str | None = None,
        cross_origin: bool = False,
        related_to: Iterable[str] = (),
    ) -> None:
        self.origin = origin
        self.authenticator = authenticator or SoftwareAuthenticator()
        self.top_origin = top_origin
        self.cross_origin = cross_origin or top_origin is not None
        self.related_to = frozenset(related_to)

    def create(
        self, options: dict[str, Any], *, fault: str | Deviation | None = None, mediation: str | None = None
    ) -> dict[str, Any]:
        """`navigator.credentials.create({publicKey, mediation})`, then `toJSON()`.

        Args:
            options: `PublicKeyCredentialCreationOptionsJSON`.
            fault: A fault or an oddity, or the name of one in the catalogue.
            mediation: ``"conditional"`` for an automatic passkey upgrade.

        Returns:
            `RegistrationResponseJSON`.

        Raises:
            ClientError: The browser or the authenticator refuses.
            ValueError: The fault has no place in this ceremony, or it changes the body (see `create_body`).
        """
        scene = self._scene(CeremonyKind.REGISTRATION, options, fault)
        response = self._create(scene, conditional=mediation == "conditional")
        scene.check_struck()
        return response

    def get(
        self, options: dict[str, Any], *, fault: str | Deviation | None = None, mediation: str | None = None
    ) -> dict[str, Any]:
        """`navigator.credentials.get({publicKey, mediation})`, then `toJSON()`.

        Args:
            options: `PublicKeyCredentialRequestOptionsJSON`.
            fault: A fault or an oddity, or the name of one in the catalogue.
            mediation: ``"conditional"`` for autofill: only discoverable credentials are offered.

        Returns:
            `AuthenticationResponseJSON`.

        Raises:
            ClientError: The browser or the authenticator refuses.
            ValueError: The fault has no place in this ceremony, or it changes the body (see `get_body`).
        """
        scene = self._scene(CeremonyKind.AUTHENTICATION, options, fault)
        response = self._get(scene, conditional=mediation == "conditional")
        scene.check_struck()
        return response

    def create_body(
        self, options: dict[str, Any], *, fault: str | Deviation | None = None, mediation: str | None = None
    ) -> bytes:
        """As `create`, but the JSON text as a page would post it; faults of the text itself are possible here."""
        scene = self._scene(CeremonyKind.REGISTRATION, options, fault)
        return self._body(scene, self._create(scene, conditional=mediation == "conditional"))

    def get_body(
        self, options: dict[str, Any], *, fault: str | Deviation | None = None, mediation: str | None = None
    ) -> bytes:
        """As `get`, but the JSON text as a page would post it; faults of the text itself are possible here."""
        scene = self._scene(CeremonyKind.AUTHENTICATION, options, fault)
        return self._body(scene, self._get(scene, conditional=mediation == "conditional"))

    def _scene(self, ceremony: CeremonyKind, options: dict[str, Any], fault: str | Deviation | None) -> Scene:
        chosen = named(fault) if isinstance(fault, str) else fault
        if chosen is not None and chosen.ceremony is not ceremony:
            raise ValueError(f"fault {chosen.name} belongs to {chosen.ceremony}")
        if chosen is not None and not chosen.applies(self.authenticator, options):
            raise ValueError(f"fault {chosen.name} does not apply to this authenticator and these options")
        return Scene(ceremony, options, self.authenticator, chosen)

    def _body(self, scene: Scene, response: dict[str, Any]) -> bytes:
        body = scene.at(Point.BODY, json.dumps(response).encode())
        scene.check_struck()
        return body

    def _create(self, scene: Scene, *, conditional: bool) -> dict[str, Any]:
        options, authenticator = scene.options, self.authenticator
        rp_id = self._effective_rp_id((options.get("rp") or {}).get("id"))
        for descriptor in options.get("excludeCredentials") or ():
            listed = base64url.decode(descriptor["id"], "excludeCredentials.id")
            if any(each.id == listed and each.rp_id == rp_id for each in authenticator.credentials):
                raise ClientError("InvalidStateError", "the authenticator already has a credential of this account")
        self._collect(scene, "webauthn.create")
        made = authenticator.make_credential(scene, rp_id=rp_id, conditional=conditional)
        attestation_object: Any = {
            "fmt": scene.at(Point.FORMAT, made.format),
            "attStmt": scene.at(Point.STATEMENT, made.statement),
            "authData": made.authenticator_data,
        }
        attestation_object = scene.at(Point.ATTESTATION_OBJECT, attestation_object)
        scene.attestation_object = attestation_object
        encoded = cbor.encode(attestation_object)
        encoded = scene.at(Point.ATTESTATION_OBJECT_BYTES, encoded)
        key = scene.credential_key
        inner = {
            "clientDataJSON": base64url.encode(scene.client_data_json),
            "attestationObject": base64url.encode(encoded),
            "authenticatorData": base64url.encode(made.authenticator_data),
            "transports": list(authenticator.transports),
            "publicKeyAlgorithm": scene.sent_algorithm,
        }
        if key.algorithm.id in _SPKI_ALGORITHMS:
            inner["publicKey"] = base64url.encode(key.spki)
        outputs = extensions.client_at_creation(
            authenticator, authenticator.credentials[-1], options.get("extensions") or {}
        )
        return self._envelope(scene, inner, outputs)

    def _get(self, scene: Scene, *, conditional: bool) -> dict[str, Any]:
        options, authenticator = scene.options, self.authenticator
        rp_id = self._effective_rp_id(options.get("rpId"))
        listed = authenticator.listed(options)
        if options.get("allowCredentials") and not listed:
            raise ClientError("NotAllowedError", "no descriptor of allowCredentials has a known type")
        if conditional:
            found = [each.id for each in authenticator.credentials if each.rp_id == rp_id and each.discoverable]
            listed = [each for each in found if not listed or each in listed]
            if not listed:
                raise ClientError("NotAllowedError", "nothing to offer in autofill")
        self._collect(scene, "webauthn.get")
        assertion = authenticator.get_assertion(scene, rp_id=rp_id, listed=listed)
        inner = {
            "clientDataJSON": base64url.encode(scene.client_data_json),
            "authenticatorData": base64url.encode(assertion.authenticator_data),
            "signature": base64url.encode(assertion.signature),
        }
        if assertion.user_handle is not None:
            inner["userHandle"] = base64url.encode(assertion.user_handle)
        outputs = extensions.client_at_assertion(authenticator, assertion.credential, options.get("extensions") or {})
        return self._envelope(scene, inner, outputs)

    def _collect(self, scene: Scene, kind: str) -> None:
        """The client data of section 5.8.1, serialized in the order of section 5.8.1.1, and its hash."""
        members: dict[str, Any] = {
            "type": kind,
            "challenge": scene.options["challenge"],
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        }
        if self.top_origin is not None:
            members["topOrigin"] = self.top_origin
        members = scene.at(Point.CLIENT_DATA, members)
        text = json.dumps(members, ensure_ascii=False, separators=(",", ":"))
        scene.client_data_json = scene.at(Point.CLIENT_DATA_JSON, text.encode())
        scene.client_data_hash = sha256(scene.client_data_json).digest()

    def _envelope(self, scene: Scene, inner: dict[str, Any], outputs: dict[str, Any]) -> dict[str, Any]:
        encoded_id = base64url.encode(scene.credential_id)
        response = {
            "id": encoded_id,
            "rawId": encoded_id,
            "type": "public-key",
            "response": inner,
            "clientExtensionResults": scene.at(Point.CLIENT_OUTPUTS, outputs),
        }
        if self.authenticator.attachment is not None:
            response["authenticatorAttachment"] = self.authenticator.attachment
        return scene.at(Point.RESPONSE, response)

    def _effective_rp_id(self, asked: str | None) -> str:
        """The RP ID that the origin may use (section 5.1.3 step 8 and related origins, section 5.11)."""
        parts = urlsplit(self.origin)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            if asked is None:
                raise ClientError("SecurityError", "an app has to name the RP ID")
            return asked
        host = parts.hostname
        if parts.scheme == "http" and host != "localhost" and not host.endswith(".localhost"):
            raise ClientError("SecurityError", f"{self.origin} is not a secure context")
        rp_id = asked or host
        if rp_id == host or (host.endswith(f".{rp_id}") and "." in rp_id) or rp_id in self.related_to:
            return rp_id
        raise ClientError("SecurityError", f"{self.origin} may not use the RP ID {rp_id}")
