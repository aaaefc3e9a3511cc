// @ts-check
// Draws the list of passkeys.

import { element } from "./status.js";
import { ago, day, full } from "./times.js";

/**
 * @typedef {{id: string, name: string, provider: string | null, synced: boolean, can_sync: boolean | null,
 *   transports: string[], created_at: string | null, last_used_at: string | null, current: boolean}} Passkey
 * @typedef {{rename: (passkey: Passkey) => void, remove: (passkey: Passkey, last: boolean) => void}} Actions
 */

/** @param {Passkey[]} passkeys @param {Actions} actions */
export function showPasskeys(passkeys, actions) {
  const items = passkeys.map((passkey) => card(passkey, passkeys.length === 1, actions));
  element("passkeys").replaceChildren(...items);
  element("empty").hidden = passkeys.length > 0;
  element("nudge").hidden = passkeys.length !== 1;
}

/** @param {Passkey} passkey @param {boolean} last @param {Actions} actions @returns {HTMLElement} */
function card(passkey, last, actions) {
  const template = /** @type {HTMLTemplateElement} */ (element("passkey"));
  const item = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
  /** @param {string} selector @returns {HTMLElement} */
  const part = (selector) => /** @type {HTMLElement} */ (item.querySelector(selector));

  item.dataset.passkey = passkey.id;
  part('[data-field="name"]').textContent = passkey.name;
  part('[data-field="provider"]').textContent = passkey.provider ?? "";
  part('[data-fact="provider"]').hidden = passkey.provider === null || passkey.provider === passkey.name;
  time(part('[data-field="created"]'), passkey.created_at, day);
  // Making a passkey signs in with it too.
  time(part('[data-field="used"]'), passkey.last_used_at ?? (passkey.current ? passkey.created_at : null), ago);

  part('[data-badge="current"]').hidden = !passkey.current;
  part('[data-badge="synced"]').hidden = !passkey.synced;
  part('[data-badge="device"]').hidden = passkey.synced;
  const roaming = passkey.transports.length > 0 && passkey.transports.every((way) => ROAMING.has(way));
  part('[data-icon="synced"]').hidden = !passkey.synced;
  part('[data-icon="key"]').hidden = passkey.synced || !roaming;
  part('[data-icon="device"]').hidden = passkey.synced || roaming;

  const rename = part('[data-action="rename"]');
  rename.setAttribute("aria-label", `Rename ${passkey.name}`);
  rename.addEventListener("click", () => actions.rename(passkey));
  const remove = part('[data-action="remove"]');
  remove.setAttribute("aria-label", `Remove ${passkey.name}`);
  remove.addEventListener("click", () => actions.remove(passkey, last));
  return item;
}

const ROAMING = new Set(["usb", "nfc", "ble", "smart-card"]);

/** @param {HTMLElement} place @param {string | null} value @param {(date: Date) => string} inWords */
function time(place, value, inWords) {
  if (value === null) {
    place.textContent = "never";
    return;
  }
  const date = new Date(value);
  place.setAttribute("datetime", value);
  place.title = full(date);
  place.textContent = inWords(date);
}
