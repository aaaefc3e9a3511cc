// @ts-check
// Everything that can go wrong, as one sentence and a next step.

import { NotConfirmed, OtherAccount } from "./confirming.js";
import * as passkeys from "./unlatch.js";

/**
 * @typedef {"info" | "error" | "good"} Tone
 * @typedef {{tone: Tone, text: string, step: string}} Message
 * @typedef {import("./unlatch.js").Ceremony} Ceremony
 */

/** What is nobody's fault and leaves everything as it was. */
const CALM = ["not_registered", "not_signed_in", "already_registered"];

/** @type {Message} */
export const UNSUPPORTED = said(passkeys.UNSUPPORTED);

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
  too_many_passkeys: "",
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
  if (error instanceof NotConfirmed) {
    return explain(error.cause, "get");
  }
  if (error instanceof passkeys.Problem) {
    return { tone: "error", text: error.detail, step: NEXT_STEP[error.code] ?? "Load the page again, then try again." };
  }
  if (error instanceof OtherAccount) {
    return { tone: "error", text: "This passkey is of another account.", step: "Nothing was changed. Try again with a passkey of this one." };
  }
  const advice = passkeys.explain(error, ceremony);
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  const step = advice.code === "unknown" && name ? `${advice.nextStep} (It said: ${name}.)` : advice.nextStep;
  return said({ ...advice, nextStep: step });
}

/** @param {import("./unlatch.js").Advice} advice @returns {Message} */
function said({ code, sentence, nextStep, silent }) {
  return { tone: silent || CALM.includes(code) ? "info" : "error", text: sentence, step: nextStep };
}
