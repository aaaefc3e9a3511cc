// @ts-check
// The account's passkeys: list, add, rename, remove; and signing out.

import { confirmed } from "./confirming.js";
import { askName, askRemoval } from "./dialogs.js";
import { explain, UNSUPPORTED } from "./errors.js";
import { showPasskeys } from "./passkeys.js";
import { busy, clear, element, ready, show } from "./status.js";
import { call, createPasskey, isRefusal, isSupported, Problem, tell, tellUnknown } from "./unlatch.js";

/**
 * @typedef {import("./passkeys.js").Passkey} Passkey
 */

/** Whose page this is. */
let userId = "";

/** @param {{passkeys: Passkey[], signals: any}} account */
function display(account) {
  userId = account.signals.user_id;
  showPasskeys(account.passkeys, { rename, remove });
  void tellOf(account.signals);
}

/**
 * Tell password managers which passkeys of this account exist, and what it is called. The list must be complete: they
 * may delete what is missing.
 *
 * @param {{rp_id: string, user_id: string, name: string, display_name: string, credential_ids: string[]}} signals
 */
async function tellOf({ rp_id: rpId, user_id: userId, name, display_name: displayName, credential_ids: ids }) {
  await tell({ method: "signalAllAcceptedCredentials", arguments: { rpId, userId, allAcceptedCredentialIds: ids } });
  await tell({ method: "signalCurrentUserDetails", arguments: { rpId, userId, name, displayName } });
}

async function refresh() {
  display(await call("GET", "/v1/passkeys"));
}

/** @param {unknown} error */
function report(error) {
  if (error instanceof Problem && error.code === "not_signed_in") {
    location.assign("/signin");
    return;
  }
  show(explain(error, "create"));
}

async function add() {
  if (!isSupported()) {
    show(UNSUPPORTED);
    return;
  }
  clear();
  try {
    const begun = await confirmed({ userId, say: show }, () => call("POST", "/v1/registration/options", {}));
    show({ tone: "info", text: "Your browser makes a passkey.", step: "Confirm with your fingerprint, face, screen lock or security key." });
    const credential = await createPasskey(begun.options);
    try {
      await call("POST", "/v1/registration/verify", { ceremony_id: begun.ceremony_id, credential });
    } catch (error) {
      if (error instanceof Problem && isRefusal(error)) {
        await tellUnknown(begun.options.rp.id, credential.id);
      }
      throw error;
    }
    await refresh();
    show({ tone: "good", text: "The passkey was added.", step: "You can use it to sign in from now on." });
  } catch (error) {
    report(error);
  }
}

/** @param {Passkey} passkey */
async function rename(passkey) {
  clear();
  const renamed = await askName(passkey, (name) => call("PATCH", `/v1/passkeys/${passkey.id}`, { name }));
  if (renamed) {
    await refresh().catch(report);
    show({ tone: "good", text: "The passkey has a new name.", step: "" });
  }
  focusOn(passkey.id, "rename");
}

/** @param {Passkey} passkey @param {boolean} last */
async function remove(passkey, last) {
  clear();
  const removed = await askRemoval(passkey, last, (say) =>
    confirmed({ userId, say }, () => call("DELETE", `/v1/passkeys/${passkey.id}${last ? "?confirm_last=true" : ""}`)),
  );
  if (removed) {
    await refresh().catch(report);
    show({ tone: "good", text: `${passkey.name} was removed.`, step: "It does not open this account any more." });
    element("main").focus();
  } else {
    focusOn(passkey.id, "remove");
  }
}

/**
 * The list may have been drawn anew since the button was pressed: find the new one.
 *
 * @param {string} id
 * @param {string} action
 */
function focusOn(id, action) {
  const item = document.querySelector(`[data-passkey="${CSS.escape(id)}"] [data-action="${action}"]`);
  if (item instanceof HTMLElement) {
    item.focus();
  }
}

element("add").addEventListener("click", () => void busy(element("add"), add));

element("sign-out").addEventListener("click", () => {
  void busy(element("sign-out"), async () => {
    try {
      await call("POST", "/v1/session/logout", {});
      location.assign("/signin");
    } catch (error) {
      show(explain(error, "get"));
    }
  });
});

ready();
display(JSON.parse(element("data").textContent ?? ""));

// A page from the browser's back-forward cache may show an account that was left in the meantime.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    void refresh().catch(report);
  }
});
