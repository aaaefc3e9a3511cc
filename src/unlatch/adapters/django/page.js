// @ts-check
// What the template tags of the Django app write, brought to life. Elements say by data-passkey what they are for.
import { explain, Passkeys } from "./unlatch.js";

const passkeys = new Passkeys(new URL(".", import.meta.url).pathname.replace(/\/$/, ""));

/** @param {string} text */
function say(text) {
  for (const element of document.querySelectorAll("[data-passkey=status]")) {
    element.textContent = text;
  }
}

/** @param {unknown} error @param {"create" | "get"} ceremony */
function sayWhy(error, ceremony) {
  const { sentence, nextStep } = explain(error, ceremony);
  say(`${sentence} ${nextStep}`);
}

/** @param {HTMLElement} element */
function goOn(element) {
  const { next } = element.dataset;
  const address = next === undefined ? undefined : new URL(next, document.baseURI);
  if (address !== undefined && /^https?:$/.test(address.protocol)) {
    location.assign(address);
  } else {
    // No address, or a script in its place.
    location.reload();
  }
}

/** @param {HTMLFormElement} form @param {string} name */
function field(form, name) {
  const value = new FormData(form).get(name);
  return typeof value === "string" ? value : undefined;
}

/**
 * What is done, and with which event it begins.
 *
 * @type {Record<string, {begins: "click" | "submit", ceremony: "create" | "get", work: (element: any) => Promise<any>}>}
 */
const KINDS = {
  "sign-in": { begins: "click", ceremony: "get", work: () => passkeys.signIn() },
  "second-factor": { begins: "click", ceremony: "get", work: () => passkeys.signIn({ secondFactor: true }) },
  "sign-up": {
    begins: "submit",
    ceremony: "create",
    work: (form) => passkeys.signUp(field(form, "username") ?? "", field(form, "display_name")),
  },
  "sign-out": { begins: "click", ceremony: "get", work: () => passkeys.signOut() },
  add: { begins: "click", ceremony: "create", work: () => passkeys.add() },
  confirm: { begins: "click", ceremony: "get", work: (button) => passkeys.confirm(button.dataset.purpose) },
  rename: {
    begins: "submit",
    ceremony: "get",
    work: (form) => passkeys.rename(form.dataset.id, field(form, "name") ?? ""),
  },
  remove: { begins: "click", ceremony: "get", work: (button) => remove(button) },
};

/** @param {HTMLElement} button */
async function remove(button) {
  const last = button.dataset.last !== undefined;
  if (last && !window.confirm(button.dataset.last)) {
    return false;
  }
  await passkeys.remove(button.dataset.id ?? "", { last });
  return true;
}

for (const [kind, { begins, ceremony, work }] of Object.entries(KINDS)) {
  for (const element of document.querySelectorAll(`[data-passkey=${kind}]`)) {
    element.addEventListener(begins, async (event) => {
      event.preventDefault();
      try {
        if ((await work(element)) !== false) {
          goOn(/** @type {HTMLElement} */ (element));
        }
      } catch (error) {
        sayWhy(error, ceremony);
        await offer();
      }
    });
  }
}

// A form that is sent once its purpose is confirmed.
for (const element of document.querySelectorAll("form[data-passkey-confirm]")) {
  const form = /** @type {HTMLFormElement} */ (element);
  let confirmed = false;
  form.addEventListener("submit", async (event) => {
    if (confirmed) {
      confirmed = false;
      return;
    }
    event.preventDefault();
    try {
      await passkeys.confirm(form.dataset.passkeyConfirm ?? "");
      confirmed = true;
      // With the button that was pressed: its name and value belong to what is sent.
      form.requestSubmit(event.submitter);
    } catch (error) {
      sayWhy(error, "get");
    }
  });
}

// Everything listens: what was written disabled until then can be pressed.
const WAITING = "button[data-passkey], form[data-passkey] button, form[data-passkey-confirm] button";
for (const button of document.querySelectorAll(WAITING)) {
  /** @type {HTMLButtonElement} */ (button).disabled = false;
}

/** Offer passkeys in the field for the name, where the page has one. */
async function offer() {
  const input = /** @type {HTMLElement | null} */ (document.querySelector("input[data-passkey=autofill]"));
  if (input !== null) {
    await passkeys.autofill(() => goOn(input), (error) => sayWhy(error, "get"));
  }
}

await offer();
if (document.querySelector("[data-passkey=list]") !== null) {
  // Asking for the list tells passkey managers which passkeys there are, and what the user is called now.
  await passkeys.list().catch(() => undefined);
}
