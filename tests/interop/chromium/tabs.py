"""One tab of a real browser, its virtual authenticators, and the two calls of the WebAuthn API."""

from __future__ import annotations

import json
from typing import Any

#: Milliseconds after which a call that hangs is given up. Generous: the machine may be busy.
PATIENCE = 30_000

# The page's side of a ceremony, as short as a page can be. It answers with what a page would post, as text.
_CEREMONY = """
async ({call, options, mediation, patience}) => {
    const parse = {
        create: PublicKeyCredential.parseCreationOptionsFromJSON,
        get: PublicKeyCredential.parseRequestOptionsFromJSON,
    };
    const abort = AbortSignal.timeout(patience);
    try {
        const publicKey = parse[call].call(PublicKeyCredential, options);
        const asked = {publicKey, signal: abort, ...(mediation && {mediation})};
        const credential = await navigator.credentials[call](asked);
        return {body: JSON.stringify(credential)};
    } catch (error) {
        return {error: error.name, message: error.message};
    }
}
"""


class BrowserError(Exception):
    """The browser refused; `name` is that of its DOMException."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name


class VirtualAuthenticator:
    """A virtual authenticator of one tab (WebDriver section of the specification, Chromium's own commands)."""

    def __init__(self, session: Any, **options: Any) -> None:
        self._session = session
        wanted = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
            **options,
        }
        self.id = session.send("WebAuthn.addVirtualAuthenticator", {"options": wanted})["authenticatorId"]

    def command(self, name: str, **arguments: Any) -> dict[str, Any]:
        """One of Chromium's commands about this authenticator, for example ``getCredentials``."""
        return self._session.send(f"WebAuthn.{name}", {"authenticatorId": self.id, **arguments})

    @property
    def credentials(self) -> list[dict[str, Any]]:
        """What it holds, with private keys and counters."""
        return self.command("getCredentials")["credentials"]

    def remove(self) -> None:
        """Unplug it."""
        self._session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})


class Tab:
    """A tab that is alone in its browser context, so that it has the focus."""

    def __init__(self, context: Any) -> None:
        context.set_default_timeout(PATIENCE)
        self.page = context.new_page()
        self._session = context.new_cdp_session(self.page)
        self._session.send("WebAuthn.enable", {"enableUI": False})
        self._plugged_in: list[VirtualAuthenticator] = []

    def plug_in(self, **options: Any) -> VirtualAuthenticator:
        """A further authenticator; `unplug_all` takes it away."""
        self._plugged_in.append(VirtualAuthenticator(self._session, **options))
        return self._plugged_in[-1]

    def unplug_all(self) -> None:
        """Remove all authenticators."""
        while self._plugged_in:
            self._plugged_in.pop().remove()

    def create(self, options: dict[str, Any], **how: Any) -> str:
        """`navigator.credentials.create`; see `_ceremony`."""
        return self._ceremony("create", options, **how)

    def get(self, options: dict[str, Any], **how: Any) -> str:
        """`navigator.credentials.get`; see `_ceremony`."""
        return self._ceremony("get", options, **how)

    def _ceremony(
        self,
        call: str,
        options: dict[str, Any],
        *,
        frame: Any = None,
        mediation: str | None = None,
        patience: int = PATIENCE,
    ) -> str:
        """Run a ceremony in the page.

        Args:
            call: ``create`` or ``get``.
            options: The JSON form of the options.
            frame: Run it in this frame of the page instead.
            mediation: As the page asks for it.
            patience: Milliseconds after which it is given up (``TimeoutError``).

        Returns:
            The JSON text that a page would post.

        Raises:
            BrowserError: The call is refused.
        """
        if frame is not None:
            # Without a touch of the frame, each time, no passkey is made in it (transient activation).
            frame.locator("body").click()
        arguments = {"call": call, "options": options, "mediation": mediation, "patience": patience}
        answer = (frame or self.page).evaluate(_CEREMONY, arguments)
        if "error" in answer:
            raise BrowserError(answer["error"], answer["message"])
        return answer["body"]

    def embed(self, url: str) -> Any:
        """Put a frame with leave to use passkeys into the page.

        Returns:
            The frame.
        """
        name = "embedded"
        self.page.evaluate(
            """([name, url]) => new Promise((loaded) => {
                const frame = document.createElement("iframe");
                frame.name = name;
                frame.allow = "publickey-credentials-create *; publickey-credentials-get *";
                frame.onload = loaded;
                frame.src = url;
                document.body.replaceChildren(frame);
            }).then(() => null)""",
            [name, url],
        )
        return self.page.frame(name=name)


def extension_results(body: str) -> dict[str, Any]:
    """`clientExtensionResults` as the browser wrote them."""
    return json.loads(body)["clientExtensionResults"]
