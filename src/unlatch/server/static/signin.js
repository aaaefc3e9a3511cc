// @ts-check
// Sign in: by the button, or by choosing a passkey that the browser offers in the username field.

import { explain, UNSUPPORTED } from "./errors.js";
import { busy, clear, element, ready, show } from "./status.js";
import { Autofill, call, getPasskey, isSupported, Problem, tellUnknown } from "./unlatch.js";

/** @param {{ceremony_id: string, options: any}} begun @param {any} credential */
async function finish(begun, credential) {
  show({ tone: "info", text: "Checking your passkey", step: "" });
  try {
    await call("POST", "/v1/authentication/verify", { ceremony_id: begun.ceremony_id, credential });
  } catch (error) {
    if (error instanceof Problem && error.code === "passkey_removed") {
      await tellUnknown(begun.options.rpId, credential.id);
    }
    throw error;
  }
  show({ tone: "good", text: "You are signed in.", step: "" });
  location.assign("/account");
}

/** Passkeys in the username field. */
const autofill = new Autofill({
  begin: () => call("POST", "/v1/authentication/options", { mediation: "conditional" }),
  finish,
  failed: (problem) => show(explain(problem, "get")),
});

async function signIn() {
  if (!isSupported()) {
    show(UNSUPPORTED);
    return;
  }
  clear();
  try {
    // Two requests at once are not allowed: the button ends the one that waits.
    await autofill.aside(async () => {
      const begun = await call("POST", "/v1/authentication/options", {});
      show({ tone: "info", text: "Your browser asks for your passkey.", step: "Confirm with your fingerprint, face or screen lock." });
      await finish(begun, await getPasskey(begun.options));
    });
  } catch (error) {
    show(explain(error, "get"));
    void autofill.start();
  }
}

element("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  void busy(element("sign-in-button"), signIn);
});
ready();

if (isSupported()) {
  void autofill.start();
} else {
  show(UNSUPPORTED);
}
