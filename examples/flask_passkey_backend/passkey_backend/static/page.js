import { Autofill, createPasskey, explain, getPasskey, Problem } from "/unlatch.js";

/** @param {string} id @returns {any} */
const element = (id) => document.getElementById(id);
const say = (text) => (element("status").textContent = text);

/** Call a route; a refusal is an exception with the server's sentence. */
async function call(method, path, body) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`/passkey/${path}`, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) {
    throw new Problem(response.status, "refused", answer.error);
  }
  return answer;
}

async function register(user) {
  const options = await call("POST", "register-passkey", user);
  await call("POST", "verify-register-passkey", { credential: await createPasskey(options) });
}

async function signIn(credential) {
  await call("POST", "verify-login-passkey", { credential });
}

const autofill = new Autofill({
  begin: async () => {
    const options = await call("POST", "login-passkey");
    return { ceremony_id: "", expires_in: options.timeout / 1000, options };
  },
  finish: async (begun, credential) => {
    await signIn(credential);
    say("You are signed in.");
    await show();
  },
  failed: (problem) => say(problem.detail),
});

async function show() {
  const account = await call("GET", "account");
  const isIn = account.user_id !== "";
  element("outside").hidden = isIn;
  element("inside").hidden = !isIn;
  element("who").textContent = account.username;
  element("passkeys").replaceChildren(...account.credentials.map(line));
  element("add").onclick = act("create", async () => {
    await register(account);
    say("The passkey was added.");
  });
  if (!isIn) {
    void autofill.start();
  }
}

function line(credential, index) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const name = `Passkey ${index + 1} (${credential.credential_backed_up ? "synced" : "on one device"})`;
  button.textContent = "Remove";
  button.ariaLabel = `Remove ${name}`;
  button.onclick = act("get", async () => {
    await call("POST", "remove-passkey", { id: credential.id });
    say(`${name} was removed.`);
  });
  item.append(name, button);
  return item;
}

/** A click handler: one request of the browser at a time, and every refusal as a sentence. */
function act(ceremony, work) {
  return async () => {
    try {
      await autofill.aside(work);
    } catch (error) {
      const { sentence, nextStep } = explain(error, ceremony);
      say(`${sentence} ${nextStep}`);
    }
    await show();
  };
}

element("register").onclick = act("create", async () => {
  await register({ email: element("email").value.trim(), username: element("username").value.trim() });
  say("Your account is ready.");
});
element("sign-in").onclick = act("get", async () => {
  await signIn(await getPasskey(await call("POST", "login-passkey")));
  say("You are signed in.");
});
element("sign-out").onclick = act("get", async () => {
  await call("POST", "sign-out");
  say("You are signed out.");
});

await show();
