// @ts-check
// Sign in: by the button, or by choosing a passkey that the browser offers in the username field.

import { call, Problem } from "./api.js";
import { explain, UNSUPPORTED } from "./errors.js";
import { busy, clear, element, show } from "./status.js";
import { canAutofill, getPasskey, isSupported, signalUnknown } from "./webauthn.js";

/** Ends the waiting autofill request; null when none waits. @type {AbortController | null} */
let waiting = null;

/** @param {{ceremony_id: string, options: any}} begun @param {any} credential */
async function finish(begun, credential) {
  show({ tone: "info", text: "Checking your passkey", step: "" });
  try {
    await call("POST", "/v1/authentication/verify", { ceremony_id: begun.ceremony_id, credential });
  } catch (error) {
    if (error instanceof Problem && error.code === "passkey_removed") {
      await signalUnknown(begun.options.rpId, credential.id);
    }
    throw error;
  }
  show({ tone: "good", text: "You are signed in.", step: "" });
  location.assign("/account");
}

/** @param {unknown} error */
function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Offer passkeys in the username field, again and again: each challenge lives for some minutes only. */
async function offer() {
  if (waiting !== null || !(await canAutofill())) {
    return;
  }
  const controller = new AbortController();
  waiting = controller;
  let timer = 0;
  try {
    const begun = await call("POST", "/v1/authentication/options", { mediation: "conditional" });
    timer = window.setTimeout(() => controller.abort("renew"), begun.expires_in * 800);
    const credential = await getPasskey(begun.options, { mediation: "conditional", signal: controller.signal });
    clearTimeout(timer);
    await finish(begun, credential);
  } catch (error) {
    // Nobody asked for this request, so nobody is told when it ends; a passkey that was chosen and refused is another
    // matter.
    if (error instanceof Problem && error.code !== "network") {
      show(explain(error, "get"));
    }
    if (!controller.signal.aborted && !(error instanceof Problem)) {
      waiting = null;
      return;
    }
  }
  clearTimeout(timer);
  if (waiting === controller) {
    waiting = null;
    if (controller.signal.aborted) {
      void offer();
    }
  }
}

async function signIn() {
  if (!isSupported()) {
    show(UNSUPPORTED);
    return;
  }
  // Two requests at once are not allowed: the button ends the one that waits.
  const former = waiting;
  waiting = null;
  former?.abort("button");
  clear();
  try {
    const begun = await call("POST", "/v1/authentication/options", {});
    show({ tone: "info", text: "Your browser asks for your passkey.", step: "Confirm with your fingerprint, face or screen lock." });
    await finish(begun, await getPasskey(begun.options));
  } catch (error) {
    show(explain(error, "get"));
    void offer();
  }
}

element("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  void busy(element("sign-in-button"), signIn);
});

if (isSupported()) {
  void offer();
} else {
  show(UNSUPPORTED);
}
