// @ts-check
// The one place on a page where messages appear; screen readers announce it.

/**
 * @typedef {import("./errors.js").Message} Message
 */

/** @param {string} id @returns {HTMLElement} */
export function element(id) {
  const found = document.getElementById(id);
  if (found === null) {
    throw new Error(`no element #${id}`);
  }
  return found;
}

/**
 * To be called once everything listens: what the page has disabled until then can be pressed. Before, a button would do
 * nothing, and a form would put its names into the address.
 */
export function ready() {
  for (const button of document.querySelectorAll("button:disabled")) {
    /** @type {HTMLButtonElement} */ (button).disabled = false;
  }
}

/** @param {Message} message */
export function show({ tone, text, step }) {
  const status = element("status");
  for (const icon of status.querySelectorAll("[data-tone]")) {
    icon.toggleAttribute("hidden", icon.getAttribute("data-tone") !== tone);
  }
  status.className = tone === "info" ? "status" : `status status-${tone}`;
  // Shown before it is filled: a live region speaks of changes to what is there already.
  status.hidden = false;
  element("status-text").textContent = text;
  element("status-step").textContent = step;
}

export function clear() {
  element("status").hidden = true;
  element("status-text").textContent = "";
  element("status-step").textContent = "";
}

/**
 * Run something that takes a while from a button: pressed twice it runs once, and the focus comes back to the button
 * when the browser's dialog has taken it.
 *
 * @param {HTMLElement} button
 * @param {() => Promise<void>} work
 */
export async function busy(button, work) {
  if (button.getAttribute("aria-disabled") === "true") {
    return;
  }
  button.setAttribute("aria-disabled", "true");
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-disabled");
    button.removeAttribute("aria-busy");
    if (document.activeElement === document.body) {
      button.focus();
    }
  }
}

/**
 * Say at a field what is wrong with it, or nothing.
 *
 * @param {string} id Of the input; `ID-error` is the place for the sentence.
 * @param {string} sentence Empty for no error.
 */
export function fieldError(id, sentence) {
  const input = element(id);
  const place = element(`${id}-error`);
  place.textContent = sentence;
  place.hidden = sentence === "";
  if (sentence === "") {
    input.removeAttribute("aria-invalid");
  } else {
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }
}
