// @ts-check
// Everything that can go wrong, as one sentence and a next step.

import { Problem } from "./api.js";

/**
 * @typedef {"info" | "error" | "good"} Tone
 * @typedef {{tone: Tone, text: string, step: string}} Message
 * @typedef {"create" | "get"} Ceremony
 */

/** @type {Message} */
export const UNSUPPORTED = {
  tone: "error",
  text: "This browser cannot use passkeys.",
  step: "Open this page in a current version of Chrome, Edge, Firefox or Safari.",
};

/** @type {Record<string, Record<Ceremony, Message>>} What browsers call their refusals (WebAuthn 5.1.3 and 5.1.4). */
const BROWSER = {
  NotAllowedError: {
    create: {
      tone: "info",
      text: "No passkey was made.",
      step: "The dialog was closed, or it took too long. Nothing has changed: try again when you are ready.",
    },
    get: {
      tone: "info",
      text: "No passkey was used.",
      step: "The dialog was closed, or it took too long. Try again, or use the device that holds your passkey.",
    },
  },
  InvalidStateError: {
    create: {
      tone: "info",
      text: "This device already holds a passkey for this account.",
      step: "You can use it to sign in. To add another one, choose another device or a security key.",
    },
    get: {
      tone: "error",
      text: "Your browser is busy with another passkey dialog.",
      step: "Close the other dialog or tab, then try again.",
    },
  },
  AbortError: {
    create: { tone: "info", text: "The dialog was ended.", step: "Try again when you are ready." },
    get: { tone: "info", text: "The dialog was ended.", step: "Try again when you are ready." },
  },
  SecurityError: {
    create: {
      tone: "error",
      text: "Your browser does not allow passkeys at this address.",
      step: "Check the address of this page: it must be the site's own, with https.",
    },
    get: {
      tone: "error",
      text: "Your browser does not allow passkeys at this address.",
      step: "Check the address of this page: it must be the site's own, with https.",
    },
  },
  ConstraintError: {
    create: {
      tone: "error",
      text: "This device cannot make the kind of passkey that is needed here.",
      step: "Set up a screen lock or a PIN for it, or choose another device.",
    },
    get: {
      tone: "error",
      text: "This device cannot confirm that it is you.",
      step: "Set up a screen lock or a PIN for it, or choose another device.",
    },
  },
  NotSupportedError: {
    create: {
      tone: "error",
      text: "This device or security key is too old for passkeys.",
      step: "Choose another device, or a password manager that keeps passkeys.",
    },
    get: {
      tone: "error",
      text: "This device or security key is too old for passkeys.",
      step: "Choose another device, or a password manager that keeps passkeys.",
    },
  },
};

/** @type {Record<string, string>} What to do after an answer of the server, by its code. */
const NEXT_STEP = {
  network: "Check your connection, then try again.",
  not_verified: "Try another passkey. If you removed this one, delete it from your password manager or security key.",
  passkey_removed: "",
  sign_count_regressed:
    "Somebody may have a copy of it. Sign in with another passkey, then remove this one from your account.",
  ceremony_unknown: "Try again: the page asks for a new one.",
  ceremony_expired: "Try again: the page asks for a new one.",
  ceremony_used: "Try again: the page asks for a new one.",
  ceremony_seal: "Load the page again, then try again.",
  ceremony_session: "Are cookies blocked, or did you sign in or out in another tab? Load the page again.",
  not_signed_in: "Your session has ended. Load the page again to sign in.",
  already_signed_in: "",
  username_taken: "",
  username_invalid: "",
  display_name_invalid: "",
  passkey_name_invalid: "",
  last_passkey: "Add another passkey first.",
  passkey_not_found: "It may have been removed in another window. Load the page again.",
  credential_already_registered: "You can use it to sign in.",
  store_unavailable: "Wait a moment, then try again.",
};

/**
 * @param {unknown} error What was caught.
 * @param {Ceremony} ceremony What the browser was asked to do.
 * @returns {Message}
 */
export function explain(error, ceremony) {
  if (error instanceof Problem) {
    return { tone: "error", text: error.detail, step: NEXT_STEP[error.code] ?? "Load the page again, then try again." };
  }
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  return (
    BROWSER[name]?.[ceremony] ?? {
      tone: "error",
      text: "Your browser could not do that.",
      step: `Try again, or use another browser or device.${name ? ` (It said: ${name}.)` : ""}`,
    }
  );
}
