// @ts-check
// Create an account: names first, then the passkey that opens it.

import { explain, UNSUPPORTED } from "./errors.js";
import { busy, clear, element, fieldError, ready, show } from "./status.js";
import { call, createPasskey, isRefusal, isSupported, Problem, tellUnknown } from "./unlatch.js";

/** @type {Record<string, string>} Problems that belong to a field. */
const FIELDS = {
  username_invalid: "username",
  username_taken: "username",
  display_name_invalid: "display-name",
};

/** @param {string} id */
function value(id) {
  return /** @type {HTMLInputElement} */ (element(id)).value;
}

async function signUp() {
  if (!isSupported()) {
    show(UNSUPPORTED);
    return;
  }
  clear();
  fieldError("display-name", "");
  fieldError("username", "");
  if (value("username").trim() === "") {
    fieldError("username", "Please choose a username.");
    return;
  }
  try {
    const begun = await call("POST", "/v1/registration/options", {
      username: value("username"),
      display_name: value("display-name"),
    });
    show({ tone: "info", text: "Your browser makes your passkey.", step: "Confirm with your fingerprint, face or screen lock." });
    const credential = await createPasskey(begun.options);
    show({ tone: "info", text: "Creating your account", step: "" });
    try {
      await call("POST", "/v1/registration/verify", { ceremony_id: begun.ceremony_id, credential });
    } catch (error) {
      if (error instanceof Problem && isRefusal(error)) {
        // The server has said no for good: the passkey that was just made opens nothing.
        await tellUnknown(begun.options.rp.id, credential.id);
      }
      throw error;
    }
    show({ tone: "good", text: "Your account is ready.", step: "" });
    location.assign("/account");
  } catch (error) {
    if (error instanceof Problem && error.code in FIELDS) {
      clear();
      fieldError(FIELDS[error.code], error.detail);
    } else {
      show(explain(error, "create"));
    }
  }
}

element("sign-up").addEventListener("submit", (event) => {
  event.preventDefault();
  void busy(element("sign-up-button"), signUp);
});
ready();

if (!isSupported()) {
  show(UNSUPPORTED);
}
