// @ts-check
// The two dialogs of the account page. Each resolves to whether it was done; errors are said inside the dialog.

import { explain } from "./errors.js";
import { busy, element } from "./status.js";

/**
 * @typedef {import("./passkeys.js").Passkey} Passkey
 */

/**
 * Open a dialog and wait until it is closed.
 *
 * @param {HTMLDialogElement} dialog
 * @param {() => Promise<boolean>} submit Returns whether it is done and the dialog can close.
 * @returns {Promise<boolean>}
 */
function ask(dialog, submit) {
  return new Promise((resolve) => {
    const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
    const button = /** @type {HTMLElement} */ (form.querySelector('[type="submit"]'));
    const controller = new AbortController();
    const { signal } = controller;
    let done = false;
    form.addEventListener(
      "submit",
      (event) => {
        event.preventDefault();
        void busy(button, async () => {
          done = await submit();
          if (done) {
            dialog.close();
          }
        });
      },
      { signal },
    );
    for (const close of form.querySelectorAll("[data-close]")) {
      close.addEventListener("click", () => dialog.close(), { signal });
    }
    dialog.addEventListener(
      "close",
      () => {
        controller.abort();
        resolve(done);
      },
      { signal },
    );
    dialog.showModal();
  });
}

/**
 * @param {Passkey} passkey
 * @param {(name: string) => Promise<void>} rename
 */
export function askName(passkey, rename) {
  const input = /** @type {HTMLInputElement} */ (element("rename-name"));
  input.value = passkey.name;
  clearError("rename-name", "rename-error");
  const answer = ask(/** @type {HTMLDialogElement} */ (element("rename")), async () => {
    try {
      await rename(input.value);
      return true;
    } catch (error) {
      sayError("rename-error", error);
      input.setAttribute("aria-invalid", "true");
      input.focus();
      return false;
    }
  });
  input.select();
  return answer;
}

/**
 * @param {Passkey} passkey
 * @param {boolean} last Whether it is the account's last one: then a second confirmation is needed.
 * @param {(say: (message: import("./errors.js").Message) => void) => Promise<void>} remove Told where to speak: while a
 *   dialog is open nobody hears the rest of the page.
 */
export function askRemoval(passkey, last, remove) {
  const confirm = /** @type {HTMLInputElement} */ (element("remove-confirm"));
  const button = /** @type {HTMLButtonElement} */ (element("remove-button"));
  element("remove-name").textContent = passkey.name;
  element("remove-last").hidden = !last;
  confirm.checked = false;
  button.disabled = last;
  confirm.onchange = () => {
    button.disabled = !confirm.checked;
  };
  element("remove-error").hidden = true;
  say("");
  return ask(/** @type {HTMLDialogElement} */ (element("remove")), async () => {
    element("remove-error").hidden = true;
    try {
      await remove(({ text, step }) => say(`${text} ${step}`));
      return true;
    } catch (error) {
      say("");
      sayError("remove-error", error);
      return false;
    }
  });
}

/** @param {string} text */
function say(text) {
  element("remove-status").textContent = text;
}

/** @param {string} place @param {unknown} error */
function sayError(place, error) {
  const { text, step } = explain(error, "create");
  element(place).textContent = [text, step].filter(Boolean).join(" ");
  element(place).hidden = false;
}

/** @param {string} input @param {string} place */
function clearError(input, place) {
  element(input).removeAttribute("aria-invalid");
  element(place).textContent = "";
  element(place).hidden = true;
}
