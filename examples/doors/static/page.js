// @ts-check
import { call, explain, Passkeys } from "/webauthn/unlatch.js";

const passkeys = new Passkeys("/webauthn");

/** @param {string} id @returns {any} */
const element = (id) => document.getElementById(id);

/** @param {string} text */
function say(text) {
  element("status").textContent = text;
}

/** @param {unknown} error @param {"create" | "get"} ceremony */
function sayWhy(error, ceremony) {
  const { sentence, nextStep } = explain(error, ceremony);
  say(`${sentence} ${nextStep}`);
}

async function show() {
  try {
    await showAccount(await passkeys.user());
  } catch (error) {
    say(`${explain(error, "get").sentence} Reload this page to try again.`);
  }
}

/** @param {{username: string} | null} user */
async function showAccount(user) {
  const place = element(user === null ? "outside" : "inside");
  keepFocus(place, () => {
    element("outside").hidden = user !== null;
    element("inside").hidden = user === null;
  });
  if (user === null) {
    await passkeys.autofill(entered, (error) => sayWhy(error, "get"));
    return;
  }
  const found = await passkeys.list();
  const lines = found.map((passkey) => line(passkey, found.length === 1));
  keepFocus(place, () => element("passkeys").replaceChildren(...lines));
}

/**
 * Whoever uses the keyboard goes on nearby when what they pressed goes away, and not at the top of the page.
 *
 * @param {HTMLElement} place @param {() => void} change
 */
function keepFocus(place, change) {
  const focused = document.activeElement;
  change();
  if (focused !== null && (!focused.isConnected || focused.closest("[hidden]") !== null)) {
    place.focus();
  }
}

/** @param {import("../../../src/unlatch/adapters/http/static/unlatch.js").Passkey} passkey @param {boolean} last */
function line(passkey, last) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  button.textContent = "Remove";
  button.ariaLabel = `Remove ${passkey.name}`;
  on(button, "get", async () => {
    if (!last || window.confirm("This is your last passkey: without it you cannot sign in again. Remove it?")) {
      await passkeys.remove(passkey.id, { last });
      say(`${passkey.name} was removed.`);
    }
  });
  item.append(passkey.name, button);
  return item;
}

async function entered() {
  say("You are signed in.");
  await show();
}

/**
 * @param {HTMLElement} button
 * @param {"create" | "get"} ceremony
 * @param {() => Promise<void>} work
 */
function on(button, ceremony, work) {
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    try {
      await work();
    } catch (error) {
      sayWhy(error, ceremony);
    }
    await show();
  });
}

on(element("sign-in"), "get", async () => {
  await passkeys.signIn({ username: element("name").value.trim() || undefined });
  say("You are signed in.");
});
on(element("sign-up"), "create", async () => {
  await passkeys.signUp(element("name").value);
  say("Your account is ready.");
});
on(element("add"), "create", async () => {
  await passkeys.add();
  say("The passkey was added.");
});
on(element("launch"), "get", async () => {
  await passkeys.confirm("launch");
  const { by } = await call("POST", "/launch", {});
  say(`Launched by ${by}.`);
});
on(element("sign-out"), "get", async () => {
  await passkeys.signOut();
  say("You are signed out.");
});

await show();
