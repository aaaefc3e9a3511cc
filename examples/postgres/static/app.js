// The page: it calls the functions of the schema `api` and shows what they say.
import { createPasskey, getPasskey, isSupported } from "/unlatch.js";

const element = (id) => document.getElementById(id);
const say = (text) => { element("status").textContent = text; };

async function call(name, values = {}) {
  const response = await fetch(`/rpc/${name}`, { method: "POST", body: JSON.stringify(values) });
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer.error);
  }
  return answer;
}

/** Run what a button is for, once at a time, and say what became of it. */
function on(id, event, work) {
  element(id).addEventListener(event, async (happened) => {
    happened.preventDefault();
    say("");
    try {
      await work(happened.target);
    } catch (error) {
      say(error.name === "NotAllowedError" ? "Nothing was done." : error.message);
    }
  });
}

async function show() {
  const challenge = new URLSearchParams(location.search).get("challenge");
  if (challenge !== null) {
    await showNewDevice(challenge);
    return;
  }
  const { name } = await call("current_user");
  element("signed-out").hidden = name !== null;
  element("signed-in").hidden = name === null;
  element("link").hidden = true;
  if (name !== null) {
    element("who").textContent = `Hello ${name}`;
    await showDevices();
  }
}

async function showDevices() {
  const devices = await (await fetch("/devices")).json();
  element("devices").replaceChildren(...devices.map((device) => {
    const item = document.createElement("li");
    item.append(device.name);
    if (!device.confirmed) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `Confirm ${device.name}`;
      button.addEventListener("click", async () => {
        await call("update_credential_validity", { credential_id: device.id, valid: true });
        await showDevices();
        say(`${device.name} may sign in now.`);
      });
      item.append(button);
    }
    return item;
  }));
}

async function showNewDevice(challenge) {
  const options = await call("get_credential_creation_options", { challenge });
  if (options === null) {
    say("This link is no longer valid.");
    return;
  }
  element("new-device").hidden = false;
  element("whose").textContent = `It will belong to ${options.publicKey.user.name}.`;
  on("add", "click", async () => {
    await call("store_credential", { credential: await createPasskey(options.publicKey) });
    element("new-device").hidden = true;
    say("Added. Confirm it on the device where you are signed in.");
  });
}

on("sign-up", "submit", async (form) => {
  const options = await call("sign_up", Object.fromEntries(new FormData(form)));
  await call("store_credential", { credential: await createPasskey(options.publicKey) });
  await show();
});

on("sign-in", "click", async () => {
  const options = await call("sign_in");
  const { confirmed } = await call("verify_assertion", { credential: await getPasskey(options.publicKey) });
  await show();
  if (!confirmed) {
    say("This device waits to be confirmed.");
  }
});

on("other-device", "submit", async (form) => {
  const values = { ...Object.fromEntries(new FormData(form)), other_device: true };
  const { publicKey } = await call("init_credential", values);
  const query = `?challenge=${publicKey.challenge}`;
  element("qr").src = `/qr.svg${query}`;
  element("url").href = element("url").textContent = `${location.origin}/${query}`;
  element("link").hidden = false;
});

on("refresh", "click", showDevices);
on("sign-out", "click", async () => {
  await call("sign_out");
  await show();
});

if (isSupported()) {
  show().catch((error) => say(error.message));
} else {
  say("This browser has no passkeys.");
}
